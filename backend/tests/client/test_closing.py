"""A client that is closed leaves no task and no socket behind, whatever it was doing."""

import asyncio
import socket
from contextlib import aclosing

import pytest

from manual_time import ManualTime
from serving import Learner, RunningServer, register
from sounditout.analysis.events import ProcessingStarted
from sounditout.client import Client, ConnectionFailed, State, TransportName
from trials import AUDIO, SENTENCE, Listening, States, assert_whole


@pytest.fixture(params=["ws", "sse", "auto"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    name: TransportName = request.param
    return name


@pytest.fixture
def learner(shared_server: RunningServer) -> Learner:
    return register(shared_server)


@pytest.fixture
async def states() -> States:
    return States()


def read(client: Client, learner: Learner) -> Listening:
    return Listening(client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id))


def other_tasks() -> set[object]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_at_rest(
    shared_server: RunningServer, learner: Learner, transport: TransportName, states: States
) -> None:
    before = other_tasks()
    async with Client(shared_server.base_url, transport, learner.token, on_state=states) as client:
        assert_whole(await read(client, learner).ended())
        assert client.state is (State.IDLE if transport == "sse" else State.READY)
    assert other_tasks() == before
    assert states.seen[:2] == [State.CONNECTING, State.READY]
    assert states.seen[-1] is State.CLOSED


async def test_in_the_middle_of_a_reading(
    shared_server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    before = other_tasks()
    client = Client(shared_server.base_url, transport, learner.token)
    async with aclosing(client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id)) as events:
        assert isinstance(await anext(events), ProcessingStarted)
        await client.close()
        with pytest.raises(ConnectionFailed, match="closed"):
            [event async for event in events]
    assert other_tasks() == before


async def test_while_nobody_answers(learner: Learner, transport: TransportName, states: States) -> None:
    before = other_tasks()
    time = ManualTime(lambda: 1.0)
    async with Client("http://127.0.0.1:9", transport, learner.token, timing=time.timing, on_state=states) as client:
        reading = read(client, learner)
        await states.until(State.RECONNECTING)
        await client.close()
        with pytest.raises(ConnectionFailed, match="closed"):
            await reading.ended()
    assert other_tasks() == before


async def test_while_it_waits_to_be_greeted(learner: Learner, states: States) -> None:
    before = other_tasks()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with Client(address, "ws", learner.token, on_state=states) as client:
            reading = read(client, learner)
            await states.until(State.CONNECTING)
            await client.close()
            with pytest.raises(ConnectionFailed, match="closed"):
                await reading.ended()
    assert other_tasks() == before


async def test_another_user_begins_anew(shared_server: RunningServer, transport: TransportName) -> None:
    async with Client(shared_server.base_url, transport) as client:
        for _ in range(2):
            await client.guest()
            assert_whole([event async for event in client.analyze(AUDIO, "a.wav", SENTENCE)])
