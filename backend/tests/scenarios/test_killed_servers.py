"""Servers that are killed: who sends again is answered by another that keeps everything in the same place."""

import asyncio
import signal
from pathlib import Path
from typing import get_args

from processes import PATIENCE_SECONDS, GateKeeper, ServerProcess, hear_until_closed, saved_in
from stopping import ANSWER, AUDIO, READING, Start, send
from transports import hear, hear_one, ready, socket_to

from serving import Learner
from sounditout.analysis.events import Event
from sounditout.client import Client
from sounditout.client.timing import Timing
from sounditout.client.transports import TransportName
from trials import assert_whole


class TestAnotherServerAnswersAndSavesOnce:
    async def test_what_one_listened_to(self, start: Start, tmp_path: Path, gate_keeper: GateKeeper) -> None:
        server, other = await asyncio.gather(start("--gate", gate_keeper.path), start())
        learner = server.new_learner()
        async with ready(server, learner) as connection:
            await send(connection, learner)
            assert (await hear(connection))["type"] == "processing_started"
            await gate_keeper.reached()
            server.signal(signal.SIGKILL)
            assert await hear_until_closed(connection) == ([], None)
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
    """Over any transport, to the same server, started again."""
    transports: tuple[TransportName, ...] = get_args(TransportName)
    server = await start("--gate", gate_keeper.path, workers=len(transports))
    learners = [server.new_learner() for _ in transports]

    async def read(transport: TransportName, learner: Learner) -> list[Event]:
        async with Client(server.base_url, transport, learner.token, timing=Timing(chance=lambda: 0.05)) as client:
            events = client.analyze(
                AUDIO, "reading.wav", READING.sentence, session_id=learner.session_id, request_id="r-1"
            )
            return [event async for event in events]

    readings = asyncio.gather(*map(read, transports, learners))
    for _ in learners:
        await gate_keeper.reached()
    server.signal(signal.SIGKILL)
    await server.ended()
    await start(port=server.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for events in await readings:
            assert_whole(events)
    assert [saved_in(tmp_path, learner) for learner in learners] == [["r-1"]] * len(learners)
