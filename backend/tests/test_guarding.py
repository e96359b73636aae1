"""The guard's watch, with a clock that moves when it is told to."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sounditout.guarding import guarding
from sounditout.rollout.stages import Change

BACK = Change("rollback", 0, False, "the guard, by itself", "too much failed", datetime(2026, 9, 1, tzinfo=UTC))


class Rounds:
    """So many waits pass at once; then nobody waits any more."""

    def __init__(self, count: int) -> None:
        self.waited: list[float] = []
        self.over = asyncio.Event()
        self._left = count

    async def wait(self, seconds: float) -> None:
        if not self._left:
            self.over.set()
            await asyncio.Event().wait()
        self._left -= 1
        self.waited.append(seconds)


async def looked(outcomes: Iterator[Change | Exception | None], rounds: int) -> Rounds:
    """The guard looks so often, each time with the next outcome."""

    async def watch() -> Change | None:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    time = Rounds(rounds)
    async with guarding(watch, 60, time.wait), asyncio.timeout(10):
        await time.over.wait()
    return time


async def test_it_looks_after_every_wait_and_ends_with_the_block() -> None:
    outcomes = iter([None, None, None])
    time = await looked(outcomes, 3)
    assert time.waited == [60, 60, 60]
    assert next(outcomes, "all were used") == "all were used"


async def test_what_it_did_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    await looked(iter([None, BACK]), 2)
    (record,) = [record for record in caplog.records if record.message == "the guard acted"]
    assert (record.__dict__["action"], record.__dict__["reason"]) == ("rollback", "too much failed")


async def test_a_database_that_does_not_answer_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    time = await looked(iter([OSError("gone"), TimeoutError(), BACK]), 3)
    assert len(time.waited) == 3
    assert [record.message for record in caplog.records if "guard" in record.message] == [
        "the guard could not look at the rollout",
        "the guard could not look at the rollout",
        "the guard acted",
    ]
