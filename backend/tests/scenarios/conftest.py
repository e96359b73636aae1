"""A server with the real engines, and learners who talk to it over either transport."""

from collections.abc import Iterator

import pytest
from readers import new_learner, settings_in
from transports import OverSse, OverWebSocket, Transport

from serving import Learner, RunningServer, serving
from sounditout.analysis.ports import Engines


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
