"""How soon one recording of five seconds is answered, over both transports, with the server at rest.

    uv run --project backend python -m bench.latency [--rounds 40] [--json FILE]

A client on the same machine sends the recording as one message, so that the moment before sending is the moment the
last byte is received, less the time of the upload over loopback; figures include that upload. "Outside the models" is
the whole time to `complete`, seen by the client, less the stages in which a model runs (listening, speaking), as the
server reports them: transport, base64, JSON, decoding the audio, scoring, saving and the coach.
"""

import argparse
import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from bench.readings import SENTENCE, as_browser_recording, seconds_of, spoken_mp3
from bench.results import Figure, machine, summarise, write_json
from bench.running_server import running_server
from sounditout.analysis.events import Analysis, Complete, Error, ProcessingStarted
from sounditout.client import Client, TransportName

WARM_UP = 4
MODEL_STAGES = ("listening", "speaking")
TARGETS = {"analysis": 150.0, "complete": 350.0, "outside the models": 10.0}


@dataclass(slots=True)
class Samples:
    """Milliseconds, one list per thing measured, one entry per recording."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, milliseconds: float) -> None:
        self.by_name.setdefault(name, []).append(milliseconds)


async def read_once(client: Client, audio: bytes, samples: Samples) -> None:
    """One recording; adds to `samples` when each event came."""
    sent = time.perf_counter()
    async for event in client.analyze(audio, "reading.webm", SENTENCE):
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


async def measure(url: str, audio: bytes, rounds: int) -> dict[TransportName, Samples]:
    """Both transports in turn, recording by recording, so that both see the same machine."""
    measured: dict[TransportName, Samples] = {"ws": Samples(), "sse": Samples()}
    async with Client(url, "ws") as socket, Client(url, "sse") as streams:
        clients: dict[TransportName, Client] = {"ws": socket, "sse": streams}
        for client in clients.values():
            await client.guest()
            for _ in range(WARM_UP):
                await read_once(client, audio, Samples())
        for _ in range(rounds):
            for name, client in clients.items():
                await read_once(client, audio, measured[name])
    return measured


def table(measured: Mapping[TransportName, dict[str, Figure]]) -> Table:
    """Medians and 95th percentiles side by side."""
    view = Table("milliseconds", title=f"“{SENTENCE}”")
    for transport in measured:
        view.add_column(f"{transport}: median", justify="right")
        view.add_column("p95", justify="right")
    view.add_column("target", justify="right")
    for name in next(iter(measured.values())):
        cells = [f"{figure[name].median:.1f}|{figure[name].p95:.1f}" for figure in measured.values()]
        target = f"≤ {TARGETS[name]:.0f}" if name in TARGETS else ""
        view.add_row(name, *[part for cell in cells for part in cell.split("|")], target)
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", default="bench/results/latency.json", help="where to write the figures")
    options = parser.parse_args()
    audio = as_browser_recording(spoken_mp3())
    with running_server() as url:
        samples = asyncio.run(measure(url, audio, options.rounds))
    figures = {name: summarise(one.by_name) for name, one in samples.items()}
    console = Console()
    console.print(f"{machine()}; webm/opus, {seconds_of(audio):.1f} s, {len(audio)} bytes; {options.rounds} rounds")
    console.print(table(figures))
    write_json(options.json, {"machine": machine(), "rounds": options.rounds, "figures": figures})


if __name__ == "__main__":
    main()
