"""A rollout for two thousand users, from nobody to everybody and back, while some of them read.

Everybody's cohort is looked up at each stage as the server looks it up; over the settings API everybody is asked
once, a quarter of them at each of the four stages, and the watchers at all.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from population import Effective, effective_for, populate
from processes import PATIENCE_SECONDS, GateKeeper, ServerProcess, saved_in
from prometheus_client.parser import text_string_to_metric_families
from stopping import ANSWER, AUDIO, Start
from transports import http

from serving import Learner
from sounditout.accounts.auth import Authenticator
from sounditout.client import Client, TransportName
from sounditout.flag import KNOWN_SECONDS, Standing, WebSocketFlag
from sounditout.persistence.database import Database
from sounditout.rollout.decide import bucket
from sounditout.rollout.rules import Rules
from sounditout.rollout.stages import Action

USERS: Final = 2000
CHANGES: Final[tuple[tuple[Action, int], ...]] = (("start", 10), ("advance", 50), ("advance", 100), ("rollback", 0))
WATCHERS: Final = 60
pytestmark = pytest.mark.timeout(180)


@dataclass(slots=True)
class Reader:
    """One of the users, with a page that does what its settings say."""

    learner: Learner
    server: ServerProcess
    stack: AsyncExitStack
    way: TransportName = "sse"
    _clients: dict[TransportName, Client] = field(default_factory=dict)

    async def read(self, request_id: str) -> list[str]:
        """What comes of it, without progress, over the way of the moment."""
        events = (await self._client()).analyze(
            AUDIO, "reading.wav", "The cat sat.", session_id=self.learner.session_id, request_id=request_id
        )
        return [event.type async for event in events if event.type != "progress"]

    async def _client(self) -> Client:
        """Kept as long as the page, so that a WebSocket stays open from one stage to the next."""
        if self.way not in self._clients:
            client = Client(self.server.base_url, self.way, self.learner.token)
            self._clients[self.way] = await self.stack.enter_async_context(client)
        return self._clients[self.way]


@dataclass(frozen=True, slots=True)
class School:
    server: ServerProcess
    gate_keeper: GateKeeper
    flag: WebSocketFlag
    """Of another process, as the command line has it."""
    everybody: Sequence[Learner]
    readers: Sequence[Reader]

    @property
    def watchers(self) -> Sequence[Learner]:
        return self.everybody[:WATCHERS]

    def others(self, number: int) -> Sequence[Learner]:
        """A quarter of the rest."""
        return self.everybody[WATCHERS + number :: len(CHANGES)]


@asynccontextmanager
async def school_at(folder: Path, server: ServerProcess, gate_keeper: GateKeeper) -> AsyncIterator[School]:
    database, key = Database(f"sqlite:///{folder / 'test.db'}"), (folder / "secret.key").read_text().strip()
    everybody = await populate(database, Authenticator(database, key, 3600), USERS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.dispose)
        some = [*_some(everybody, 0, 10), *_some(everybody, 10, 50), *_some(everybody, 50, 100)]
        readers = [Reader(learner, server, stack) for learner in some]
        yield School(server, gate_keeper, WebSocketFlag(database, key, "auto", Rules()), everybody, readers)


def _some(everybody: Sequence[Learner], low: int, high: int) -> list[Learner]:
    """Two whose turn it is between these percentages."""
    return [learner for learner in everybody if low <= bucket(learner.user_id) < high][:2]


async def test_two_thousand_users_come_to_the_websocket_and_back_while_they_read(
    start: Start, gate_keeper: GateKeeper, tmp_path: Path
) -> None:
    server = await start("--gate", gate_keeper.path, use_websocket="auto", workers=8, guard_seconds=3600)
    async with school_at(tmp_path, server, gate_keeper) as school:
        moved = [await moved_at(school, await school.flag.standing(), school.watchers)]
        assert moved == [set()]
        for number, (action, percentage) in enumerate(CHANGES):
            standing = await change_while_they_read(school, number, action)
            asked = [*school.watchers, *school.others(number)]
            moved.append(await moved_at(school, standing, asked))
            assert len(moved[-1]) == pytest.approx(USERS * percentage / 100, abs=USERS * 0.02)
        nobody, tenth, half, everybody, after = moved
        assert nobody < tenth < half < everybody == {learner.user_id for learner in school.everybody}
        assert after == nobody
        await assert_nothing_was_lost_or_run_twice(school, tmp_path)
        assert server.log.errors == []


async def moved_at(school: School, standing: Standing, asked: Sequence[Learner]) -> set[int]:
    """All of the two thousand who have the WebSocket now; those who are asked have settings that say the same."""
    decided = {learner.user_id: await school.flag.decide(learner.user_id, None) for learner in school.everybody}
    said = await effective_for(school.server, asked)
    for user_id, effective in said.items():
        decision, stage = decided[user_id]
        assert effective == Effective(decision.use_websocket, "stage", standing.stage)
        assert stage == standing.stage
    return {user_id for user_id, (decision, _) in decided.items() if decision.use_websocket}


async def change_while_they_read(school: School, number: int, action: Action) -> Standing:
    """Each reader's reading is under way when the rollout changes, and goes on by the way that is then theirs."""
    begun = [asyncio.create_task(reader.read(f"during-{number}")) for reader in school.readers]
    waiting = [await school.gate_keeper.reached() for _ in begun]
    standing = await school.flag.change(action, "ada", "as planned")
    said = await answers_after_the_change(school, standing, time.monotonic())
    gone_over = [reader for reader in school.readers if goes_over(reader, said[reader.learner.user_id])]
    again = [asyncio.create_task(reader.read(f"during-{number}")) for reader in gone_over]
    for one in waiting:
        one.let_through()
    assert await asyncio.gather(*begun, *again) == [ANSWER] * (len(begun) + len(again))
    afterwards = [asyncio.create_task(reader.read(f"after-{number}")) for reader in school.readers]
    for _ in afterwards:
        (await school.gate_keeper.reached()).let_through()
    assert await asyncio.gather(*afterwards) == [ANSWER] * len(afterwards)
    return standing


def goes_over(reader: Reader, effective: Effective) -> bool:
    """Whether the page of a reader now goes another way."""
    before, reader.way = reader.way, "ws" if effective.use_websocket else "sse"
    return reader.way != before


async def answers_after_the_change(school: School, standing: Standing, changed_at: float) -> dict[int, Effective]:
    """What the settings of the readers say when they say something new: no question asked a second later finds the
    old answer."""
    learners = [reader.learner for reader in school.readers]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            asked_at = time.monotonic()
            said = await effective_for(school.server, learners)
            stages = {effective.stage for effective in said.values()}
            if stages == {standing.stage}:
                return said
            assert asked_at - changed_at <= KNOWN_SECONDS


async def assert_nothing_was_lost_or_run_twice(school: School, folder: Path) -> None:
    wanted = sorted(f"{when}-{number}" for when in ("during", "after") for number in range(len(CHANGES)))
    for reader in school.readers:
        assert sorted(saved_in(folder, reader.learner)) == wanted
    async with http(school.server, None) as client:
        text = (await client.get("/metrics")).raise_for_status().text
    ended = [
        sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "sounditout_readings_total"
    ]
    assert {sample.labels["outcome"] for sample in ended} == {"complete"}
    assert {sample.labels["transport"] for sample in ended} == {"sse", "websocket"}
    assert sum(sample.value for sample in ended) == len(wanted) * len(school.readers)
