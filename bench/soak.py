"""Everything at once, at random, for as long as you like: is every reading answered once and saved once?

    uv run --project backend python -m bench.soak [--minutes 2] [--users 6] [--seed 1] [--json FILE]

Some users read without a pause, over the WebSocket, over SSE, or over whichever works; in one piece or while they
speak; some cancel, some ask for the same reading twice at once, some go away in the middle and come back for it.
Meanwhile connections are cut, the network falls silent or lets nobody in, and in the first half the server is stopped
or killed and started again. In the second half it lives on, and its memory is looked at.

Readings sent = answered exactly once = saved exactly once, or the exit code is 1. A reading that was cancelled may
have been saved just before that.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress

import httpx
from rich.console import Console
from rich.table import Table

from bench.ledger import ENDS, Ledger, Request
from bench.readings import SENTENCE, as_browser_recording, spoken_mp3
from bench.results import machine, write_json
from bench.running_server import LOOPBACK
from bench.tcp_proxy import TcpProxy
from bench.trouble import Restartable, Trouble
from sounditout.client import Client, ClientError, TransportName

TRANSPORTS: tuple[TransportName, ...] = ("auto", "ws", "sse")
KINDS = ("in one piece", "while speaking", "cancelled", "twice at once", "left and asked for again")
PAUSE_SECONDS = 8.0
"""Between two troubles, on average."""
SETTINGS = {
    "peer_ping_seconds": "2",
    "max_messages_per_minute": "2000",  # users here read without taking breath
    "max_requests_in_flight": "8",
}


class User:
    """Reads and reads.

    Args:
        client: to read with.
        second: the same user in another tab.
        stop: when to end.
    """

    def __init__(
        self,
        client: Client,
        second: Client,
        name: str,
        audio: bytes,
        ledger: Ledger,
        chance: random.Random,
        stop: Callable[[], bool],
    ) -> None:
        self.client, self._second = client, second
        self._name, self._audio, self._ledger, self._chance, self._stop = name, audio, ledger, chance, stop
        self.session_id = 0

    async def run(self) -> None:
        """One reading after the other."""
        self.session_id = await self.client.create_session()
        while not self._stop():
            kind = self._chance.choice(KINDS)
            request_id = str(uuid.UUID(int=self._chance.getrandbits(128)))
            request = self._ledger.open(request_id, f"{self._name}, {kind}")
            await self._read(kind, request_id, request)

    async def _read(self, kind: str, request_id: str, request: Request) -> None:
        match kind:
            case "while speaking":
                await self._listen(request, request_id, live=True)
            case "cancelled":
                request.may_be_cancelled = True
                await asyncio.gather(self._listen(request, request_id), self._cancel_soon(request_id))
            case "twice at once":
                also = self._listen(request, request_id, self._second)
                await asyncio.gather(self._listen(request, request_id), also)
            case "left and asked for again":
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._chance.uniform(0.01, 0.3)):
                        await self._listen(Request("left"), request_id)
                await self._listen(request, request_id)
            case _:
                await self._listen(request, request_id)

    async def _listen(
        self, request: Request, request_id: str, client: Client | None = None, *, live: bool = False
    ) -> None:
        request.listeners += 1
        reader, session_id = client or self.client, self.session_id
        if live:
            pieces = _spoken(self._audio)
            read = reader.analyze_live(pieces, "a.webm", SENTENCE, session_id=session_id, request_id=request_id)
        else:
            read = reader.analyze(self._audio, "a.webm", SENTENCE, session_id=session_id, request_id=request_id)
        try:
            async for event in read:
                if event.type in ENDS:
                    request.ends.append(event.type)
                    if event.type == "error":
                        request.failures.append(event.data.code)
        except ClientError as error:
            request.failures.append(f"{error.code}: {error.message}")

    async def _cancel_soon(self, request_id: str) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.4))
        with suppress(ClientError):  # the network is away; then it is simply not cancelled
            await self.client.cancel(request_id)


async def _spoken(audio: bytes) -> AsyncIterator[bytes]:
    """As a recorder gives it, only faster."""
    size = len(audio) // 10 + 1
    for at in range(0, len(audio), size):
        yield audio[at : at + size]
        await asyncio.sleep(0.12)


async def saved_readings(url: str, user: User) -> list[str]:
    """Request ids of everything that the server keeps of a user."""
    headers = {"Authorization": f"Bearer {user.client.token}"}
    found: list[str] = []
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
        before: dict[str, int] = {}
        while page := (
            await http.get(f"/api/sessions/{user.session_id}/readings", params={"limit": 200} | before)
        ).json():
            found += [reading["request_id"] for reading in page]
            before = {"before": page[-1]["id"]}
    return found


async def soak(minutes: float, users: int, seed: int) -> tuple[Ledger, Trouble, list[tuple[float, float, int]]]:
    """Run it; the ledger, the trouble that was made, and (seconds, MB, readings) of the server that lived on."""
    audio, ledger = as_browser_recording(await asyncio.to_thread(spoken_mp3)), Ledger()
    chance = random.Random(seed)  # noqa: S311  (nobody has to be kept from guessing)
    ends_at = time.monotonic() + minutes * 60
    memory: list[tuple[float, float, int]] = []
    async with AsyncExitStack() as stack:
        server = Restartable(stack.enter_context(tempfile.TemporaryDirectory(prefix="sounditout-soak-")), SETTINGS)
        stack.push_async_callback(server.stop)
        await server.ready()
        network = await stack.enter_async_context(TcpProxy(LOOPBACK, server.port))
        readers = []
        for number in range(users):
            transport = TRANSPORTS[number % 3]
            client = await stack.enter_async_context(Client(network.base_url, transport))
            await client.guest()
            second = await stack.enter_async_context(Client(network.base_url, "auto", client.token))
            own_chance = random.Random(chance.random())  # noqa: S311
            readers.append(
                User(client, second, transport, audio, ledger, own_chance, lambda: time.monotonic() > ends_at)
            )
        trouble = Trouble(server, network, chance, PAUSE_SECONDS)
        making = asyncio.create_task(trouble.run())
        reading = asyncio.gather(*(reader.run() for reader in readers))
        await asyncio.sleep(minutes * 30)
        trouble.restarts = False
        while not reading.done():
            memory.append((time.monotonic(), server.resident_bytes / 1e6, len(ledger.requests)))
            await asyncio.wait([reading], timeout=max(1.0, minutes))
        await reading
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
        network.thaw()
        for reader in readers:
            ledger.count_saved(await saved_readings(server.url, reader))
    return ledger, trouble, memory


def table(ledger: Ledger) -> Table:
    """One row per kind."""
    view = Table("readings", title="sent = answered exactly once = saved exactly once")
    for column in ("sent", "answered once", "saved once"):
        view.add_column(column, justify="right")
    rows = sorted(ledger.by_kind().items())
    total = {column: sum(row[column] for _, row in rows) for column in ("sent", "answered once", "saved once")}
    for kind, row in [*rows, ("all", total)]:
        view.add_row(kind, *(str(row[column]) for column in total))
    return view


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--users", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", default="bench/results/soak.json", help="where to write the figures")
    options = parser.parse_args()
    ledger, trouble, memory = asyncio.run(soak(options.minutes, options.users, options.seed))
    console = Console(width=120)
    console.print(f"{machine()}; {options.minutes:g} minutes, {options.users} users, seed {options.seed}")
    console.print(table(ledger))
    console.print("trouble:", ", ".join(f"{count} × {kind}" for kind, count in sorted(trouble.made.items())))
    if len(memory) > 1:
        (_, first, before), (_, last, after) = memory[len(memory) // 4], memory[-1]
        console.print(f"memory: {first:.0f} MB, and {after - before} readings later {last:.0f} MB")
    wrong = ledger.wrong()
    for request_id, request in wrong.items():
        console.print(f"[red]{request_id}[/red] {request}")
    write_json(
        options.json,
        {
            "machine": machine(),
            "sent": len(ledger.requests),
            "wrong": len(wrong),
            "kinds": ledger.by_kind(),
            "trouble": trouble.made,
            "memory": memory,
        },
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
