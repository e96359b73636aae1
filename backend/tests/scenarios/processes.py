"""Servers in processes of their own, which a test may stop and kill, and gates that hold their readings."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import fake_server
import httpx
from forked import PYTHONPATH, Forked, forked
from transports import Message, http, ready
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from serving import Learner

PATIENCE_SECONDS: Final = 50.0
"""A process loads for a second or two; on a busy machine for much longer."""
_REAL: Final = (sys.executable, "-m", "sounditout", "serve", "--port")
Line = dict[str, Any]


class Log:
    """What a process writes to stderr, one JSON object per line, read in a thread as it comes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: list[Line] = []
        self._others: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Wait until nobody writes any more."""
        self._reader.join(PATIENCE_SECONDS)

    def _read(self) -> None:
        for text in self._stream:
            with self._changed:
                try:
                    self._lines.append(json.loads(text))
                except ValueError:
                    self._others.append(text)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def all(self, event: str) -> list[Line]:
        """Lines so far that say this."""
        with self._changed:
            return [line for line in self._lines if line["event"] == event]

    @property
    def errors(self) -> list[object]:
        """What nobody wants to read in a log."""
        with self._changed:
            return [*self._others, *(line for line in self._lines if line["level"] in {"error", "critical"})]

    def wait_for(self, event: str, times: int = 1) -> list[Line]:
        """Lines that say this, when there are so many."""

        def enough() -> bool:
            return len(self.all(event)) >= times or self._ended

        with self._changed:
            assert self._changed.wait_for(enough, PATIENCE_SECONDS), f"no {event!r}: {self}"
        found = self.all(event)
        assert len(found) >= times, f"it ended without {event!r}: {self}"
        return found

    def __str__(self) -> str:
        return "\n".join([*map(str, self._lines), *self._others])


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server, parent of several processes or not.

    Attributes:
        base_url: "http://127.0.0.1:…"
        ws_url: "ws://127.0.0.1:…"
    """

    base_url: str
    ws_url: str
    process: "subprocess.Popen[str] | Forked"
    log: Log

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    @property
    def pids(self) -> list[int]:
        """Of the processes that serve."""
        return [line.get("process", self.process.pid) for line in self.log.all("ready")]

    def signal(self, number: signal.Signals) -> None:
        """To the process that was started, and to no other."""
        self.process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        return await asyncio.to_thread(self.process.wait, PATIENCE_SECONDS)

    async def logged(self, event: str, times: int = 1) -> list[Line]:
        """Wait for a line of its log."""
        return await asyncio.to_thread(self.log.wait_for, event, times)

    def new_learner(self) -> Learner:
        """A guest with a session."""
        with httpx.Client(base_url=self.base_url, timeout=30, trust_env=False) as client:
            token = client.post("/api/auth/guest").raise_for_status().json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            user = client.get("/api/users/me", headers=headers).raise_for_status().json()
            session = client.post("/api/sessions", json={}, headers=headers).raise_for_status().json()
        return Learner(user["username"], user["id"], token, session["id"])


def saved_in(folder: Path, learner: Learner) -> list[str]:
    """Request ids of a learner's readings in the database of servers that keep everything in this folder."""
    with closing(sqlite3.connect(folder / "test.db")) as database:
        rows = database.execute("SELECT request_id FROM readings WHERE session_id = ?", [learner.session_id])
        return [request_id for (request_id,) in rows]


@contextmanager
def server_process(
    folder: Path, *arguments: str, port: int = 0, processes: int = 1, real: bool = False, **options: object
) -> Iterator[ServerProcess]:
    """A server that keeps everything in a folder, serving when the block begins; killed after it.

    Args:
        arguments: see `fake_server`.
        real: with the real engines, and started with the command for it, whose arguments are given then.
        options: settings that differ from the defaults.
    """
    settings = {
        "database_url": f"sqlite:///{folder / 'test.db'}",
        "secret_file": folder / "secret.key",
        "web_dir": folder / "web",
        "processes": processes,
        **options,
    }
    environment = {
        **os.environ,
        "PYTHONPATH": PYTHONPATH,
        **{f"SOUNDITOUT_{name.upper()}": str(value) for name, value in settings.items()},
    }
    own = [str(port), *arguments]
    start = logged_process([*_REAL, *own], environment) if real else _logged_fake(own, environment)
    with start as (process, log):
        url = str(log.wait_for("listening")[0]["url"])
        log.wait_for("Application startup complete.", processes)
        yield ServerProcess(url, url.replace("http", "ws", 1), process, log)


@contextmanager
def _logged_fake(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[Forked, Log]]:
    """As `logged_process`, of a fake server."""
    with forked(fake_server.main, arguments, environment) as (process, stderr):
        log = Log(stderr)
        try:
            yield process, log
        finally:
            with suppress(ProcessLookupError):  # all have gone by themselves
                os.killpg(process.pid, signal.SIGKILL)
            log.close()


@contextmanager
def logged_process(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[tuple["subprocess.Popen[str]", Log]]:
    """A process and its log; when the block ends, it is killed together with all that it has started."""
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        log = Log(process.stderr)
        try:
            yield process, log
        finally:
            with suppress(ProcessLookupError):  # all have gone by themselves
                os.killpg(process.pid, signal.SIGKILL)
            log.close()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reading that waits at a gate.

    Attributes:
        pid: of the process that listens to it.
        let_through: to be called once.
    """

    pid: int
    let_through: Callable[[], None]


class GateKeeper:
    """Where the recognisers of all processes wait.

    Attributes:
        path: tells a server where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    async def reached(self) -> Waiting:
        """The next reading that has come so far."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._waiting.get()

    async def comes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A recogniser has connected."""
        self._writers.append(writer)
        pid = int(await reader.readline())
        self._waiting.put_nowait(Waiting(pid, writer.close))

    async def open(self) -> None:
        """Let all through who wait."""
        for writer in self._writers:
            writer.close()
            with suppress(OSError):  # its process was killed
                await writer.wait_closed()


@asynccontextmanager
async def gate_at(path: Path) -> AsyncIterator[GateKeeper]:
    """A gate; when the block ends, it lets everybody through."""
    keeper = GateKeeper(path)
    async with await asyncio.start_unix_server(keeper.comes, path):
        try:
            yield keeper
        finally:
            await keeper.open()


async def hear_until_closed(connection: ClientConnection) -> tuple[list[Message], int | None]:
    """Everything but progress, and the code of the close; None: it broke."""
    messages: list[Message] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            while True:
                messages.append(json.loads(await connection.recv()))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
    return [message for message in messages if message["type"] != "progress"], code


def kept_alive(server: ServerProcess) -> socket.socket:
    """A connection over which one request has been answered."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(b"}"):
        answer += connection.recv(4096)
    connection.settimeout(None)
    return connection


async def guests_from(server: ServerProcess, addresses: list[str]) -> list[int]:
    """The statuses with which guests behind a proxy are received."""
    async with http(server, None) as client:
        answers = [await client.post("/api/auth/guest", headers={"X-Forwarded-For": each}) for each in addresses]
    return [answer.status_code for answer in answers]


@asynccontextmanager
async def connected_to(pid: int, server: ServerProcess, learner: Learner) -> AsyncIterator[ClientConnection]:
    """A connection to this one of the processes: while it is opened, the others do nothing."""
    others = [other for other in server.pids if other != pid]
    async with AsyncExitStack() as stack:
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            connection = await stack.enter_async_context(ready(server, learner))
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)
        yield connection
