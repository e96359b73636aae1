"""Servers that stop, and servers that have too much to do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from manual_time import ManualTime
from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.analysis.events import Error
from sounditout.analysis.ports import Engines
from sounditout.client import Client, State, TransportName
from sounditout.engines.fakes import FakeRecognizer
from sounditout.settings import Settings
from trials import AUDIO, SENTENCE, Gate, Listening, Network, States, assert_whole, saved_readings


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
async def states() -> States:
    return States()


def read(client: Client, learner: Learner) -> Listening:
    return Listening(client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id))


class TestStopping:
    """Another server is there before the first has stopped."""

    @pytest.fixture
    def gate(self) -> Iterator[Gate]:
        made = Gate()
        yield made
        made.open()

    @pytest.fixture
    def server_engines(self, gate: Gate) -> Engines:
        return replace(tiny_engines(), recognizer=FakeRecognizer(before=gate))

    @pytest.fixture
    def successor(self, settings: Settings, server: RunningServer) -> Iterator[RunningServer]:
        with serving(settings, tiny_engines()) as running:
            yield running

    @pytest.fixture
    async def network(self, server: RunningServer) -> AsyncIterator[Network]:
        async with Network(server.base_url) as made:
            yield made

    async def test_a_client_with_nothing_under_way_moves_at_once(
        self,
        server: RunningServer,
        successor: RunningServer,
        network: Network,
        learner: Learner,
        gate: Gate,
        time: ManualTime,
        states: States,
    ) -> None:
        gate.open()
        async with Client(network.base_url, "ws", learner.token, timing=time.timing, on_state=states) as client:
            assert_whole(await read(client, learner).ended())
            network.lead_to(successor.base_url)
            server.process.stop()
            await states.again(State.READY)
            assert_whole(await read(client, learner).ended())

    async def test_what_is_under_way_is_finished_and_what_is_new_waits_for_the_next_server(
        self,
        server: RunningServer,
        successor: RunningServer,
        network: Network,
        learner: Learner,
        gate: Gate,
    ) -> None:
        time = ManualTime(short=5)  # it may be told to come back before it is told that the server stops
        async with Client(network.base_url, "ws", learner.token, timing=time.timing) as client:
            first = read(client, learner)
            await gate.reached()
            network.lead_to(successor.base_url)
            server.process.stop()
            await drained(server)
            second = read(client, learner)
            gate.open()
            assert_whole(await first.ended())
            assert_whole(await second.ended())
        assert gate.runs == 1
        assert saved_readings(successor, learner) == 2


async def drained(server: RunningServer) -> None:
    """Wait until a server has begun to stop."""
    async with asyncio.timeout(20):
        while not server.services.drain.started:  # noqa: ASYNC110  (it lives in another thread)
            await asyncio.sleep(0.01)


class TestOverload:
    """A server that takes nothing for a while; it says for how long."""

    @pytest.fixture(params=["ws", "sse", "auto"])
    def transport(self, request: pytest.FixtureRequest) -> TransportName:
        name: TransportName = request.param
        return name

    async def test_the_reading_is_sent_again_after_the_time_it_said(
        self, server: RunningServer, learner: Learner, transport: TransportName, time: ManualTime
    ) -> None:
        async with Client(server.base_url, transport, learner.token, timing=time.timing) as client:
            assert_whole(await read(client, learner).ended())
            server.services.drain.started = True
            reading = read(client, learner)
            await time.pass_(3)
            server.services.drain.started = False
            assert_whole(await reading.ended())
        assert saved_readings(server, learner) == 2

    async def test_the_caller_hears_of_it_when_it_lasts(
        self, server: RunningServer, learner: Learner, time: ManualTime
    ) -> None:
        server.services.drain.started = True
        async with Client(server.base_url, "sse", learner.token, timing=time.timing, overload_retries=2) as client:
            reading = read(client, learner)
            for _ in range(2):
                await time.pass_(3)
            (error,) = await reading.ended()
        server.services.drain.started = False
        assert isinstance(error, Error)
        assert error.data.code == "overloaded"
        assert error.data.retry_after == 3
        assert error.seq == 0

    async def test_nobody_waits_beyond_the_time_limit(
        self, server: RunningServer, learner: Learner, time: ManualTime
    ) -> None:
        server.services.drain.started = True
        async with Client(server.base_url, "sse", learner.token, timing=time.timing) as client:
            stream = client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id, time_limit=2)
            (error,) = await Listening(stream).ended()
        server.services.drain.started = False
        assert isinstance(error, Error)
        assert error.data.code == "overloaded"
