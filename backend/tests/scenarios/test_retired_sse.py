"""A server that has retired SSE: it says so, and everything goes over the WebSocket."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from transports import OverWebSocket, Reading

from manual_time import ManualTime
from serving import Learner, RunningServer, api_document, register, serving, tiny_engines
from sounditout.analysis.events import Complete, Event
from sounditout.client import Client, ConnectionFailed, Refused, State
from sounditout.settings import Settings
from speech import as_wav, tone
from trials import AUDIO, SENTENCE, States
from websocket_filter import WebSocketFilter

READING = Reading(audio=as_wav(tone(1.5).samples), sentence=SENTENCE, request_id="r-1")
STREAMS = [
    (method, path.replace("{request_id}", "r-1"))
    for path, operations in api_document()["paths"].items()
    for method, operation in operations.items()
    if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("server")
    own: dict[str, Any] = {"database_url": f"sqlite:///{folder / 'test.db'}", "secret_file": folder / "secret.key"}
    with serving(Settings(**own, web_dir=folder, sse_enabled=False, use_websocket="auto"), tiny_engines()) as running:
        yield running


@pytest.fixture
def learner(server: RunningServer) -> Learner:
    return register(server)


@pytest.fixture
async def network(server: RunningServer) -> AsyncIterator[WebSocketFilter]:
    async with WebSocketFilter(int(server.base_url.rpartition(":")[2])).listening() as made:
        yield made


async def read(client: Client, learner: Learner) -> list[Event]:
    async with asyncio.timeout(20):
        return [e async for e in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id)]


def test_there_are_three_streams_to_retire() -> None:
    assert {method for method, _ in STREAMS} == {"get", "post"}
    assert len(STREAMS) == 3


@pytest.mark.parametrize(("method", "path"), STREAMS)
def test_who_wants_a_stream_is_told_that_there_are_none(
    server: RunningServer, learner: Learner, method: str, path: str
) -> None:
    with server.client() as client:
        for headers in ({}, learner.headers):
            answer = client.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (410, "application/problem+json")
            problem = answer.json()
            assert (problem["code"], problem["retryable"]) == ("sse_retired", False)
            assert "load the page again" in problem["detail"]


async def test_it_is_said_before_the_recording_has_come(server: RunningServer, learner: Learner) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.base_url.rpartition(":")[2]))
    head = f"Host: x\r\nAuthorization: Bearer {learner.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    writer.write(f"POST /api/ai/analyze-audio HTTP/1.1\r\n{head}Content-Length: 1000000\r\n\r\n--b".encode())
    async with asyncio.timeout(10):
        assert b"410" in await reader.readline()
    writer.close()


async def test_readings_go_over_the_websocket_and_can_be_cancelled_by_post(
    server: RunningServer, learner: Learner
) -> None:
    outcome = await OverWebSocket().read(server, learner, READING)
    assert outcome.milestones[-1] == "complete"
    with server.client(learner.headers) as client:
        answer = client.post("/api/ai/analyze-audio/r-1/cancel")
    assert answer.json() == {"request_id": "r-1", "cancelled": False}


def test_everybody_has_the_websocket_whatever_they_chose(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        answer: httpx.Response = client.patch("/api/users/me/settings", json={"use_websocket": False})
    assert answer.json()["effective"] == {"use_websocket": True, "reason": "only_way", "stage": 0}


async def test_a_client_that_knows_only_sse_gives_up_at_once(network: WebSocketFilter, learner: Learner) -> None:
    async with Client(network.base_url, "sse", learner.token) as client:
        with pytest.raises(Refused) as refused:
            await read(client, learner)
    assert (refused.value.code, refused.value.status, refused.value.retryable) == ("sse_retired", 410, False)
    assert network.streams == 1


async def test_a_client_that_may_choose_comes_back_to_the_websocket_and_stays(
    network: WebSocketFilter, learner: Learner
) -> None:
    """Three handshakes fail, SSE is retired, and the network has changed its mind by then."""
    network.treatment = "forbid"
    states = States()

    def show(state: State) -> None:
        states(state)
        if state is State.FALLBACK:
            network.treatment = "pass"

    time = ManualTime()
    async with Client(network.base_url, "auto", learner.token, timing=time.timing, on_state=show) as client:
        events = await read(client, learner)
        assert isinstance(events[-1], Complete)
        assert [event.seq for event in events] == list(range(len(events)))
        assert (network.websockets, network.streams) == (4, 1)
        await read(client, learner)
    assert (network.websockets, network.streams) == (4, 1)


async def test_a_client_that_can_use_neither_says_so_and_asks_no_further(
    network: WebSocketFilter, learner: Learner
) -> None:
    network.treatment = "forbid"
    async with Client(network.base_url, "auto", learner.token, timing=ManualTime().timing) as client:
        for _ in range(2):
            with pytest.raises(ConnectionFailed):
                await read(client, learner)
    assert network.streams == 1
