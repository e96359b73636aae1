"""How many round trips an answer costs when the server is far away: WebSocket and SSE, with TLS and without.

    uv run --project backend python -m bench.roundtrip [--rounds 10] [--spoken 3] [--json FILE]

Every packet takes 40 ms each way; `bench.far_network` says how, and that the TCP is the kernel's own (Reno, which
begins as Cubic does). Measured is the time from the first thing that is sent to `processing_started`, of a recording
of five seconds and of one so short that it fits into a few packets: what the long one takes more is its upload. The
ways take turns, so that on every connection some seconds pass between two requests, as they do between two sentences.

A sender may have ten packets (14 kB) under way on a new connection, and twice as many after every round trip that
filled them; after a pause it begins anew (RFC 5681, section 4.1). A recording of five seconds is 21 packets. So it
needs a round trip more, over any transport, unless it was sent while it was spoken, or the system of the sender keeps
its window (on Linux: net.ipv4.tcp_slow_start_after_idle=0, measured as "window kept"). The server can change neither.

The last rows: on a link with 1 Mbit/s towards the server, the time from the end of speaking to `analysis`, over a
WebSocket with TLS. Pieces are sent every 250 ms while the sentence is spoken, in real time.
"""

import argparse
import asyncio
import ssl
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

from bench.certificate import self_signed
from bench.exchanges import (
    ChunkedWebSocket,
    KeptSse,
    Learner,
    NewSse,
    NewWebSocket,
    OpenWebSocket,
    Reading,
    Way,
    report_of_pieces,
    report_of_whole,
)
from bench.far_network import FAR, FarNetwork, far_network, in_own_network, tcp_setting
from bench.readings import SENTENCE, as_browser_recording, as_wav, seconds_of, spoken_mp3
from bench.results import Figure, figure, machine, write_json
from bench.running_server import LOOPBACK, running_server

ROUND_TRIP: Final = 80.0
"""Milliseconds: from Europe to the east coast of America."""
SLOW_UP: Final = 125_000
"""Bytes a second: 1 Mbit/s."""
WARM_UP: Final = 2
"""Readings of each; the first lets a new window grow."""
SHORT_SENTENCE: Final = "Dog."
TARGET: Final = 1.1 * ROUND_TRIP + 5
LATER: Final = "WebSocket, later requests"
IN_PIECES: Final = "WebSocket, later requests, sent while speaking"
WAYS: Final[dict[str, type[Way]]] = {
    "WebSocket, first request, connecting included": NewWebSocket,
    LATER: OpenWebSocket,
    IN_PIECES: ChunkedWebSocket,
    "SSE, a connection for every request": NewSse,
    "SSE, connection kept": KeptSse,
}
WINDOW_KEPT: Final = "WebSocket, later requests, window kept"
SECURITIES: Final = ("TCP", "TLS")
UPLOADS: Final = {"whole, after the end": report_of_whole, "in pieces, while speaking": report_of_pieces}


@dataclass(frozen=True, slots=True)
class Site:
    """A server, near and far."""

    near: str
    """URL on loopback."""
    trusted: ssl.SSLContext | None

    @property
    def port(self) -> int:
        return int(self.near.rpartition(":")[2])

    def learner(self) -> Learner:
        """Somebody new, who lives far away; is made from near."""
        with httpx.Client(base_url=self.near, verify=self.trusted or False, trust_env=False, timeout=30) as http:
            token = http.post("/api/auth/guest").raise_for_status().json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            session = http.post("/api/sessions", json={}).raise_for_status().json()["id"]
        return Learner(f"{FAR}:{self.port}", self.trusted, token, session)


@dataclass(frozen=True, slots=True)
class Cell:
    """One way with one security."""

    long: Figure
    """Milliseconds to the first answer, of the long recording."""
    short: Figure
    """The same, of the short one."""

    @property
    def round_trips(self) -> float:
        return self.long.median / ROUND_TRIP

    @property
    def upload(self) -> float:
        """Milliseconds of the median that are owed to the size of the recording."""
        return max(0.0, self.long.median - self.short.median)


