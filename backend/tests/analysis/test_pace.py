"""When to come again."""

import pytest

from sounditout.analysis.pace import Pace


def test_waiting_gets_longer_with_the_queue_and_shorter_with_threads() -> None:
    assert Pace(threads=1).until_begun(40) == pytest.approx(8)
    assert Pace(threads=2).until_begun(40) == pytest.approx(4)


def test_it_follows_what_calls_take_lately() -> None:
    pace = Pace(threads=2)
    for _ in range(40):
        pace.took(1.0)
    assert pace.until_begun(10) == pytest.approx(5, rel=0.01)
    for _ in range(10):
        pace.took(2.0)
    assert pace.until_begun(10) == pytest.approx(9.5, rel=0.05)


def test_nobody_is_told_to_come_back_at_once_or_much_later() -> None:
    pace = Pace(threads=2)
    assert pace.until_begun(0) == 1
    pace.took(1e6)
    assert pace.until_begun(64) == 30
