"""Words while they are read, and what they cost others: eight people read at the same time on this machine.

    uv run --project backend python -m bench.live [--users 8] [--rounds 4] [--sentence TEXT] [--json FILE]

Every user reads the same five seconds aloud, in real time, each beginning at another moment. In one half of the
rounds the recording travels in pieces of a quarter of a second while it is made, and the server tells the words it
has heard; in the other half it is sent in one piece at the end. Printed are the time from the end of speaking to the
report and to the end, side by side, and how many seconds of speech lay between two lists of words: for one reader
alone, who has a worker for himself, and for all.
"""

import argparse
import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

from rich.console import Console
from rich.table import Table

from bench.readings import SENTENCE, as_browser_recording, seconds_of, shown_sentences, spoken_mp3
from bench.results import Figure, machine, summarise, write_json
from bench.running_server import running_server
from sounditout.analysis.events import Analysis, Complete, Partial
from sounditout.client import Client

PIECE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Speech:
    """What everybody says.

    Attributes:
        audio: as a browser records it.
    """

    said: str
    audio: bytes
    seconds: float

    @classmethod
    def of(cls, said: str) -> "Speech":
        spoken = spoken_mp3(said)
        return cls(said, as_browser_recording(spoken), seconds_of(spoken))


class Reader:
    """Somebody who reads aloud.

    Args:
        samples: figures by name, in milliseconds or seconds as the name says; added to.
    """

    def __init__(self, client: Client, speech: Speech, samples: dict[str, list[float]]) -> None:
        self._client, self._speech, self._samples = client, speech, samples
        self._stopped_speaking = 0.0

    async def read(self, shown: str, way: str, after: float = 0.0) -> None:
        """One reading, which begins so many seconds from now."""
        await asyncio.sleep(after)
        if way == "in pieces":
            events = self._client.analyze_live(self._speak(), "a.webm", shown)
        else:
            audio = b"".join([piece async for piece in self._speak()])
            events = self._client.analyze(audio, "a.webm", shown)
        heard = [0.0]
        async for event in events:
            match event:
                case Partial():
                    heard.append(event.data.heard_seconds)
                case Analysis() | Complete():
                    self._add(f"{event.type} {way} (ms)", (perf_counter() - self._stopped_speaking) * 1000)
                case _:
                    pass
        for before, now in pairwise(heard):
            self._add("between two lists of words (s)", now - before)

    async def _speak(self) -> AsyncIterator[bytes]:
        """The recording, as fast as it was spoken."""
        started, pieces = perf_counter(), round(self._speech.seconds / PIECE_SECONDS)
        size = -(-len(self._speech.audio) // pieces)
        for number in range(pieces):
            await asyncio.sleep(started + (number + 1) * PIECE_SECONDS - perf_counter())
            yield self._speech.audio[number * size : (number + 1) * size]
        self._stopped_speaking = perf_counter()

    def _add(self, name: str, value: float) -> None:
        self._samples.setdefault(name, []).append(value)


async def measure(url: str, speech: Speech, users: int, rounds: int) -> dict[str, dict[str, Figure]]:
    """Figures for one reader alone, and for all at once."""
    shown, chance = shown_sentences(speech.said), random.Random(1)  # noqa: S311
    alone: dict[str, list[float]] = {}
    together: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(url, "ws")) for _ in range(users)]
        for client in clients:
            await client.guest()
        for _ in range(rounds):
            for way in ("in pieces", "in one piece"):
                await Reader(clients[0], speech, alone).read(next(shown), way)
                readers = [Reader(client, speech, together) for client in clients]
                starts = [chance.uniform(0, speech.seconds) for _ in readers]
                await asyncio.gather(
                    *(reader.read(next(shown), way, start) for reader, start in zip(readers, starts, strict=True))
                )
    return {"one reader": summarise(alone), f"{users} readers": summarise(together)}


def table(figures: dict[str, dict[str, Figure]]) -> Table:
    """One column per crowd."""
    view = Table("median (p95, largest)", *figures)
    for name in next(iter(figures.values())):
        cells = [f"{row[name].median:.2f} ({row[name].p95:.2f}, {row[name].largest:.2f})" for row in figures.values()]
        view.add_row(name, *cells)
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--sentence", default=SENTENCE, help="that is said; with a dog, a hill or a ball in it")
    parser.add_argument("--json", default="bench/results/live.json", help="where to write the figures")
    options = parser.parse_args()
    speech = Speech.of(options.sentence)
    with running_server() as url:
        figures = asyncio.run(measure(url, speech, options.users, options.rounds))
    console = Console(width=120)
    pieces = f"{speech.seconds:.1f} s of speech, pieces of {PIECE_SECONDS} s"
    console.print(f"{machine()}; {pieces}; {options.rounds} rounds")
    console.print(table(figures))
    write_json(options.json, {"machine": machine(), "rounds": options.rounds, "figures": figures})


if __name__ == "__main__":
    main()
