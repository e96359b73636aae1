"""Where the processor time of a loaded server goes, by part of the program.

    uv run --project backend python -m bench.profiling [--readers 8] [--seconds 20] [--functions] [--json FILE]

As many readers as were asked for have one sentence after the other listened to over WebSockets, each with another
word wrong, so that a part of every advice has to be spoken anew: first with recordings in one message, as fast as
they are answered, which keeps the server busy all the time; then, at another server, with recordings that are sent in
pieces while they are spoken, in real time. `bench.sampler` says how it is counted, and how well; the profiler itself
is left out. Besides its error, about half a point, there is that of every sample: sqrt(p (1 - p) / n) for a share p
after n looks that found the server at work, which is another half for 5 % of 2,000.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.idle import answer_of
from bench.profiled_server import MODELS
from bench.readings import as_browser_recording, seconds_of, shown_sentences, spoken_mp3
from bench.results import machine, write_json
from bench.running_server import wait_until_ready
from sounditout.analysis.events import Complete, Error, Event
from sounditout.client import Client

TARGET: Final = 0.05
"""Of the processor time, for anything but a model."""
CHUNK_SECONDS: Final = 0.25
WARM_UP: Final = 2
"""Readings of everybody."""
COLLECTING: Final = "garbage collection (in the others)"
MAIN_THREAD: Final = "the event loop's thread, all that it does (in the others)"
FUNCTIONS: Final = 25


@dataclass(frozen=True, slots=True)
class ProfiledServer:
    """A server in another process."""

    url: str
    process: "subprocess.Popen[str]"

    def begin(self) -> None:
        """Begin to count."""
        self._say()

    def end(self) -> dict[str, Any]:
        """What was counted."""
        self._say()
        return answer_of(self.process)

    def _say(self) -> None:
        assert self.process.stdin is not None  # noqa: S101  (it was started with pipes)
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def profiled_server() -> Iterator[ProfiledServer]:
    """Start one; it ends with the block."""
    command = [sys.executable, "-m", "bench.profiled_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = answer_of(process)["url"]
            wait_until_ready(url, process)
            yield ProfiledServer(url, process)
        finally:
            process.terminate()


class Crowd:
    """Everybody who reads, and what they read."""

    def __init__(self, clients: list[Client], audio: bytes, seconds: float) -> None:
        self._clients = clients
        self._audio, self._seconds = audio, seconds
        self._shown = shown_sentences()

    async def read(self, one: Callable[[Client], Awaitable[None]], until: float) -> int:
        """Everybody reads until then, by `time.monotonic`, and finishes the last sentence; how many were read."""

        async def go_on(client: Client) -> int:
            readings = 0
            while time.monotonic() < until:
                await one(client)
                readings += 1
            return readings

        return sum(await asyncio.gather(*map(go_on, self._clients)))

    async def whole(self, client: Client) -> None:
        """One recording in one message."""
        await answered(client.analyze(self._audio, "reading.webm", next(self._shown)))

    async def in_pieces(self, client: Client) -> None:
        """One recording, sent while it is spoken."""
        await answered(client.analyze_live(self._spoken(), "reading.webm", next(self._shown)))

    async def _spoken(self) -> AsyncIterator[bytes]:
        count = round(self._seconds / CHUNK_SECONDS)
        for number in range(count):
            await asyncio.sleep(CHUNK_SECONDS)
            yield self._audio[len(self._audio) * number // count : len(self._audio) * (number + 1) // count]


Kind = Callable[[Crowd, Client], Awaitable[None]]
KINDS: Final[Mapping[str, Kind]] = {"in one message": Crowd.whole, "while speaking": Crowd.in_pieces}


async def answered(events: AsyncIterator[Event]) -> None:
    """Wait for the end. Raises RuntimeError when it is not `complete`."""
    last: Event | None = None
    async for event in events:
        last = event
    if isinstance(last, Complete):
        return
    raise RuntimeError(last.data.message if isinstance(last, Error) else "there was no end")


async def measure(server: ProfiledServer, kind: Kind, readers: int, seconds: float, spoken: bytes) -> dict[str, Any]:
    """What was counted."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(server.url, "ws")) for _ in range(readers)]
        for client in clients:
            await client.guest()
        crowd = Crowd(clients, as_browser_recording(spoken), seconds_of(spoken))
        read = partial(kind, crowd)
        for _ in range(WARM_UP):
            await crowd.read(read, time.monotonic() + 0.01)
        server.begin()
        readings = await crowd.read(read, time.monotonic() + seconds)
        return server.end() | {"readings": readings}


def shares(counted: Mapping[str, Any]) -> dict[str, float]:
    """Share of the processor time by part."""
    return {part: seconds / counted["cpu"] for part, seconds in counted["parts"].items()}


def table(found: Mapping[str, Mapping[str, Any]]) -> Table:
    """Side by side; what is over the target is marked."""
    view = Table("part", title="share of the server's processor time")
    by_kind = {name: shares(counted) for name, counted in found.items()}
    for name in found:
        view.add_column(name, justify="right")
    parts = sorted(
        {part for one in by_kind.values() for part in one},
        key=lambda part: -max(one.get(part, 0.0) for one in by_kind.values()),
    )
    for part in parts:
        view.add_row(part, *(mark(part, one.get(part, 0.0)) for one in by_kind.values()))
    view.add_section()
    view.add_row(MAIN_THREAD, *(f"{one['main'] / one['cpu']:.1%}" for one in found.values()))
    view.add_row(COLLECTING, *(f"{one['collecting'] / one['cpu']:.1%}" for one in found.values()))
    view.add_row("processor seconds per reading", *(f"{one['cpu'] / one['readings']:.3f}" for one in found.values()))
    view.add_row("cores in use", *(f"{one['cpu'] / one['wall']:.2f}" for one in found.values()))
    view.add_row("looks", *(str(one["looks"]) for one in found.values()))
    view.add_row("interruptions of the event loop's thread", *(str(one["interruptions"]) for one in found.values()))
    view.add_row("readings", *(str(one["readings"]) for one in found.values()))
    return view


def mark(part: str, share: float) -> str:
    """A share as it stands in the table."""
    over = share > TARGET and part not in MODELS
    return f"[bold red]over 5 %  {share:.1%}[/]" if over else f"{share:.1%}"


def functions(name: str, counted: Mapping[str, Any]) -> Table:
    """The functions that cost most."""
    view = Table("function", "share", title=f"{name}: innermost function of ours → innermost of all")
    for function, seconds in list(counted["functions"].items())[:FUNCTIONS]:
        view.add_row(function, f"{seconds / counted['cpu']:.1%}")
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each kind of reading")
    parser.add_argument("--functions", action="store_true", help="print the functions that cost most, too")
    parser.add_argument("--json", default="bench/results/profile.json", help="where to write the figures")
    options = parser.parse_args()
    spoken, found = spoken_mp3(), {}
    for name, kind in KINDS.items():
        with profiled_server() as server:  # one that has not said any of the words yet
            found[name] = asyncio.run(measure(server, kind, options.readers, options.seconds, spoken))
    console = Console(width=120)
    console.print(f"{machine()}; {options.readers} readers at once, {options.seconds:.0f} s for each kind of reading")
    console.print(table(found))
    if options.functions:
        for name, counted in found.items():
            console.print(functions(name, counted))
    write_json(options.json, {"machine": machine(), "readers": options.readers, "found": found})


if __name__ == "__main__":
    main()
