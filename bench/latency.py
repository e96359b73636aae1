"""How soon one recording of five seconds is answered, with the server at rest, by transport and format.

    uv run --project backend python -m bench.latency [--rounds 30] [--json FILE]

The recording is put on the wire as one message that was made before, so that the moment before sending is the moment
the last byte is received, less the time of the upload over loopback; figures include that upload. What comes back is
read when all of it has come. In every reading another word is wrong, so that the advice is new and has to be spoken.

In the column "ws webm in pieces" the recording comes as if it were sent while it is spoken: first most of it, with
pauses in which the server listens to what it has; then the last quarter of a second and the end, and there the clock
starts. (Spoken in real time it would be cut finer, and leave the server less time for the last of it; a look at the
recording that is under way when the end comes is given up.)

The time to `complete` falls into four parts: the models, unpacking the audio (FFmpeg needs about 2 ms for each second
of opus), verdicts and report, and everything else: transport, base64, JSON, checks, saving and the coach. The models
are listening and speaking. The search through the sentence graph is part of listening: it runs beside the second
listener's decoder, and neither waits for the other. All but the models together is "outside the models".
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from bench.exchanges import Reading, check, newcomer
from bench.readings import SENTENCE, as_browser_recording, as_wav, seconds_of, shown_sentences, spoken_mp3
from bench.results import Figure, machine, summarise, write_json
from bench.running_server import running_server
from bench.wires import Noted, SseWire, WebSocketWire

WARM_UP = 4
EVENTS = ("processing_started", "analysis", "complete")
PARTS = {
    "the models": ("listening", "speaking"),
    "unpacking the audio": ("decoding",),
    "verdicts and report": ("scoring",),
}
"""Stages as the server reports them."""
TARGETS = {"analysis": 150.0, "complete": 350.0, "outside the models": 10.0}
IN_PIECES = "ws webm in pieces"
PIECES = (0.4, 0.7, 0.95, 1.0)
"""Parts of the recording that have been sent with each piece; the last is a quarter of a second."""
PAUSE_SECONDS = 0.5
"""The server looks at a growing recording every 0.3 s, for up to 0.15 s."""
Read = Callable[[Reading], Awaitable[Noted]]


class Samples:
    """Milliseconds, one list per thing measured, one entry per recording."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[float]] = {}

    def add(self, noted: Noted) -> None:
        """Take the figures of one reading. Raises RuntimeError when it failed."""
        for at, event in noted.events:
            check(event)
            if event["type"] in EVENTS:
                self._add(event["type"], at)
        at, complete = noted.events[-1]
        self._add_parts(at, complete["data"]["timings"])

    def _add(self, name: str, milliseconds: float) -> None:
        self.by_name.setdefault(name, []).append(milliseconds)

    def _add_parts(self, elapsed: float, timings: Mapping[str, float]) -> None:
        """The whole time, taken apart by what the server says about its stages."""
        parts = {part: sum(timings.get(stage, 0.0) for stage in stages) for part, stages in PARTS.items()}
        for part, milliseconds in parts.items():
            self._add(part, milliseconds)
        self._add("everything else", elapsed - sum(parts.values()))
        self._add("outside the models", elapsed - parts["the models"])


async def measure(url: str, recordings: Mapping[str, bytes], seconds: float, rounds: int) -> dict[str, Samples]:
    """All combinations in turn, recording by recording, so that all see the same machine."""
    shown = shown_sentences()
    async with AsyncExitStack() as stack:
        host = urlsplit(url).netloc
        socket = await stack.enter_async_context(WebSocketWire(newcomer(url, host)))
        sse = await stack.enter_async_context(SseWire(newcomer(url, host)))
        runs: list[tuple[Read, str, str]] = [
            (read, kind, f"{name} {kind}")
            for kind in recordings
            for name, read in (("ws", socket.whole), ("sse", sse.whole))
        ]
        runs.insert(1, (partial(socket.in_pieces, parts=PIECES, pause=PAUSE_SECONDS), "webm", IN_PIECES))
        measured = {title: Samples() for _, _, title in runs}
        warm_up = min(WARM_UP, rounds)
        for number in range(warm_up + rounds):
            for read, kind, title in runs:
                noted = await read(Reading(recordings[kind], f"reading.{kind}", next(shown), seconds))
                if number >= warm_up:
                    measured[title].add(noted)
    return measured


def table(measured: Mapping[str, Mapping[str, Figure]]) -> Table:
    """Medians and 95th percentiles side by side."""
    view = Table("milliseconds: median (p95)", title=f"“{SENTENCE}”")
    for title in (*measured, "target"):
        view.add_column(title, justify="right")
    for name in next(iter(measured.values())):
        found = [figures.get(name) for figures in measured.values()]
        cells = ["" if one is None else f"{one.median:.1f} ({one.p95:.1f})" for one in found]
        view.add_row(name, *cells, f"≤ {TARGETS[name]:.0f}" if name in TARGETS else "")
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", default="bench/results/latency.json", help="where to write the figures")
    options = parser.parse_args()
    spoken = spoken_mp3()
    recordings = {"webm": as_browser_recording(spoken), "wav": as_wav(spoken)}
    with running_server() as url:
        samples = asyncio.run(measure(url, recordings, seconds_of(spoken), options.rounds))
    figures = {title: summarise(one.by_name) for title, one in samples.items()}
    sizes = ", ".join(f"{kind} {len(audio)} bytes" for kind, audio in recordings.items())
    console = Console(width=140)
    console.print(f"{machine()}; {seconds_of(spoken):.1f} s of speech, {sizes}; {options.rounds} rounds")
    console.print(table(figures))
    in_pieces = figures.pop(IN_PIECES)
    write_json(
        options.json,
        {"machine": machine(), "rounds": options.rounds, "figures": figures, "in_pieces": in_pieces},
    )


if __name__ == "__main__":
    main()
