"""Networks that let no WebSocket through: readings go over SSE, and back when the WebSocket works again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from manual_time import ManualTime
from serving import Learner, RunningServer, register
from sounditout.analysis.events import Complete, Event
from sounditout.client import Client, ConnectionFailed, Refused, State
from sounditout.client.ladder import PROBE_SECONDS
from sounditout.client.opening import READY_SECONDS
from trials import AUDIO, SENTENCE, Network, States, assert_whole
from websocket_filter import Treatment, WebSocketFilter


@pytest.fixture
async def network(shared_server: RunningServer) -> AsyncIterator[WebSocketFilter]:
    async with WebSocketFilter(int(shared_server.base_url.rpartition(":")[2])).listening() as made:
        yield made


@pytest.fixture
def learner(shared_server: RunningServer) -> Learner:
    return register(shared_server)


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
async def states() -> States:
    return States()


@pytest.fixture
async def client(
    network: WebSocketFilter, learner: Learner, time: ManualTime, states: States
) -> AsyncIterator[Client]:
    async with Client(network.base_url, "auto", learner.token, timing=time.timing, on_state=states) as connected:
        yield connected


async def read(client: Client, learner: Learner) -> list[Event]:
    async with asyncio.timeout(20):
        return [e async for e in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id)]


@pytest.mark.parametrize("treatment", ["forbid", "hang up"])
async def test_after_three_refused_handshakes_the_same_reading_goes_over_sse(
    network: WebSocketFilter, learner: Learner, client: Client, states: States, treatment: Treatment
) -> None:
    network.treatment = treatment
    events = await read(client, learner)
    assert isinstance(events[-1], Complete)
    assert [event.seq for event in events] == list(range(len(events)))
    assert (network.websockets, network.streams) == (3, 1)
    assert states.seen == [State.CONNECTING, State.RECONNECTING, State.FALLBACK]
    await read(client, learner)
    assert network.websockets == 3  # not tried again so soon


async def test_a_socket_that_opens_and_says_nothing(
    network: WebSocketFilter, learner: Learner, client: Client, time: ManualTime
) -> None:
    network.treatment = "swallow"
    reading = asyncio.create_task(read(client, learner))
    await time.pass_(READY_SECONDS)
    assert isinstance((await reading)[-1], Complete)
    assert network.websockets == 1
    assert client.state is State.FALLBACK


async def test_back_to_the_websocket_when_it_works_again(
    network: WebSocketFilter, learner: Learner, client: Client, time: ManualTime, states: States
) -> None:
    network.treatment = "forbid"
    await read(client, learner)
    await time.pass_(PROBE_SECONDS)  # and it still does not
    await time.until(PROBE_SECONDS)
    network.treatment = "pass"
    await time.pass_(PROBE_SECONDS)
    await states.until(State.READY)
    streams = network.streams
    assert isinstance((await read(client, learner))[-1], Complete)
    assert network.streams == streams
    assert states.seen == [State.CONNECTING, State.RECONNECTING, State.FALLBACK, State.READY]


async def test_without_a_choice_a_forbidden_websocket_is_the_end(network: WebSocketFilter, learner: Learner) -> None:
    network.treatment = "forbid"
    async with Client(network.base_url, "ws", learner.token) as client:
        with pytest.raises(ConnectionFailed, match="WebSocket"):
            await read(client, learner)
    assert network.websockets == 1


async def test_a_bad_token_is_no_reason_to_fall_back(network: WebSocketFilter, learner: Learner) -> None:
    async with Client(network.base_url, "auto", token="no.such.token") as client:
        with pytest.raises(Refused):
            await read(client, learner)
    assert (network.websockets, network.streams) == (1, 0)


async def test_a_reading_that_is_under_way_goes_on_over_sse(
    network: WebSocketFilter, learner: Learner, time: ManualTime
) -> None:
    async with (
        Network(network.base_url) as outer,
        Client(outer.base_url, "auto", learner.token, timing=time.timing) as client,
    ):
        events = []
        async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id):
            if not events:
                network.treatment = "forbid"
                await outer.cut()
            events.append(event)
        assert client.state is State.FALLBACK
    assert_whole(events)
