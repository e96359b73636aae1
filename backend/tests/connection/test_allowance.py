"""So many at once, and as many again every minute."""

from hypothesis import given
from hypothesis import strategies as st

from sounditout.connection.allowance import Allowance


def test_so_many_at_once_and_then_one_every_half_second() -> None:
    allowance = Allowance(120, now=0.0)
    assert [allowance.take(0.0) for _ in range(121)] == [True] * 120 + [False]
    assert allowance.take(0.5)
    assert not allowance.take(0.5)
    assert [allowance.take(60.5) for _ in range(121)] == [True] * 120 + [False]


def test_a_clock_that_is_set_back_gives_nothing() -> None:
    allowance = Allowance(2, now=100.0)
    assert [allowance.take(100.0), allowance.take(50.0), allowance.take(50.0)] == [True, True, False]
    assert allowance.take(80.0)


@given(st.lists(st.floats(0, 5), max_size=300), st.integers(1, 50))
def test_in_no_minute_more_than_twice_as_many(pauses: list[float], per_minute: int) -> None:
    allowance, now, taken = Allowance(per_minute, now=0.0), 0.0, []
    for pause in pauses:
        now += pause
        if allowance.take(now):
            taken.append(now)
    for start in taken:
        assert sum(start <= at < start + 60 for at in taken) <= 2 * per_minute
