"""A server with the real engines, and learners who talk to it over either transport."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from processes import GateKeeper, ServerProcess, gate_at, server_process
from readers import new_learner, settings_in
from stages import Gate, Serve
from stopping import Start
from transports import OverSse, OverWebSocket, Transport

from serving import Learner, RunningServer, serving
from sounditout.analysis.ports import Engines
from sounditout.engines.fakes import fake_engines


@pytest.fixture(scope="session")
def reading_server(tmp_path_factory: pytest.TempPathFactory, engines: Engines) -> Iterator[RunningServer]:
    """One server with the real engines for all scenarios."""
    with serving(settings_in(tmp_path_factory.mktemp("reading-server")), engines) as running:
        yield running


@pytest.fixture
def server(reading_server: RunningServer) -> RunningServer:
    return reading_server


@pytest.fixture
def learner(server: RunningServer) -> Learner:
    return new_learner(server)


@pytest.fixture(params=[OverSse(), OverWebSocket()], ids=["sse", "websocket"])
def transport(request: pytest.FixtureRequest) -> Transport:
    chosen: Transport = request.param
    return chosen


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture
def serve(tmp_path: Path, engines: Engines) -> Iterator[Serve]:
    """Start servers whose engines differ from the fakes as told."""
    with ExitStack() as stack:

        def start(*, options: dict[str, Any] | None = None, **changes: Any) -> RunningServer:  # noqa: ANN401
            fakes = replace(fake_engines(engines.pronouncer), **changes)
            server: AbstractContextManager[RunningServer] = serving(settings_in(tmp_path, **(options or {})), fakes)
            return stack.enter_context(server)

        yield start


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts server processes that keep everything in the same folder."""
    with ExitStack() as stack:

        async def begin(*arguments: object, **options: object) -> ServerProcess:
            server = server_process(tmp_path, *map(str, arguments), **options)  # type: ignore[arg-type]
            return await asyncio.to_thread(stack.enter_context, server)

        yield begin


@pytest.fixture
async def gate_keeper(tmp_path: Path) -> AsyncIterator[GateKeeper]:
    """Holds the recognisers of server processes."""
    async with gate_at(tmp_path / "gate") as keeper:
        yield keeper
