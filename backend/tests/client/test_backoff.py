import itertools

from hypothesis import given
from hypothesis import strategies as st

from sounditout.client.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff


def test_the_bound_doubles_up_to_thirty_seconds() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_what_works_begins_anew() -> None:
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.next() for _ in range(3)]
    backoff.reset()
    assert backoff.next() == waits[0] == FIRST_SECONDS


def test_the_jitter_is_full() -> None:
    dice = itertools.cycle([0.0, 0.25, 1.0])
    backoff = Backoff(lambda: next(dice))
    assert [backoff.next() for _ in range(3)] == [0.0, 0.25, 2.0]


@given(st.lists(st.floats(0, 1), max_size=40))
def test_never_longer_than_the_longest(chances: list[float]) -> None:
    dice = iter(chances)
    backoff = Backoff(lambda: next(dice))
    assert all(0 <= backoff.next() <= LONGEST_SECONDS for _ in chances)
