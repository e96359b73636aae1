"""The flag on real databases: what one process changes others see, and what users live through is counted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple
from sqlite3 import OperationalError

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.flag import Standing, WebSocketFlag
from sounditout.persistence.database import Database
from sounditout.rollout.decide import bucket
from sounditout.rollout.evidence import LATENCY_BINS, Latencies, Tally, latency_bin
from sounditout.rollout.experience import Experience
from sounditout.rollout.rules import Rules
from sounditout.rollout.stages import NotPossible

KEY = "a key that others do not know"
MOVED = [user for user in range(1, 600) if bucket(user) < 10]
"""Users whose turn it is at the first stage."""
OTHERS = [user for user in range(1, 200) if bucket(user) >= 10]


def a_flag(database: Database, clock: Callable[[], float] = lambda: 0.0) -> WebSocketFlag:
    """The flag as another process has it."""
    return WebSocketFlag(database, KEY, "auto", Rules(), clock=clock)


class SlowDatabase(Database):
    """Hands the answer of its first question over when it is told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        is_first = not self.asked.is_set()
        async with super().reading() as session:
            yield session
            if is_first:
                self.asked.set()
                await self.answer.wait()


class BrokenDatabase(Database):
    """Answers as long as nobody breaks it."""

    broken = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        if self.broken:
            raise OperationalError
        async with super().reading() as session:
            yield session


async def begun(database: Database) -> tuple[WebSocketFlag, Standing]:
    """A rollout at its first stage."""
    flag = a_flag(database)
    return flag, await flag.change("start", "ada", "a school begins")


async def test_nobody_is_moved_before_somebody_says_so(database: Database) -> None:
    flag = a_flag(database)
    assert not (await flag.decide(MOVED[0], None))[0].use_websocket
    assert (await flag.standing()).state.percentage == 0
    assert await flag.watch() is None


async def test_another_process_sees_a_change_after_a_second(database: Database) -> None:
    now = 0.0
    other = a_flag(database, lambda: now)
    assert (await other.standing()).state.percentage == 0
    await begun(database)
    now = 0.9
    assert (await other.standing()).state.percentage == 0
    now = 1.1
    standing = await other.standing()
    assert standing.state.percentage == 10
    assert [(change.who, change.reason) for change in standing.history] == [("ada", "a school begins")]
    decision, stage = await other.decide(MOVED[0], None)
    assert (decision.use_websocket, stage) == (True, standing.stage)


async def test_an_old_answer_does_not_hide_a_change(database: Database, migrated_url: str) -> None:
    slow = SlowDatabase(migrated_url)
    flag = a_flag(slow)
    asking = asyncio.create_task(flag.standing())
    await slow.asked.wait()
    changing = asyncio.create_task(flag.change("start", "ada", "a school begins"))
    while not (await a_flag(database).standing()).history:  # noqa: ASYNC110  (another connection commits it)
        await asyncio.sleep(0)
    slow.answer.set()
    await asyncio.gather(asking, changing)
    assert (await flag.standing()).state.percentage == 10
    await slow.dispose()


async def test_readings_have_the_label_of_the_stage_also_while_the_database_does_not_answer(
    database: Database, migrated_url: str
) -> None:
    await begun(database)
    now = 0.0
    fragile = BrokenDatabase(migrated_url)
    flag = a_flag(fragile, lambda: now)
    assert await flag.percentage() == 10
    fragile.broken = True
    now = 5.0
    assert await flag.percentage() == 10
    assert await a_flag(fragile).percentage() == 0
    await fragile.dispose()


async def test_of_two_who_begin_at_once_one_is_told_that_it_has_begun(database: Database) -> None:
    results = await asyncio.gather(
        *(a_flag(database).change("start", who, "") for who in ("ada", "bo")), return_exceptions=True
    )
    assert sum(isinstance(result, NotPossible) for result in results) == 1
    assert len((await a_flag(database).standing()).history) == 1


async def test_of_two_who_advance_at_once_one_does(database: Database) -> None:
    await begun(database)
    results = await asyncio.gather(
        *(a_flag(database).change("advance", who, "", after=1) for who in ("ada", "bo")), return_exceptions=True
    )
    assert sum(isinstance(result, NotPossible) for result in results) == 1
    assert (await a_flag(database).standing()).state.percentage == 50


async def test_to_go_on_is_meant_for_what_was_seen_and_to_stop_always(database: Database) -> None:
    flag, _ = await begun(database)
    await flag.change("advance", "ada", "", after=1)
    with pytest.raises(NotPossible, match="in the meantime"):
        await flag.change("advance", "bo", "", after=1)
    assert (await flag.standing()).state.percentage == 50
    assert (await flag.change("hold", "bo", "", after=1)).state.held
    assert (await flag.change("rollback", "bo", "", after=1)).state.percentage == 0


async def test_what_users_live_through_is_added_up_by_cohort(database: Database) -> None:
    flag, standing = await begun(database)
    experience = Experience(readings=3, failed_readings=1, later_requests=2, latencies={latency_bin(300): 3})
    both = [MOVED[0], MOVED[0], MOVED[1], OTHERS[0]]
    await asyncio.gather(*(flag.note(user, None, standing.stage, experience) for user in both))
    evidence = await flag.evidence(standing)
    assert (evidence.ws.readings.trials, evidence.ws.readings.failures, evidence.ws.readings.users) == (9, 3, 2)
    assert (evidence.sse.readings.trials, evidence.sse.readings.failures) == (3, 1)
    assert evidence.ws.latencies.counts[latency_bin(300)] == 9
    assert evidence.ws.later_requests.failures == 0


