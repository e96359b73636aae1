"""Servers that are killed: who sends again is answered by another that keeps everything in the same place."""

import asyncio
import signal
from pathlib import Path

from processes import PATIENCE_SECONDS, GateKeeper, ServerProcess, hear_until_closed, saved_in
from stopping import ANSWER, AUDIO, READING, Start, send, types
from transports import hear, hear_one, ready, socket_to

from serving import Learner
from sounditout.client import Client
from sounditout.client.timing import Timing
from sounditout.client.transports import TransportName


class TestAnotherServerAnswersAndSavesOnce:
    async def test_what_one_listened_to(self, start: Start, tmp_path: Path, gate_keeper: GateKeeper) -> None:
        server, other = await asyncio.gather(start("--gate", gate_keeper.path), start())
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            await gate_keeper.reached()
            server.signal(signal.SIGKILL)
            heard, code = await hear_until_closed(connection)
        assert types(heard, "r-1") == ["processing_started"]
        assert code is None
        await self.assert_answers(other, learner)
        assert saved_in(tmp_path, learner) == ["r-1"]

    async def test_what_one_had_saved_and_not_yet_told(self, start: Start, tmp_path: Path) -> None:
        server, other = await asyncio.gather(start("--loud"), start())
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            while (await hear(connection))["type"] != "analysis":
                pass
            server.signal(signal.SIGKILL)
        await server.ended()
        await self.assert_answers(other, learner)
        assert saved_in(tmp_path, learner) == ["r-1"]

    @staticmethod
    async def assert_answers(server: ServerProcess, learner: Learner) -> None:
        """The same request, sent again as one that this server does not hold."""
        async with socket_to(server, token=learner.token) as connection:
            assert (await hear(connection))["data"]["held"] == []
            await send(connection, learner)
            assert (await hear_one(connection)).milestones == ANSWER


async def test_the_client_of_this_project_sends_it_again(
    start: Start, tmp_path: Path, gate_keeper: GateKeeper
) -> None:
    """Over either transport, to the same server, started again."""
    server = await start("--gate", gate_keeper.path)
    by_socket, by_sse = server.new_learner(), server.new_learner()

    async def read(transport: TransportName, learner: Learner) -> list[str]:
        async with Client(server.base_url, transport, learner.token, timing=Timing(chance=lambda: 0.5)) as client:
            events = client.analyze(
                AUDIO, "reading.wav", READING.sentence, session_id=learner.session_id, request_id="r-1"
            )
            return [event.type async for event in events]

    readings = asyncio.gather(read("ws", by_socket), read("sse", by_sse))
    for _ in range(2):
        await gate_keeper.reached()
    server.signal(signal.SIGKILL)
    await server.ended()
    await start(port=server.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert [told[-1] for told in await readings] == ["complete"] * 2
    assert [saved_in(tmp_path, learner) for learner in (by_socket, by_sse)] == [["r-1"]] * 2
