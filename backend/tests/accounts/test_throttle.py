"""Guessing becomes slow, mistyping does not; a crowd gets in, a flood does not."""

import pytest

from sounditout.accounts.throttle import Pace, Throttle, TooManyTries


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, times: int, key: str = "ada") -> None:
    for _ in range(times):
        throttle.failed(key)


def test_a_few_mistakes_cost_nothing(throttle: Throttle) -> None:
    fail(throttle, 4)
    throttle.check("ada")


def test_then_one_has_to_wait_longer_each_time(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, 4)
    for seconds in (5, 10, 20, 40, 80, 160, 300, 300):
        throttle.failed("ada")
        with pytest.raises(TooManyTries) as caught:
            throttle.check("ada")
        assert caught.value.retry_after == seconds
        assert caught.value.code == "too_many_requests"
        clock.now += seconds
        throttle.check("ada")


def test_a_part_of_a_second_is_rounded_up(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, 5)
    clock.now += 4.5
    with pytest.raises(TooManyTries) as caught:
        throttle.check("ada")
    assert caught.value.retry_after == 1


def test_others_do_not_wait(throttle: Throttle) -> None:
    fail(throttle, 20)
    throttle.check("bob")


def test_success_forgets(throttle: Throttle) -> None:
    fail(throttle, 20)
    throttle.succeeded("ada")
    throttle.check("ada")


def test_half_an_hour_forgets(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, 20)
    clock.now += 1800
    fail(throttle, 4)
    throttle.check("ada")


def test_memory_is_bounded_and_the_newest_stay(clock: Clock) -> None:
    throttle = Throttle(clock, max_entries=2)
    for key in ("ada", "bob", "eve"):
        fail(throttle, 5, key)
    throttle.check("ada")
    with pytest.raises(TooManyTries):
        throttle.check("bob")
    with pytest.raises(TooManyTries):
        throttle.check("eve")


@pytest.mark.parametrize("per_minute", [1, 3, 7, 120])
def test_so_many_at_once_and_then_one_after_the_other(clock: Clock, per_minute: int) -> None:
    pace = Pace(per_minute, clock)
    assert [pace.take("school") for _ in range(per_minute)] == [0] * per_minute
    for _ in range(5):
        wait = pace.take("school")
        assert wait == pytest.approx(60 / per_minute)
        clock.now += wait
        assert pace.take("school") == 0
    clock.now += 3600
    assert [pace.take("school") for _ in range(per_minute)] == [0] * per_minute
    assert pace.take("school") > 0


def test_asking_too_early_costs_nothing(clock: Clock) -> None:
    pace = Pace(2, clock)
    assert [pace.take("a") for _ in range(5)] == [0, 0, 30, 30, 30]
    clock.now += 10
    assert pace.take("a") == 20


def test_memory_of_the_pace_is_bounded_and_the_newest_stay(clock: Clock) -> None:
    pace = Pace(1, clock, max_entries=2)
    assert [pace.take(key) for key in ("ada", "bob", "eve", "ada")] == [0, 0, 0, 0]
    assert pace.take("eve") == 60