async def test_what_is_no_evidence_is_left_out(database: Database) -> None:
    flag, standing = await begun(database)
    one = Experience(readings=1)
    await flag.note(MOVED[0], True, standing.stage, one)  # has chosen
    await flag.note(MOVED[0], None, standing.stage + 1, one)  # of another stage
    assert (await flag.evidence(standing)).ws.readings.trials == 0


async def test_a_hold_forgets_nothing_and_a_new_stage_counts_anew(database: Database) -> None:
    flag, standing = await begun(database)
    await flag.note(MOVED[0], None, standing.stage, Experience(readings=1))
    held = await flag.change("hold", "ada", "")
    assert (await flag.evidence(held)).ws.readings.trials == 1
    resumed = await flag.change("start", "ada", "")
    advanced = await flag.change("advance", "ada", "")
    assert (resumed.state.held, advanced.state.percentage) == (False, 50)
    assert (await flag.evidence(advanced)).ws.readings.trials == 0


async def test_at_the_last_stage_the_other_cohort_is_that_of_the_stages_before(database: Database) -> None:
    flag, standing = await begun(database)
    await flag.note(OTHERS[0], None, standing.stage, Experience(readings=5))
    await flag.change("advance", "ada", "")
    last = await flag.change("advance", "ada", "")
    evidence = await flag.evidence(last)
    assert evidence.sse_is_past
    assert evidence.sse.readings.trials == 5


async def test_a_user_of_several_stages_is_one_and_not_several(database: Database) -> None:
    flag, standing = await begun(database)
    lived = Experience(readings=30, failed_readings=3, latencies={latency_bin(300): 20, latency_bin(900): 7})
    stayed, left = [user for user in OTHERS if bucket(user) >= 50][:4], next(u for u in OTHERS if bucket(u) < 50)
    for user in (*stayed, left):
        await flag.note(user, None, standing.stage, lived)
    held = await flag.change("hold", "ada", "exams")
    assert held.stage == standing.stage
    resumed = await flag.change("resume", "ada", "exams are over")
    await flag.note(stayed[0], None, resumed.stage, lived)
    second = await flag.change("advance", "ada", "it goes well")
    for user in stayed:
        await flag.note(user, None, second.stage, lived)
    last = await flag.change("advance", "ada", "it goes well")
    sse = (await flag.evidence(last)).sse
    expected = Tally.of_users([(90, 81), *[(60, 54)] * 3, (30, 27)])
    assert astuple(sse.readings) == pytest.approx(astuple(expected))
    histogram = np.array([lived.latencies.get(number, 0) for number in range(LATENCY_BINS)])
    in_bins = Latencies.of_users([(times * histogram).tolist() for times in (3, 2, 2, 2, 1)])
    assert (sse.latencies.counts, sse.latencies.users) == (in_bins.counts, 5)
    assert np.allclose(sse.latencies.worth_together, in_bins.worth_together)


async def test_the_guard_rolls_back_what_fails_and_says_why(database: Database) -> None:
    flag, standing = await begun(database)
    good, bad = Experience(readings=20), Experience(readings=20, failed_readings=4)
    for user in MOVED[:30]:
        await flag.note(user, None, standing.stage, bad)
    for user in OTHERS[:100]:
        await flag.note(user, None, standing.stage, good)
    change = await flag.watch()
    assert change is not None
    assert (change.action, change.percentage, change.who) == ("rollback", 0, "the guard, by itself")
    assert "120 of 600 readings over WebSocket failed, 0 of 2,000 over SSE" in change.reason
    assert await flag.watch() is None
    decision, _ = await a_flag(database).decide(MOVED[0], None)
    assert not decision.use_websocket


async def test_the_guard_leaves_a_good_rollout_alone(database: Database) -> None:
    flag, standing = await begun(database)
    for user in (*MOVED[:30], *OTHERS[:30]):
        await flag.note(user, None, standing.stage, Experience(readings=20, later_requests=10, sessions=2))
    assert await flag.watch() is None
    _, verdict = await flag.verdict()
    assert verdict.advice == "wait"


async def test_pseudonyms_are_of_one_rollout_and_of_one_key(database: Database) -> None:
    flag, _ = await begun(database)
    assert flag._pseudonym(1, 7) == flag._pseudonym(1, 7)
    other = WebSocketFlag(database, "another key", "auto", Rules())
    assert len({flag._pseudonym(1, 7), flag._pseudonym(2, 7), flag._pseudonym(1, 8), other._pseudonym(1, 7)}) == 4


async def test_a_new_start_forgets_what_was_counted_before(database: Database) -> None:
    flag, first = await begun(database)
    await flag.note(MOVED[0], None, first.stage, Experience(readings=1, latencies={0: 1}))
    await flag.change("rollback", "ada", "")
    again = await flag.change("start", "ada", "")
    assert again.state.percentage == 10
    assert (await flag.evidence(first)).ws.readings.trials == 0
    assert (await flag.evidence(first)).ws.latencies.total == 0


async def test_a_long_name_and_a_long_reason_are_cut_to_what_can_be_kept(database: Database) -> None:
    await a_flag(database).change("start", "a" * 200, "b" * 2000)
    (change,) = (await a_flag(database).standing()).history
    assert (len(change.who), len(change.reason)) == (64, 1000)


async def test_stages_count_only_where_nothing_else_decides_for_all(database: Database) -> None:
    assert a_flag(database).stages_count
    assert not WebSocketFlag(database, KEY, "on", Rules()).stages_count
    assert not WebSocketFlag(database, KEY, "off", Rules()).stages_count
    assert not WebSocketFlag(database, KEY, "auto", Rules(), only_way=True).stages_count
