"""Servers that are stopped: what is under way is answered, everybody is told, and nobody holds the end up."""

import asyncio
import fcntl
import signal
import struct
import termios
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest
from processes import PATIENCE_SECONDS, GateKeeper, connected_to, hear_until_closed, kept_alive, saved_in
from stages import until
from stopping import ANSWER, READING, Start, assert_refused, drains, send, types
from transports import PATH, OverSse, hear, http, ready
from websockets.asyncio.client import ClientConnection, connect

MORE_THAN_PROGRESS: Final = 32 * 1024
"""Bytes; so the voice is on its way, and all of it does not fit into the buffers of both ends."""


def unread_bytes(connection: ClientConnection) -> int:
    """That have come, and wait in the kernel."""
    answer = fcntl.ioctl(connection.transport.get_extra_info("socket").fileno(), termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", answer)[0])


class TestStopped:
    @pytest.mark.parametrize("processes", [1, 2])
    async def test_readings_under_way_are_answered(
        self, start: Start, tmp_path: Path, gate_keeper: GateKeeper, processes: int
    ) -> None:
        """Over a WebSocket to every process, and over SSE."""
        server = await start("--gate", gate_keeper.path, processes=processes)
        learners, over_sse = [server.new_learner() for _ in server.pids], server.new_learner()
        async with AsyncExitStack() as stack:
            connections = [
                await stack.enter_async_context(connected_to(pid, server, learner))
                for pid, learner in zip(server.pids, learners, strict=True)
            ]
            for connection, learner in zip(connections, learners, strict=True):
                await send(connection, learner)
            waiting = [await gate_keeper.reached() for _ in connections]
            assert {reading.pid for reading in waiting} == set(server.pids)
            streamed = asyncio.create_task(OverSse().read(server, over_sse, READING))
            waiting.append(await gate_keeper.reached())
            await drains(server, processes)
            assert_refused(server)
            await send(connections[0], learners[0], "late")
            for reading in waiting:
                reading.let_through()
            told = await asyncio.gather(*map(hear_until_closed, connections))
        for heard, code in told:
            assert types(heard, "r-1") == ANSWER
            assert [message["data"] for message in heard if message["type"] == "draining"] == [
                {"reconnect_within_ms": 1000}
            ]
            assert code == 1012
        late = [message["data"]["code"] for message in told[0][0] if message.get("request_id") == "late"]
        assert late == ["overloaded"]
        assert (await streamed).milestones == ANSWER
        assert await server.ended() == 0
        assert server.log.errors == []
        assert {tuple(saved_in(tmp_path, learner)) for learner in (*learners, over_sse)} == {("r-1",)}

    async def test_processes_whose_parent_was_killed_drain_and_end(
        self, start: Start, tmp_path: Path, gate_keeper: GateKeeper
    ) -> None:
        server = await start("--gate", gate_keeper.path, processes=2)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            waiting = await gate_keeper.reached()
            server.signal(signal.SIGKILL)
            await server.logged("draining", 2)
            waiting.let_through()
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER
        assert code == 1012
        assert saved_in(tmp_path, learner) == ["r-1"]
        await server.logged("Application shutdown complete.", 2)

    async def test_http_connections_that_are_still_open(self, start: Start, gate_keeper: GateKeeper) -> None:
        server = await start("--gate", gate_keeper.path)
        learner = server.new_learner()
        reading = asyncio.create_task(OverSse().read(server, learner, READING))
        waiting = await gate_keeper.reached()
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

    async def test_a_stream_whose_reading_takes_too_long_breaks_off(
        self, start: Start, gate_keeper: GateKeeper
    ) -> None:
        server = await start("--gate", gate_keeper.path, drain_seconds=0.1)
        reading = asyncio.create_task(OverSse().read(server, server.new_learner(), READING))
        waiting = await gate_keeper.reached()
        await drains(server)
        with pytest.raises(httpx.RemoteProtocolError):  # and not an end: it can be sent anew
            await reading
        waiting.let_through()  # a thread is not stopped
        assert await server.ended() == 0
        assert server.log.errors == []

    async def test_a_slow_reader_hears_the_rest(self, start: Start, gate_keeper: GateKeeper) -> None:
        server = await start("--gate", gate_keeper.path, "--loud")
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            waiting = await gate_keeper.reached()
            connection.transport.pause_reading()
            await drains(server)
            waiting.let_through()
            await server.logged("drained")
            connection.transport.resume_reading()
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ANSWER
        assert code == 1012
        assert await server.ended() == 0

    async def test_a_client_that_closes_and_takes_nothing_any_more_holds_nobody_up(self, start: Start) -> None:
        server = await start("--loud")
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            while (await hear(connection))["type"] != "gpt_response":
                pass
            connection.transport.pause_reading()
            await until(lambda: unread_bytes(connection) > MORE_THAN_PROGRESS)
            connection.protocol.send_close(1000)
            connection.transport.write(b"".join(connection.protocol.data_to_send()))
            await until(lambda: any(line["method"] == "WEBSOCKET" for line in server.log.all("request")))
            server.signal(signal.SIGTERM)
            assert await server.ended() == 0
            connection.transport.abort()
        assert server.log.errors == []
        await server.logged("Application shutdown complete.")

    @pytest.mark.parametrize(("processes", "exit_code"), [(1, 128 + signal.SIGTERM), (2, 1)])
    async def test_a_second_signal_does_not_wait(
        self, start: Start, gate_keeper: GateKeeper, processes: int, exit_code: int
    ) -> None:
        server = await start("--gate", gate_keeper.path, processes=processes, drain_seconds=PATIENCE_SECONDS)
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            await gate_keeper.reached()
            await drains(server, processes)
            server.signal(signal.SIGTERM)
            _, code = await hear_until_closed(connection)
        assert code is None
        assert await server.ended() == exit_code
