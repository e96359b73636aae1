"""Nobody takes for themselves what all share."""

from contextlib import ExitStack

import pytest

from sounditout.errors import Overloaded
from sounditout.routers.fair_use import FairUse, TooMuch


class Clock:
    """Stands still until it is set."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_user_has_so_many_turns_at_once_and_others_have_theirs() -> None:
    fair_use = FairUse(per_minute=100, at_once=2, in_all=9)
    with fair_use.turn(1):
        with fair_use.turn(1):
            with pytest.raises(TooMuch) as caught, fair_use.turn(1):
                pass
            assert caught.value.retry_after == 1
            with fair_use.turn(2):
                pass
        with fair_use.turn(1):  # one has ended
            pass


def test_all_together_have_so_many_turns() -> None:
    fair_use = FairUse(per_minute=100, at_once=2, in_all=3)
    with ExitStack() as turns:
        for user in range(3):
            turns.enter_context(fair_use.turn(user))
        with pytest.raises(Overloaded), fair_use.turn(9):
            pass
    with fair_use.turn(9):
        pass


def test_a_minute_has_so_many_turns_and_a_refused_one_costs_nothing() -> None:
    clock = Clock()
    fair_use = FairUse(per_minute=2, at_once=1, in_all=9, clock=clock)
    for _ in range(2):
        with fair_use.turn(1):
            pass
    for _ in range(3):
        with pytest.raises(TooMuch) as caught, fair_use.turn(1):
            pass
        assert caught.value.retry_after == 30
    with fair_use.turn(2):
        pass
    clock.seconds = 30
    with fair_use.turn(1):
        pass


def test_work_that_fails_gives_its_turn_back() -> None:
    fair_use = FairUse(per_minute=100, at_once=1, in_all=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), fair_use.turn(1):
            raise ZeroDivisionError