async def first_words(
    ways: Mapping[str, type[Way]], sites: Mapping[str, Site], readings: Mapping[str, Reading], rounds: int
) -> dict[str, dict[str, Cell]]:
    """Cells by way and security; all of them take turns."""
    async with AsyncExitStack() as stack:
        turns = {
            (name, security, size): await stack.enter_async_context(way(sites[security].learner()))
            for name, way in ways.items()
            for security in SECURITIES
            for size in readings
        }
        samples: dict[tuple[str, str, str], list[float]] = {key: [] for key in turns}
        warm_up = min(WARM_UP, rounds)
        for number in range(warm_up + rounds):
            for key, way in turns.items():
                seconds = await way.hand_in(readings[key[2]])
                if number >= warm_up:
                    samples[key].append(1000 * seconds)
    return {
        name: {
            security: Cell(figure(samples[name, security, "long"]), figure(samples[name, security, "short"]))
            for security in SECURITIES
        }
        for name in ways
    }


async def reports(site: Site, readings: Mapping[str, Reading], rounds: int) -> dict[str, dict[str, Figure]]:
    """Milliseconds from the end of speaking to the report, by format and upload."""
    learner = site.learner()
    samples: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in UPLOADS} for kind in readings}
    async with learner.socket() as socket:
        for _ in range(rounds):
            for kind, reading in readings.items():
                for name, upload in UPLOADS.items():
                    samples[kind][name].append(1000 * await upload(learner, socket, reading))
    return {kind: {name: figure(values) for name, values in by_name.items()} for kind, by_name in samples.items()}


async def measure(
    sites: Mapping[str, Site], network: FarNetwork, readings: Mapping[str, Reading], rounds: int, spoken: int
) -> tuple[dict[str, dict[str, Cell]], dict[str, dict[str, Figure]]]:
    """First words, then reports over a slow link."""
    network.delay = ROUND_TRIP / 2000
    long_and_short = {"long": readings["webm"], "short": readings["short"]}
    cells = await first_words(WAYS, sites, long_and_short, rounds)
    tcp_setting("tcp_slow_start_after_idle", "0")
    cells |= await first_words({WINDOW_KEPT: OpenWebSocket}, sites, long_and_short, rounds)
    tcp_setting("tcp_slow_start_after_idle", "1")
    network.up = SLOW_UP
    slow = await reports(sites["TLS"], {kind: readings[kind] for kind in ("webm", "wav")}, spoken)
    await asyncio.sleep(2 * ROUND_TRIP / 1000)  # the last packets are still under way
    return cells, slow


def table(cells: Mapping[str, Mapping[str, Cell]], slow: Mapping[str, Mapping[str, Figure]]) -> Table:
    """Everything side by side."""
    view = Table(
        "milliseconds: median (p95)",
        title=f"{ROUND_TRIP:.0f} ms there and back, to processing_started",
        caption="upload: what the long recording takes more than one of a few packets; after every pause a sender "
        "begins with a window of ten packets again, unless its system keeps the window",
    )
    for heading in ("TCP", "round trips", "upload", "TLS", "round trips", "upload", "target"):
        view.add_column(heading, justify="right")
    for name, by_security in cells.items():
        parts = [part for security in SECURITIES for part in cell_texts(by_security[security])]
        view.add_row(name, *parts, f"≤ {TARGET:.0f}" if name in {LATER, IN_PIECES} else "")
    view.add_section()
    for kind, by_upload in slow.items():
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="to processing_started")
    parser.add_argument("--spoken", type=int, default=3, help="rounds over the slow link")
    parser.add_argument("--sentence", default=SENTENCE, help="that is said")
    parser.add_argument("--json", default="bench/results/roundtrip.json", help="where to write the figures")
    options = parser.parse_args()
    in_own_network()
    readings = recordings(options.sentence)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sounditout-bench-"))
        certificate = self_signed(Path(folder), LOOPBACK, FAR)
        near = {
            "TCP": stack.enter_context(running_server(host="0.0.0.0")),  # noqa: S104  (a network of our own)
            "TLS": stack.enter_context(running_server(host="0.0.0.0", certificate=certificate)),  # noqa: S104
        }
        sites = {"TCP": Site(near["TCP"], None), "TLS": Site(near["TLS"], certificate.trusted())}
        network = stack.enter_context(far_network([site.port for site in sites.values()]))
        cells, slow = asyncio.run(measure(sites, network, readings, options.rounds, options.spoken))
    sizes = {name: {"bytes": len(one.audio), "seconds": one.seconds} for name, one in readings.items()}
    console = Console(width=150)
    console.print(f"{machine()}; {sizes}; {options.rounds} rounds, {options.spoken} over the slow link")
    console.print(table(cells, slow))
    write_json(
        options.json,
        {"machine": machine(), "recordings": sizes, "round_trip_ms": ROUND_TRIP, "first_words": cells, "slow": slow},
    )


if __name__ == "__main__":
    main()
