"""Servers that are stopped, killed and started again, as processes on real ports: nothing is lost, nothing hangs."""

import asyncio
import base64
import json
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from processes import (
    PATIENCE_SECONDS,
    GateKeeper,
    ServerProcess,
    connected_to,
    gate_at,
    guests_from,
    hear_until_closed,
    kept_alive,
    saved_in,
    server_process,
)
from stages import until
from transports import PATH, Message, OverSse, Reading, hear, hear_one, http, ready, socket_to
from websockets.asyncio.client import ClientConnection, connect

from manual_time import ManualTime
from serving import Learner
from sounditout.client import Client
from sounditout.client.state import State
from sounditout.client.timing import Timing
from sounditout.client.transports import TransportName
from speech import as_wav, speak, tone

AUDIO = as_wav(tone(1.5).samples)
READING = Reading(audio=AUDIO, sentence="The cat sat.", request_id="r-1")
Start = Callable[..., Awaitable[ServerProcess]]

processes = pytest.mark.parametrize("processes", [1, 2])


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts servers that keep everything in the same folder."""
    with ExitStack() as stack:

        async def begin(*arguments: object, **options: object) -> ServerProcess:
            server = server_process(tmp_path, *map(str, arguments), **options)  # type: ignore[arg-type]
            return await asyncio.to_thread(stack.enter_context, server)

        yield begin


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[GateKeeper]:
    async with gate_at(tmp_path / "gate") as keeper:
        yield keeper


async def send(to: ClientConnection, learner: Learner, request_id: str = "r-1") -> None:
    await to.send(json.dumps(replace(READING, request_id=request_id).as_message(learner)))


def types(messages: list[Message], request_id: str | None = None) -> list[str]:
    return [message["type"] for message in messages if message.get("request_id") == request_id]


ANSWER = ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]


async def drains(server: ServerProcess, in_processes: int = 1) -> None:
    """Ask it to stop, and wait until it has begun to."""
    server.signal(signal.SIGTERM)
    await server.logged("draining", in_processes)


def assert_refused(server: ServerProcess) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=10)


class TestKilled:
    async def test_while_it_listened(self, start: Start, tmp_path: Path, gate: GateKeeper) -> None:
        server = await start("--gate", gate.path)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            await gate.reached()
            server.signal(signal.SIGKILL)
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ["processing_started"]
        assert code is None
        await server.ended()
        await self.assert_answers(await start(port=server.port), learner)
        assert saved_in(tmp_path, learner) == ["r-1"]

    async def test_when_it_had_saved_and_not_yet_told_all(self, start: Start, tmp_path: Path) -> None:
        server = await start("--loud")
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            while (await hear(connection))["type"] != "analysis":
                pass
            server.signal(signal.SIGKILL)
        await server.ended()
        await self.assert_answers(await start(port=server.port), learner)
        assert saved_in(tmp_path, learner) == ["r-1"]

    @staticmethod
    async def assert_answers(server: ServerProcess, learner: Learner) -> None:
        """The same request, sent again as one that this server does not hold."""
        async with socket_to(server, token=learner.token) as connection:
            assert (await hear(connection))["data"]["held"] == []
            await send(connection, learner)
            assert (await hear_one(connection)).milestones == ANSWER

    @pytest.mark.parametrize("transport", ["ws", "sse"])
    async def test_the_client_of_this_project_sends_it_again(
        self, start: Start, tmp_path: Path, gate: GateKeeper, transport: TransportName
    ) -> None:
        server = await start("--gate", gate.path)
        learner = server.new_learner()

        async def read(client: Client) -> list[str]:
            events = client.analyze(
                AUDIO, "reading.wav", READING.sentence, session_id=learner.session_id, request_id="r-1"
            )
            return [event.type async for event in events]

        async with Client(server.base_url, transport, learner.token, timing=Timing(chance=lambda: 0.5)) as client:
            reading = asyncio.create_task(read(client))
            await gate.reached()
            server.signal(signal.SIGKILL)
            await server.ended()
            await start(port=server.port)
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert (await reading)[-1] == "complete"
        assert saved_in(tmp_path, learner) == ["r-1"]


class TestStopped:
    @processes
    async def test_the_reading_under_way_is_answered_over_the_socket(
        self, start: Start, tmp_path: Path, gate: GateKeeper, processes: int
    ) -> None:
        server = await start("--gate", gate.path, processes=processes)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            waiting = await gate.reached()
            await drains(server, processes)
            assert_refused(server)
            await send(connection, learner, "late")
            waiting.let_through()
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER
        assert [message["data"]["code"] for message in heard if message.get("request_id") == "late"] == ["overloaded"]
        assert [message["data"] for message in heard if message["type"] == "draining"] == [
            {"reconnect_within_ms": 1000}
        ]
        assert code == 1012
        assert await server.ended() == 0
        assert server.log.errors == []
        assert saved_in(tmp_path, learner) == ["r-1"]

    @processes
    async def test_the_reading_under_way_is_answered_over_sse(
        self, start: Start, tmp_path: Path, gate: GateKeeper, processes: int
    ) -> None:
        server = await start("--gate", gate.path, processes=processes)
        learner = server.new_learner()
        reading = asyncio.create_task(OverSse().read(server, learner, READING))
        waiting = await gate.reached()
        await drains(server, processes)
        waiting.let_through()
        assert (await reading).milestones == ANSWER
        assert await server.ended() == 0
        assert server.log.errors == []
        assert saved_in(tmp_path, learner) == ["r-1"]

    async def test_connections_to_every_process_hear_of_it(
        self, start: Start, tmp_path: Path, gate: GateKeeper
    ) -> None:
        server = await start("--gate", gate.path, processes=2)
        learners = [server.new_learner() for _ in server.pids]
        async with AsyncExitStack() as stack:
            connections = [
                await stack.enter_async_context(connected_to(pid, server, learner))
                for pid, learner in zip(server.pids, learners, strict=True)
            ]
            for connection, learner in zip(connections, learners, strict=True):
                await send(connection, learner)
            waiting = [await gate.reached() for _ in connections]
            assert {reading.pid for reading in waiting} == set(server.pids)
            await drains(server, 2)
            for reading in waiting:
                reading.let_through()
            told = await asyncio.gather(*map(hear_until_closed, connections))
        for heard, code in told:
            assert types(heard, "r-1") == ANSWER
            assert types(heard) == ["draining"]
            assert code == 1012
        assert await server.ended() == 0
        assert [saved_in(tmp_path, learner) for learner in learners] == [["r-1"], ["r-1"]]

    async def test_processes_whose_parent_was_killed_drain_and_end(
        self, start: Start, tmp_path: Path, gate: GateKeeper
    ) -> None:
        server = await start("--gate", gate.path, processes=2)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            waiting = await gate.reached()
            server.signal(signal.SIGKILL)
            await server.logged("draining", 2)
            waiting.let_through()
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER
        assert code == 1012
        assert saved_in(tmp_path, learner) == ["r-1"]
        await server.logged("Application shutdown complete.", 2)

    async def test_http_connections_that_are_still_open(self, start: Start, gate: GateKeeper) -> None:
        server = await start("--gate", gate.path)
        learner = server.new_learner()
        reading = asyncio.create_task(OverSse().read(server, learner, READING))
        waiting = await gate.reached()
        async with http(server, learner) as client:
            opened = await asyncio.to_thread(kept_alive, server)
            assert (await client.get("/readyz")).status_code == httpx.codes.OK
            await drains(server)
            async with connect(server.ws_url + PATH, sock=opened, additional_headers=learner.headers) as connection:
                assert await hear_until_closed(connection) == ([], 1012)
            probe = await client.get("/readyz")
            assert probe.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert probe.json()["checks"]["accepting"] == {"ok": False, "detail": "stopping"}
            assert (await client.get("/healthz")).status_code == httpx.codes.OK
            late = replace(READING, request_id="late")
            refused = await client.post(late.endpoint, **late.as_form(learner))
            assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert refused.json()["code"] == "overloaded"
            assert int(refused.headers["Retry-After"]) >= 1
            waiting.let_through()
            assert (await reading).milestones == ANSWER
            assert await server.ended() == 0, "an idle connection holds nobody up"

    async def test_a_stream_whose_reading_takes_too_long_breaks_off(self, start: Start, gate: GateKeeper) -> None:
        server = await start("--gate", gate.path, drain_seconds=0.1)
        reading = asyncio.create_task(OverSse().read(server, server.new_learner(), READING))
        waiting = await gate.reached()
        await drains(server)
        with pytest.raises(httpx.RemoteProtocolError):  # and not an end: it can be sent anew
            await reading
        waiting.let_through()  # a thread is not stopped
        assert await server.ended() == 0
        assert server.log.errors == []

    async def test_a_slow_reader_hears_the_rest(self, start: Start, gate: GateKeeper) -> None:
        server = await start("--gate", gate.path, "--loud")
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            waiting = await gate.reached()
            connection.transport.pause_reading()
            await drains(server)
            waiting.let_through()
            await server.logged("drained")
            connection.transport.resume_reading()
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER
        assert code == 1012
        assert await server.ended() == 0

    @pytest.mark.parametrize(("processes", "exit_code"), [(1, 128 + signal.SIGTERM), (2, 1)])
    async def test_a_second_signal_does_not_wait(
        self, start: Start, gate: GateKeeper, processes: int, exit_code: int
    ) -> None:
        server = await start("--gate", gate.path, processes=processes, drain_seconds=PATIENCE_SECONDS)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            await gate.reached()
            await drains(server, processes)
            server.signal(signal.SIGTERM)
            _, code = await hear_until_closed(connection)
        assert code is None
        assert await server.ended() == exit_code


class TestStoppedWhileARecordingArrives:
    @staticmethod
    async def begin(connection: ClientConnection, learner: Learner) -> Callable[[int], Message]:
        """Send the beginning and half of the recording; gives the pieces."""
        start = {**READING.as_message(learner), "type": "audio_start"}
        start.pop("audio_base64")
        half = len(AUDIO) // 2
        pieces = [base64.b64encode(piece).decode() for piece in (AUDIO[:half], AUDIO[half:])]

        def chunk(number: int) -> Message:
            return {"type": "audio_chunk", "request_id": "r-1", "chunk": number, "audio_base64": pieces[number]}

        await connection.send(json.dumps(start))
        await connection.send(json.dumps(chunk(0)))
        assert (await hear(connection))["type"] == "processing_started"
        return chunk

    async def test_the_rest_may_still_come(self, start: Start) -> None:
        server = await start()
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            chunk = await self.begin(connection, learner)
            await drains(server)
            await connection.send(json.dumps(chunk(1)))
            await connection.send('{"type":"audio_end","request_id":"r-1","chunks":2}')
            heard, code = await hear_until_closed(connection)
        assert [kind for kind in types(heard, "r-1") if kind != "partial"] == ANSWER[1:]
        assert types(heard) == ["draining"]
        assert code == 1012
        assert await server.ended() == 0

    async def test_one_that_takes_too_long_can_be_sent_anew(self, start: Start, tmp_path: Path) -> None:
        server = await start(drain_seconds=0.5)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await self.begin(connection, learner)
            await drains(server)
            heard, code = await hear_until_closed(connection)
        assert not {"complete", "error", "cancelled"} & set(types(heard, "r-1")), "no last word: it is not over"
        assert types(heard) == ["draining"]
        assert code == 1012
        assert await server.ended() == 0
        assert saved_in(tmp_path, learner) == []
        again = await start(port=server.port)
        async with ready(again, learner) as connection:
            await send(connection, learner)
            assert (await hear_one(connection)).milestones == ANSWER


class TestCommand:
    async def test_processes_share_the_work_and_stop_together(self, start: Start, tmp_path: Path) -> None:
        """With the real engines, as an operator starts it."""
        arguments = ["--processes", 2, "--trusted-proxies", "127.0.0.1"]
        server = await start(*arguments, processes=2, real=True, max_guests_per_minute=1)
        assert await guests_from(server, [f"10.0.0.{number}" for number in range(3)]) == [httpx.codes.CREATED] * 3
        assert httpx.codes.TOO_MANY_REQUESTS in await guests_from(server, ["10.0.0.9"] * 3), "one per process"
        learner = server.new_learner()
        reading = Reading.of(speak("The cat sat on the mat."), "The cat sat on the mat.", request_id="r-1")
        async with ready(server, learner) as connection:
            await connection.send(json.dumps(reading.as_message(learner)))
            assert (await hear(connection))["type"] == "processing_started"
            server.signal(signal.SIGTERM)
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER[1:]
        assert code == 1012
        assert await server.ended() == 0
        assert server.log.errors == []
        assert saved_in(tmp_path, learner) == ["r-1"]


@dataclass(frozen=True, slots=True)
class Moved:
    """How one client fared: what it was told, how its connection was closed, when it was greeted again."""

    within_ms: int
    close_code: int | None
    greeted_at: float


class TestManyClients:
    COUNT = 300
    """Of one user, which saves making accounts."""

    async def test_come_back_spread_out(self, start: Start) -> None:
        """To a server that is there already, as behind a proxy; how soon it starts is not the question."""
        many = {"max_connections_per_user": self.COUNT}
        old = await start(**many)
        new = await start(**many)
        learner = old.new_learner()
        dice = random.Random(7)  # noqa: S311  (for nothing secret)
        async with AsyncExitStack() as stack:
            tabs = [f"?client_id=tab-{number}" for number in range(self.COUNT)]
            before = [await stack.enter_async_context(ready(old, learner, tab)) for tab in tabs]
            old.signal(signal.SIGTERM)
            moves = [
                self.move(connection, new, learner, tab, dice.random(), stack)
                for connection, tab in zip(before, tabs, strict=True)
            ]
            moved = await asyncio.gather(*moves)
            assert await old.ended() == 0
        assert {client.within_ms for client in moved} == {self.COUNT * 1000 // 25}
        assert {client.close_code for client in moved} == {1012}
        first = min(client.greeted_at for client in moved)
        seconds = Counter(int(client.greeted_at - first) for client in moved)
        assert max(seconds.values()) <= self.COUNT / 5, seconds
        assert new.log.errors == []

    async def test_the_client_of_this_project_waits_for_its_turn_too(self, start: Start) -> None:
        """Also when the server, which has nothing to finish, closes the connection at once."""
        server = await start()
        learner = server.new_learner()
        clock = ManualTime(chance=lambda: 0.9)
        async with Client(server.base_url, "ws", learner.token, timing=clock.timing) as client:
            events = client.analyze(AUDIO, "reading.wav", READING.sentence, session_id=learner.session_id)
            assert [event.type async for event in events][-1] == "complete"
            server.signal(signal.SIGTERM)
            await server.ended()
            await until(lambda: client.state is State.RECONNECTING)
            assert clock.waits[-1] == 0.9
            assert 0.45 not in clock.waits, "as after any other break"

    @staticmethod
    async def move(
        connection: ClientConnection,
        to: ServerProcess,
        learner: Learner,
        tab: str,
        part: float,
        stack: AsyncExitStack,
    ) -> Moved:
        heard, close_code = await hear_until_closed(connection)
        [draining] = heard
        await asyncio.sleep(part * draining["data"]["reconnect_within_ms"] / 1000)
        await stack.enter_async_context(ready(to, learner, tab))
        return Moved(draining["data"]["reconnect_within_ms"], close_code, time.monotonic())
