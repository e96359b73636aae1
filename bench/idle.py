"""What a connection costs on which nothing happens, beside a WebSocket of uvicorn's that does nothing at all.

    uv run --project backend python -m bench.idle [--connections 1000] [--rounds 3] [--json FILE]

In every round each server starts anew in a process of its own, one after the other (`bench.idle_servers` says what
they are). Some clients connect and leave first, so that everything is loaded that is loaded once. Then as many
connect as were asked for, each a user of their own with a token, and stay. The memory the server uses then, less what
it used before, is shared among them; buffers of the kernel are not in it. This process is the client of both.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from bench.results import figure, machine, write_json

SERVERS: Final = ("bare", "ours")
WARM_UP: Final = 50
"""Connections that come and go before the first look."""
AT_ONCE: Final = 50
"""Handshakes under way at a time: more would only wait in the backlog."""
TARGET: Final = 1.3
"""Times what a bare connection costs."""
SPARE_FILES: Final = 100
"""Besides the connections: the database, listening sockets, libraries."""
PATH: Final = "/api/ai/ws/audio-analysis"


@dataclass(frozen=True, slots=True)
class MeasuredServer:
    """A server in another process, which answers questions about its memory."""

    name: str
    url: str
    tokens: tuple[str, ...]
    process: "subprocess.Popen[str]"

    def memory(self) -> dict[str, int]:
        """Bytes in use, once garbage has been collected: `rss` and `private`."""
        assert self.process.stdin is not None  # noqa: S101  (it was started with pipes)
        self.process.stdin.write("memory\n")
        self.process.stdin.flush()
        return answer_of(self.process)


def answer_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The next line of JSON; raises RuntimeError when the process has ended."""
    assert process.stdout is not None  # noqa: S101  (it was started with pipes)
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the server ended with exit code {process.wait()}")
    fields: dict[str, Any] = json.loads(line)
    return fields


@contextmanager
def measured_server(name: str, users: int) -> Iterator[MeasuredServer]:
    """Start one of `SERVERS`, with tokens for so many users; it ends with the block."""
    command = [sys.executable, "-m", "bench.idle_servers", name, str(users)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            greeting = answer_of(process)
            yield MeasuredServer(name, greeting["url"], tuple(greeting["tokens"]), process)
        finally:
            process.terminate()


@asynccontextmanager
async def connected(server: MeasuredServer, tokens: Sequence[str]) -> AsyncIterator[None]:
    """One connection for every token, each of them accepted, and greeted where that is usual."""
    address = f"ws{server.url.removeprefix('http')}{PATH}"
    turns = asyncio.Semaphore(AT_ONCE)

    async def open_one(token: str) -> ClientConnection:
        async with turns:
            headers = {"Authorization": f"Bearer {token}"}
            socket = await connect(
                address, additional_headers=headers, compression=None, proxy=None, ping_interval=None, open_timeout=60
            )
            if server.name != "bare":
                await socket.recv()
            return socket

    async with AsyncExitStack() as stack:
        sockets = await asyncio.gather(*map(open_one, tokens))
        for socket in sockets:
            stack.push_async_callback(socket.close)
        yield


async def cost_of_one(name: str, connections: int) -> dict[str, float]:
    """kB for each connection, in a server that has just started: `rss` and `private`."""
    with measured_server(name, max(connections, WARM_UP)) as server:
        async with connected(server, server.tokens[:WARM_UP]):
            pass
        before = server.memory()
        async with connected(server, server.tokens[:connections]):
            after = server.memory()
    return {kind: (after[kind] - before[kind]) / connections / 1000 for kind in before}


async def measure(connections: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """kB by server and kind of memory, one entry per round; the servers take turns."""
    measured: dict[str, dict[str, list[float]]] = {name: {} for name in SERVERS}
    for _ in range(rounds):
        for name in SERVERS:
            for kind, kilobytes in (await cost_of_one(name, connections)).items():
                measured[name].setdefault(kind, []).append(kilobytes)
    return measured


def allow_files(needed: int) -> None:
    """Let this process and its children open so many files. Raises ValueError when the system does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def ratios(measured: dict[str, dict[str, list[float]]], kinds: Iterable[str]) -> dict[str, float]:
    """Median cost of ours over that of the bare one."""
    return {kind: figure(measured["ours"][kind]).median / figure(measured["bare"][kind]).median for kind in kinds}


def table(measured: dict[str, dict[str, list[float]]], ratio: dict[str, float]) -> Table:
    """Medians side by side."""
    view = Table("kB per connection: median (largest)", *SERVERS, "ours / bare", "target")
    for kind, share in ratio.items():
        figures = [figure(measured[name][kind]) for name in SERVERS]
        cells = [f"{one.median:.1f} ({one.largest:.1f})" for one in figures]
        view.add_row(kind, *cells, f"{share:.2f}", f"≤ {TARGET}")
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="bench/results/idle.json", help="where to write the figures")
    options = parser.parse_args()
    allow_files(options.connections + SPARE_FILES)
    measured = asyncio.run(measure(options.connections, options.rounds))
    ratio = ratios(measured, ("private", "rss"))
    console = Console()
    console.print(f"{machine()}; {options.connections} connections, {options.rounds} rounds")
    console.print(table(measured, ratio))
    figures = {name: {kind: figure(values) for kind, values in kinds.items()} for name, kinds in measured.items()}
    write_json(options.json, {"machine": machine(), **vars(options), "figures": figures, "ratio": ratio})


if __name__ == "__main__":
    main()
