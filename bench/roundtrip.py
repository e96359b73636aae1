"""How many round trips an answer costs when the server is far away: WebSocket and SSE, with TLS and without.

    uv run --project backend python -m bench.roundtrip [--rounds 10] [--spoken 3] [--proxy | --both] [--json FILE]

Every packet takes 40 ms each way; `bench.far_network` says how, and that the TCP is the kernel's own (Reno, which
begins as Cubic does). Where a machine does not allow such a network, and with --proxy, everything passes a proxy that
waits; `bench.far_proxies` says what that hides. With --both, one is measured after the other.

Measured is the time from the first thing that is sent to `processing_started`, of a recording of five seconds and of
one so short that it fits into a few packets: what the long one takes more is its upload. The ways take turns, so that
on every connection some seconds pass between two requests, as they do between two sentences.

A sender may have ten packets (14 kB) under way on a new connection, and twice as many after every round trip that
filled them; after a pause it begins anew (RFC 5681, section 4.1). A recording of five seconds is 21 packets. So it
needs a round trip more, over any transport, unless it was sent while it was spoken, or the system of the sender keeps
its window (on Linux: net.ipv4.tcp_slow_start_after_idle=0, measured as "window kept"). The server can change neither.

The last rows: on a link with 1 Mbit/s towards the server, the time from the end of speaking to `analysis`, over a
WebSocket with TLS. Pieces are sent every 250 ms while the sentence is spoken, in real time.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.certificate import self_signed
from bench.exchanges import Reading
from bench.far_network import FAR, far_network, in_own_network
from bench.far_proxies import far_proxies
from bench.far_readings import (
    IN_PIECES,
    LATER,
    ROUND_TRIP,
    SECURITIES,
    Cell,
    Distance,
    Found,
    Site,
    measure,
)
from bench.readings import SENTENCE, as_browser_recording, as_wav, seconds_of, spoken_mp3
from bench.results import Figure, machine, write_json
from bench.running_server import LOOPBACK, running_server

SHORT_SENTENCE: Final = "Dog."
TARGET: Final = 1.1 * ROUND_TRIP + 5
CAPTIONS: Final = {
    "network": "after a pause a sender begins with a window of ten packets again, unless its system keeps the window",
    "proxy": "a proxy ends connections, so it hides TCP's windows: the round trip more that an upload of over ten "
    "packets takes over any transport; new connections pay for their handshake",
}


def table(over: str, found: Found) -> Table:
    """Everything side by side."""
    view = Table(
        "milliseconds: median (p95)",
        title=f"over a {over}: {ROUND_TRIP:.0f} ms there and back, to processing_started",
        caption=f"upload: what the long recording takes more than one of a few packets; {CAPTIONS[over]}",
    )
    for heading in ("TCP", "round trips", "upload", "TLS", "round trips", "upload", "target"):
        view.add_column(heading, justify="right")
    for name, by_security in found.first_words.items():
        parts = [part for security in SECURITIES for part in cell_texts(by_security[security])]
        view.add_row(name, *parts, f"≤ {TARGET:.0f}" if name in {LATER, IN_PIECES} else "")
    view.add_section()
    for kind, by_upload in found.slow.items():
        for upload, one in by_upload.items():
            view.add_row(f"1 Mbit/s up, {kind} {upload}: to analysis", "", "", "", spread(one))
    return view


def cell_texts(cell: Cell) -> tuple[str, str, str]:
    """What stands in the table."""
    return spread(cell.long), f"{cell.round_trips:.2f}", f"{cell.upload:.0f}"


def spread(one: Figure) -> str:
    """Median and 95th percentile."""
    return f"{one.median:.0f} ({one.p95:.0f})"


def recordings(sentence: str = SENTENCE) -> dict[str, Reading]:
    """`webm` and `wav` of five seconds, and a `short` one."""
    spoken, word = spoken_mp3(sentence), spoken_mp3(SHORT_SENTENCE)
    return {
        "webm": Reading(as_browser_recording(spoken), "reading.webm", sentence, seconds_of(spoken)),
        "wav": Reading(as_wav(spoken), "reading.wav", sentence, seconds_of(spoken)),
        "short": Reading(as_browser_recording(word), "reading.webm", SHORT_SENTENCE, seconds_of(word)),
    }


Measure = Callable[[Distance, Mapping[str, str]], Awaitable[Found]]
"""Measures over a distance, beyond which the servers have these addresses."""


async def over_network(ports: Mapping[str, int], measured: Measure) -> Found:
    """Over what seems to be a network."""
    with far_network([*ports.values()]) as network:
        return await measured(network, {name: f"{FAR}:{port}" for name, port in ports.items()})


async def over_proxies(ports: Mapping[str, int], measured: Measure) -> Found:
    """Over proxies that wait."""
    async with far_proxies(ports) as proxies:
        return await measured(proxies, proxies.hosts)


OVER: Final = {"network": over_network, "proxy": over_proxies}


def found_over(over: Sequence[str], readings: Mapping[str, Reading], rounds: int, spoken: int) -> dict[str, Found]:
    """Measured over each of these, with the same servers."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sounditout-bench-"))
        certificate = self_signed(Path(folder), LOOPBACK, FAR)
        host = "0.0.0.0" if "network" in over else LOOPBACK  # noqa: S104  (in a network of our own)
        near = {
            "TCP": stack.enter_context(running_server(host=host)),
            "TLS": stack.enter_context(running_server(host=host, certificate=certificate)),
        }
        trusted = {"TCP": None, "TLS": certificate.trusted()}

        async def measured(distance: Distance, far: Mapping[str, str]) -> Found:
            sites = {name: Site(near[name], far[name], trusted[name]) for name in SECURITIES}
            return await measure(sites, distance, readings, rounds, spoken)

        ports = {name: int(url.rpartition(":")[2]) for name, url in near.items()}
        return {name: asyncio.run(OVER[name](ports, measured)) for name in over}


def parsed() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="to processing_started")
    parser.add_argument("--spoken", type=int, default=3, help="rounds over the slow link")
    parser.add_argument("--sentence", default=SENTENCE, help="that is said")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--proxy", dest="over", action="store_const", const=["proxy"], default=["network"])
    way.add_argument("--both", dest="over", action="store_const", const=["network", "proxy"])
    parser.add_argument("--json", default="bench/results/roundtrip.json", help="where to write the figures")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parsed()
    console = Console(width=150)
    if "network" in options.over and not in_own_network():
        console.print("No network of its own can be made here (see bench/far_network.py): a proxy takes its place.")
        options.over = ["proxy"]
    readings = recordings(options.sentence)
    found = found_over(options.over, readings, options.rounds, options.spoken)
    sizes = {name: {"bytes": len(one.audio), "seconds": one.seconds} for name, one in readings.items()}
    console.print(f"{machine()}; {sizes}; {options.rounds} rounds, {options.spoken} over the slow link")
    for over, figures in found.items():
        console.print(table(over, figures))
    write_json(options.json, {"machine": machine(), "recordings": sizes, "round_trip_ms": ROUND_TRIP, "found": found})


if __name__ == "__main__":
    main()
