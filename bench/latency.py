"""How soon one recording of five seconds is answered, with the server at rest, by transport and format.

    uv run --project backend python -m bench.latency [--rounds 30] [--json FILE]

A client on the same machine sends the recording as one message, so that the moment before sending is the moment the
last byte is received, less the time of the upload over loopback; figures include that upload. In every reading
another word is wrong, so that the advice is new and has to be spoken.

"Outside the models" is the whole time to `complete`, seen by the client, less the stages in which a model runs
(listening, speaking), as the server reports them: transport, base64, JSON, checks, decoding the audio, the sentence
graph, saving, the coach. Of these, unpacking opus alone takes FFmpeg about 2 ms for each second of audio: the column
"wav" shows the rest.
"""

import argparse
import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from bench.readings import SENTENCE, as_browser_recording, as_wav, seconds_of, shown_sentences, spoken_mp3
from bench.results import Figure, machine, summarise, write_json
from bench.running_server import running_server
from sounditout.analysis.events import Analysis, Complete, Error, ProcessingStarted
from sounditout.client import Client, TransportName

WARM_UP = 4
MODEL_STAGES = ("listening", "speaking")
TRANSPORTS: tuple[TransportName, ...] = ("ws", "sse")
TARGETS = {"analysis": 150.0, "complete": 350.0, "outside the models": 10.0}


@dataclass(slots=True)
class Samples:
    """Milliseconds, one list per thing measured, one entry per recording."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, milliseconds: float) -> None:
        self.by_name.setdefault(name, []).append(milliseconds)


async def read_once(client: Client, audio: bytes, shown: str, samples: Samples) -> None:
    """One recording; adds to `samples` when each event came."""
    sent = time.perf_counter()
    async for event in client.analyze(audio, "reading", shown):
        elapsed = (time.perf_counter() - sent) * 1000
        match event:
            case ProcessingStarted():
                samples.add("processing_started", elapsed)
            case Analysis():
                samples.add("analysis", elapsed)
            case Complete():
                samples.add("complete", elapsed)
                add_stages(samples, elapsed, event.data.timings)
            case Error():
                raise RuntimeError(event.data.message)
            case _:
                pass


def add_stages(samples: Samples, elapsed: float, timings: dict[str, float]) -> None:
    """What the server says about its stages, and what is left of the whole without the models."""
    models = sum(timings.get(stage, 0.0) for stage in MODEL_STAGES)
    samples.add("outside the models", elapsed - models)
    for stage, milliseconds in timings.items():
        samples.add(f"server: {stage}", milliseconds)


async def measure(url: str, recordings: Mapping[str, bytes], rounds: int) -> dict[str, Samples]:
    """All combinations in turn, recording by recording, so that all see the same machine."""
    shown = shown_sentences()
    async with AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(Client(url, name)) for name in TRANSPORTS}
        for client in clients.values():
            await client.guest()
        runs = [(client, kind, f"{name} {kind}") for kind in recordings for name, client in clients.items()]
        measured = {title: Samples() for _, _, title in runs}
        for number in range(WARM_UP + rounds):
            for client, kind, title in runs:
                samples = measured[title] if number >= WARM_UP else Samples()
                await read_once(client, recordings[kind], next(shown), samples)
    return measured


def table(measured: Mapping[str, Mapping[str, Figure]]) -> Table:
    """Medians and 95th percentiles side by side."""
    view = Table("milliseconds: median (p95)", title=f"“{SENTENCE}”")
    for title in (*measured, "target"):
        view.add_column(title, justify="right")
    for name in next(iter(measured.values())):
        cells = [f"{figures[name].median:.1f} ({figures[name].p95:.1f})" for figures in measured.values()]
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
        samples = asyncio.run(measure(url, recordings, options.rounds))
    figures = {title: summarise(one.by_name) for title, one in samples.items()}
    sizes = ", ".join(f"{kind} {len(audio)} bytes" for kind, audio in recordings.items())
    console = Console(width=120)
    console.print(f"{machine()}; {seconds_of(spoken):.1f} s of speech, {sizes}; {options.rounds} rounds")
    console.print(table(figures))
    write_json(options.json, {"machine": machine(), "rounds": options.rounds, "figures": figures})


if __name__ == "__main__":
    main()
