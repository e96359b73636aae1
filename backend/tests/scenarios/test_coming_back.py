"""Many clients of a server that is stopped: they come back to another one after the other."""

import asyncio
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from processes import ServerProcess, hear_until_closed
from stages import until
from stopping import AUDIO, READING, Start
from transports import ready
from websockets.asyncio.client import ClientConnection

from manual_time import ManualTime
from serving import Learner
from sounditout.client import Client
from sounditout.client.state import State

A_SECOND: Final = 25
"""Clients that the server wants to come back in each."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How one client fared: what it was told, how its connection was closed, when it was greeted again."""

    within_ms: int
    close_code: int | None
    greeted_at: float


class TestManyClients:
    COUNT = 100
    """Of one user, which saves making accounts."""

    async def test_come_back_spread_out(self, start: Start) -> None:
        """To a server that is there already, as behind a proxy; how soon it starts is not the question."""
        many = {"max_connections_per_user": self.COUNT}
        old, new = await asyncio.gather(start(**many), start(**many))
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
        assert {client.within_ms for client in moved} == {self.COUNT * 1000 // A_SECOND}
        assert {client.close_code for client in moved} == {1012}
        first = min(client.greeted_at for client in moved)
        seconds = Counter(int(client.greeted_at - first) for client in moved)
        assert max(seconds.values()) <= 2 * A_SECOND, seconds
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
