"""The network or the server fails in the middle of a reading; nobody notices but the clock.

Every test wants the same: all events once, in order, one end; one run where the server lived; one saved reading.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from bench.tcp_proxy import TcpProxy

from manual_time import ManualTime
from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.analysis.events import CancelledEvent, ProcessingStarted, Progress
from sounditout.analysis.ports import Engines
from sounditout.client import Client, ConnectionFailed, State, TransportName
from sounditout.engines.fakes import FakeRecognizer
from sounditout.settings import Settings
from trials import AUDIO, SENTENCE, Gate, Listening, Network, States, assert_whole, saved_readings


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def server_engines(gate: Gate) -> Engines:
    return replace(tiny_engines(), recognizer=FakeRecognizer(before=gate))


@pytest.fixture
async def network(server: RunningServer) -> AsyncIterator[Network]:
    async with Network(server.base_url) as made:
        yield made


@pytest.fixture(params=["ws", "sse", "auto"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    name: TransportName = request.param
    return name


@pytest.fixture
async def states() -> States:
    return States()


@asynccontextmanager
async def connected(
    network: TcpProxy, learner: Learner, transport: TransportName, states: States | None = None
) -> AsyncIterator[Client]:
    timing = ManualTime().timing
    async with Client(network.base_url, transport, learner.token, timing=timing, on_state=states) as client:
        yield client


def read(client: Client, learner: Learner, request_id: str = "r-1") -> Listening:
    stream = client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id, request_id=request_id)
    return Listening(stream)


async def test_connection_is_cut(
    server: RunningServer, learner: Learner, network: Network, gate: Gate, transport: TransportName
) -> None:
    async with connected(network, learner, transport) as client:
        reading = read(client, learner)
        await gate.reached()
        await reading.until(ProcessingStarted)
        await network.cut()
        gate.open()
        assert_whole(await reading.ended())
    assert gate.runs == 1
    assert saved_readings(server, learner) == 1


async def test_connection_is_cut_again_and_again(
    server: RunningServer, learner: Learner, network: Network, gate: Gate, transport: TransportName, states: States
) -> None:
    async with connected(network, learner, transport, states) as client:
        reading = read(client, learner)
        await gate.reached()
        await states.until(State.READY)
        for _ in range(5):
            await network.cut()
            await states.again(State.READY)
        gate.open()
        assert_whole(await reading.ended())
    assert gate.runs == 1
    assert saved_readings(server, learner) == 1


async def test_nobody_answers_for_a_while(
    server: RunningServer, learner: Learner, network: Network, gate: Gate, transport: TransportName, states: States
) -> None:
    async with connected(network, learner, transport, states) as client:
        reading = read(client, learner)
        await gate.reached()
        network.refuse()
        await network.cut()
        gate.open()
        await states.until(State.RECONNECTING)
        await network.listen()
        assert_whole(await reading.ended())
    assert gate.runs == 1
    assert saved_readings(server, learner) == 1


async def test_server_is_replaced(
    server: RunningServer,
    settings: Settings,
    learner: Learner,
    network: Network,
    gate: Gate,
    transport: TransportName,
) -> None:
    """As if it were killed and started again: the new one knows the user and nothing of the reading."""
    async with connected(network, learner, transport) as client:
        reading = read(client, learner)
        await gate.reached()
        await reading.until(ProcessingStarted)
        with serving(settings, tiny_engines()) as successor:
            network.lead_to(successor.base_url)
            await network.cut()
            assert_whole(await reading.ended())
            await client.close()
    gate.open()
    assert saved_readings(server, learner) == 1


async def test_two_readings_of_one_client(
    server: RunningServer, learner: Learner, network: Network, gate: Gate, transport: TransportName
) -> None:
    async with connected(network, learner, transport) as client:
        readings = {name: read(client, learner, name) for name in ("r-1", "r-2")}
        for _ in readings:
            await gate.reached()
        await network.cut()
        gate.open()
        for request_id, reading in readings.items():
            events = await reading.ended()
            assert_whole(events)
            assert {event.request_id for event in events} == {request_id}
    assert gate.runs == 2
    assert saved_readings(server, learner) == 2


async def test_two_clients(server: RunningServer, network: Network, gate: Gate, transport: TransportName) -> None:
    ada, bob = register(server), register(server)
    async with connected(network, ada, transport) as one, connected(network, bob, transport) as two:
        readings = [read(one, ada), read(two, bob)]
        for _ in readings:
            await gate.reached()
        await network.cut()
        gate.open()
        for reading in readings:
            assert_whole(await reading.ended())
    assert [saved_readings(server, learner) for learner in (ada, bob)] == [1, 1]
    assert gate.runs == 2


async def test_one_that_is_cancelled_while_nobody_answers_ends_at_once(
    server: RunningServer, learner: Learner, network: Network, gate: Gate, states: States
) -> None:
    async with connected(network, learner, "ws", states) as client:
        reading = read(client, learner)
        await gate.reached()
        network.refuse()
        await network.cut()
        await states.until(State.RECONNECTING)
        assert await client.cancel("r-1")
        assert isinstance((await reading.ended())[-1], CancelledEvent)
        await network.listen()
        other = read(client, learner, "r-2")
        await gate.reached()  # the server hears of the cancel before it hears of r-2
        gate.open()
        assert_whole(await other.ended())
    assert saved_readings(server, learner) == 1


async def test_silence_is_the_end_of_a_connection(
    learner: Learner, network: Network, gate: Gate, states: States
) -> None:
    time = ManualTime()
    async with Client(network.base_url, "ws", learner.token, timing=time.timing, on_state=states) as client:
        reading = read(client, learner)
        await gate.reached()
        network.freeze()
        await time.pass_(45)
        await states.until(State.RECONNECTING)
        network.thaw()
        gate.open()
        assert_whole(await reading.ended())
    assert gate.runs == 1


async def test_time_is_limited(learner: Learner, network: Network, gate: Gate, transport: TransportName) -> None:
    time = ManualTime()
    async with Client(network.base_url, transport, learner.token, timing=time.timing) as client:
        reading = read(client, learner)
        await gate.reached()
        await reading.until(Progress)
        network.freeze()
        await time.pass_(120)
        with pytest.raises(ConnectionFailed, match="too long") as failed:
            await reading.ended()
        assert failed.value.retryable
        network.thaw()
    gate.open()
