"""What many readings say: nothing before there are enough, and nothing that is long past."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.phonemes import PHONEMES
from sounditout.practice.progress import (
    ENOUGH_TIMES,
    MASTERED_WRONG,
    RECENT_TIMES,
    PastReading,
    SoundProgress,
    SoundState,
    days,
    practise_next,
    sounds,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def past(
    counts: Mapping[str, tuple[int, int]], *, at: datetime = NOON, rate: float = 0.0, wpm: float = 60.0
) -> PastReading:
    by_phoneme = {phoneme: {"expected": n, "wrong": wrong} for phoneme, (n, wrong) in counts.items()}
    return PastReading(at, 100 * (1 - rate), rate, wpm, by_phoneme)


def progress_of(phoneme: str, *newest_first: tuple[int, int]) -> SoundProgress:
    readings = [past({phoneme: count}) for count in newest_first]
    return next(one for one in sounds(readings) if one.sound == phoneme)


@pytest.mark.parametrize(
    ("newest_first", "state"),
    [
        ([], "new"),
        ([(1, 1)], "not_enough"),
        ([(19, 0)], "not_enough"),
        ([(20, 0)], "mastered"),
        ([(20, 1)], "mastered"),
        ([(20, 2)], "growing"),
        ([(30, 1)], "mastered"),
        ([(30, 2)], "growing"),
        ([(10, 0)] * 3 + [(10, 10)] * 9, "mastered"),  # what went wrong long ago is forgiven
        ([(10, 5)] + [(10, 0)] * 99, "growing"),  # what goes wrong now is not made good by the past
    ],
)
def test_state_of_a_sound(newest_first: list[tuple[int, int]], state: SoundState) -> None:
    assert progress_of("SH", *newest_first).state == state


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[1] <= pair[0]), max_size=40))
def test_nothing_is_said_too_early_and_nothing_counts_twice(counts: list[tuple[int, int]]) -> None:
    one = progress_of("SH", *counts)
    assert (one.expected, one.wrong) == (sum(n for n, _ in counts), sum(wrong for _, wrong in counts))
    assert min(one.expected, RECENT_TIMES) <= one.recent_expected <= one.expected
    assert one.recent_wrong <= one.wrong
    assert (one.state in {"mastered", "growing"}) == (one.expected >= ENOUGH_TIMES)
    if one.state == "mastered":
        assert one.recent_wrong <= MASTERED_WRONG * one.recent_expected


def test_every_sound_is_there_whatever_was_read() -> None:
    assert [one.sound for one in sounds([])] == list(PHONEMES)
    assert {one.state for one in sounds([past({"SH": (20, 0), "??": (3, 3)})])} == {"new", "mastered"}


def test_report_that_counts_nothing_changes_nothing() -> None:
    unknown = PastReading(NOON, 50.0, 0.5, 60.0, None)
    assert {one.state for one in sounds([unknown])} == {"new"}
    (day,) = days([unknown], NOON.date())
    assert day.phoneme_error_rate == 0.5


def test_days_are_those_of_the_readers_clock() -> None:
    late = past({}, at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
    early = past({}, at=datetime(2026, 5, 2, 0, 30, tzinfo=UTC))
    first = date(2026, 5, 1)
    in_london, in_paris, in_new_york = (
        [(day.date.day, day.readings) for day in days([late, early], first, timedelta(hours=ahead))]
        for ahead in (0, 2, -4)
    )
    assert (in_london, in_paris, in_new_york) == ([(1, 1), (2, 1)], [(2, 2)], [(1, 2)])


def test_days_come_in_order_and_only_those_on_which_something_was_read() -> None:
    later, earlier = NOON, NOON - timedelta(days=3)
    found = days([past({}, at=later), past({}, at=earlier), past({}, at=earlier)], date(2026, 5, 1))
    assert [(day.date, day.readings) for day in found] == [(date(2026, 5, 1), 2), (date(2026, 5, 4), 1)]
    assert days([past({}, at=earlier)], date(2026, 5, 2)) == []


def test_midnight_is_that_of_utc() -> None:
    before = datetime(2026, 5, 3, 23, 59, 59, tzinfo=UTC)
    found = days([past({}, at=before + timedelta(seconds=1)), past({}, at=before)], date(2026, 1, 1))
    assert [day.date for day in found] == [date(2026, 5, 3), date(2026, 5, 4)]


def test_long_sentence_counts_for_more_than_a_short_one() -> None:
    readings = [past({"AE": (30, 3)}, rate=0.1, wpm=40), past({"AE": (10, 5)}, rate=0.5, wpm=80)]
    (day,) = days(readings, NOON.date())
    assert day.phoneme_error_rate == 0.2
    assert day.words_correct_per_minute == 60
    assert day.accuracy == 70


def test_what_goes_wrong_most_is_to_be_practised_first() -> None:
    reading = past({"SH": (30, 9), "TH": (30, 15), "AE": (30, 1), "K": (1, 1), "R": (30, 6)})
    found = practise_next(sounds([reading]))
    assert [(one.sound, one.reason) for one in found] == [
        ("TH", "often_wrong"),
        ("SH", "often_wrong"),
        ("R", "often_wrong"),
    ]


def test_beginner_is_given_the_sounds_that_are_taught_first() -> None:
    assert [(one.sound, one.reason) for one in practise_next(sounds([]))] == [
        ("S", "new"),
        ("AE", "new"),
        ("T", "new"),
    ]
    found = practise_next(sounds([past({"AE": (2, 0), "S": (20, 0)})]))
    assert [(one.sound, one.reason) for one in found] == [("AE", "not_enough"), ("T", "new"), ("IH", "new")]


def test_who_has_mastered_everything_has_nothing_to_practise() -> None:
    assert practise_next(sounds([past(dict.fromkeys(PHONEMES, (30, 1)))])) == []
