"""Many people read at once: is everybody answered, is every reading saved once, and does the server stay awake?

    uv run --project backend python -m bench.crowd [--users 20] [--json FILE]

The server has just started. At the same moment every user opens a WebSocket of their own and sends one recording of
five seconds, each with another word wrong, so that every advice has to be spoken anew. Meanwhile another connection
pings every ten milliseconds: a pong waits for the event loop and for nothing else, so the slowest pong bounds the
longest time the loop was stuck (the client's own delays included).
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import repeat

import httpx
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import connect

from bench.readings import as_browser_recording, shown_sentences, spoken_mp3
from bench.results import figure, machine, write_json
from bench.running_server import running_server
from sounditout.analysis.events import Analysis, Complete
from sounditout.client import Client

PING_SECONDS = 0.01
MESSAGES_PER_MINUTE = "12000"
"""Two for every ping that could be sent; at the server's own limit it would close the connection after a moment."""


async def read_aloud(client: Client, audio: bytes, shown: str) -> dict[str, float]:
    """One reading; milliseconds until its report and its end."""
    started = time.perf_counter()
    seen: dict[str, float] = {}
    async for event in client.analyze(audio, "reading.webm", shown):
        if isinstance(event, (Analysis, Complete)):
            seen[event.type] = (time.perf_counter() - started) * 1000
    return seen


async def saved_readings(url: str, client: Client) -> int:
    """How many readings the server keeps for this user."""
    headers = {"Authorization": f"Bearer {client.token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        sessions = (await http.get("/api/sessions")).json()
        answers = [await http.get(f"/api/sessions/{session['id']}/readings") for session in sessions]
    return sum(len(answer.json()) for answer in answers)


@asynccontextmanager
async def pinging(url: str) -> AsyncIterator[list[float]]:
    """Ping until the block ends; yields the round trips in milliseconds."""
    async with Client(url) as guest:
        await guest.guest()
        address = f"ws{url.removeprefix('http')}/api/ai/ws/audio-analysis"
        async with connect(
            address, additional_headers={"Authorization": f"Bearer {guest.token}"}, compression=None, proxy=None
        ) as socket:
            await socket.recv()
            trips: list[float] = []

            async def ping() -> None:
                while True:
                    started = time.perf_counter()
                    await socket.send(json.dumps({"type": "ping"}))
                    await socket.recv()
                    trips.append((time.perf_counter() - started) * 1000)
                    await asyncio.sleep(PING_SECONDS)

            task = asyncio.create_task(ping())
            try:
                yield trips
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def measure(url: str, audio: bytes, users: int) -> dict[str, object]:
    """Everybody signs in first, then all connect and read at once."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(url, "ws")) for _ in range(users)]
        for client in clients:
            await client.guest()
        async with pinging(url) as trips:
            answers = await asyncio.gather(*map(read_aloud, clients, repeat(audio), shown_sentences()))
        saved = [await saved_readings(url, client) for client in clients]
    return {
        "answered": sum("complete" in answer for answer in answers),
        "saved exactly once": saved.count(1),
        "analysis (ms)": figure([answer["analysis"] for answer in answers if "analysis" in answer]),
        "complete (ms)": figure([answer["complete"] for answer in answers if "complete" in answer]),
        "pong (ms)": figure(trips),
    }


def table(users: int, measured: dict[str, object]) -> Table:
    """What was counted and what was timed."""
    view = Table("", "result", title=f"{users} readings at once")
    for name, value in measured.items():
        view.add_row(name, f"{value} of {users}" if isinstance(value, int) else str(value))
    return view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--json", default="bench/results/crowd.json", help="where to write the figures")
    options = parser.parse_args()
    audio = as_browser_recording(spoken_mp3())
    with running_server(max_messages_per_minute=MESSAGES_PER_MINUTE) as url:
        measured = asyncio.run(measure(url, audio, options.users))
    console = Console()
    console.print(machine())
    console.print(table(options.users, measured))
    write_json(options.json, {"machine": machine(), "users": options.users, **measured})


if __name__ == "__main__":
    main()
