"""A real server on a real socket for tests, and somebody who uses it."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from sounditout.accounts.passwords import Passwords
from sounditout.analysis.models import Pronunciation
from sounditout.analysis.ports import Engines
from sounditout.app import create_app
from sounditout.engines.fakes import fake_engines
from sounditout.persistence.repositories import PracticeSessions, Users
from sounditout.routers import practice
from sounditout.server import Server, listen, make_server
from sounditout.services import Services
from sounditout.settings import Settings

T = TypeVar("T")
PASSWORD = "correct horse battery"

_numbers = itertools.count(1)

# Half of the time in which a server starts goes into counting the sounds of the same sentences.
practice.load_bank = cache(practice.load_bank)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server in a thread of its own.

    Attributes:
        base_url: "http://127.0.0.1:…"
        ws_url: "ws://127.0.0.1:…"
    """

    base_url: str
    ws_url: str
    app: FastAPI
    settings: Settings
    process: Server
    loop: asyncio.AbstractEventLoop

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """An HTTP client; close it."""
        # Plain HTTP has nothing to verify, and loading certificates takes 0.1 s.
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=30, trust_env=False, verify=False)  # noqa: S501

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """`await work` in the server's own event loop, where its services live."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)


@dataclass(frozen=True, slots=True)
class Learner:
    """A registered user with a token and a practice session."""

    username: str
    user_id: int
    token: str
    session_id: int

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class _Serving(threading.Thread):
    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(name="test-server", daemon=True)
        self.socket = listen("127.0.0.1", 0)
        self.server = make_server(app, settings)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.settled = threading.Event()
        """Set when the server accepts connections, or has ended without doing so."""

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self.settled.set()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        started = self.server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await started(sockets)
            self.settled.set()

        self.server.startup = startup  # type: ignore[method-assign]
        await self.server.serve([self.socket])


@contextmanager
def serving(settings: Settings, engines: Engines) -> Iterator[RunningServer]:
    """Serve until the block ends. The socket listens before the block begins."""
    app = create_app(settings, engines)
    thread = _Serving(app, settings)
    host, port = thread.socket.getsockname()
    thread.start()
    try:
        assert thread.settled.wait(30), "the server did not start"
        assert thread.server.started, "the server ended while it started; its log says why"
        assert thread.loop is not None
        address = f"{host}:{port}"
        yield RunningServer(f"http://{address}", f"ws://{address}", app, settings, thread.server, thread.loop)
    finally:
        thread.server.stop()
        thread.join(30)
        thread.socket.close()
        assert not thread.is_alive(), "the server did not stop"


def register(server: RunningServer, username: str | None = None) -> Learner:
    """A new learner, with a session in which to read.

    Straight into the database: over HTTP, which other tests are about, the password would be hashed twice, and that
    takes a tenth of a second.
    """
    return server.run(_registered(server.services, username or f"learner-{next(_numbers)}"))


async def _registered(services: Services, username: str) -> Learner:
    password_hash = await asyncio.to_thread(_password_hash)
    async with services.database.transaction() as db:
        user = await Users(db).create(username, password_hash)
        session = await PracticeSessions(db).create(user.id)
    return Learner(username, user.id, services.authenticator.issue(user), session.id)


@cache
def _password_hash() -> str:
    """Of `PASSWORD`, as a server makes it."""
    with closing(Passwords()) as passwords:
        return asyncio.run(passwords.hash(PASSWORD))


@cache
def api_document() -> dict[str, Any]:
    """What the server tells of its HTTP interface, with the usual settings; to be read only."""
    return create_app(Settings()).openapi()


@dataclass(frozen=True, slots=True)
class TinyPronouncer:
    """Says every word as if it were "ah"."""

    def pronounce(self, word: str) -> tuple[Pronunciation, ...]:
        del word
        return (("AA",),)


def tiny_engines() -> Engines:
    """Engines that need no time to load and little to answer."""
    return fake_engines(TinyPronouncer())
