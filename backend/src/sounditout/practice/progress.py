"""What many readings say together: a point for each day, the state of each sound, what to practise. Pure.

past readings, newest first ─┬→ one Day per date
                             └→ one SoundProgress per sound ─→ what to practise next
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Literal

from sounditout.analysis.phonemes import PHONEMES

SoundState = Literal["mastered", "growing", "not_enough", "new"]
Reason = Literal["often_wrong", "not_enough", "new"]

ENOUGH_READINGS: Final = 5
"""With fewer, a line is an accident: one misheard word of a short sentence is a tenth of it."""
ENOUGH_TIMES: Final = 20
"""So often a sound must have been tried before anything is said of it. Who got 20 of 20 right gets at least 86 %
right in the long run (with 95 % certainty: the rule of three)."""
RECENT_TIMES: Final = 30
"""So many of the latest tries count: what was hard in autumn must not be held against anybody in spring."""
MASTERED_WRONG: Final = 0.05
"""One of 20 or of 30 may be wrong. The listener itself takes about one good word in 28 for a misread one, that is one
sound in a hundred: a reader without any fault stays within one of 30 in 96 cases of 100."""
SUGGESTIONS: Final = 3
"""One for today and two to choose from."""
_CAUTION: Final = 5
"""Tries without a fault that every sound is given beforehand: one of one wrong says less than nine of thirty."""
_FIRST_TAUGHT: Final = ("S", "AE", "T", "IH", "P", "N", "M", "D", "AA", "K", "EH", "AH")
"""The order of most British schools ("Letters and Sounds", phase 2): after three sounds there are words to read."""


@dataclass(frozen=True, slots=True)
class PastReading:
    """What is needed of one saved reading."""

    at: datetime
    accuracy: float
    """0..100."""
    phoneme_error_rate: float
    """0..1."""
    words_correct_per_minute: float
    by_phoneme: Mapping[str, Mapping[str, Any]] | None
    """`problems.by_phoneme` of the report: how often each sound was `expected`, and how often `wrong`."""

    def on(self, ahead: timedelta) -> date:
        """The date where clocks are so far ahead of UTC."""
        return (self.at + ahead).date()

    def tries(self, phoneme: str) -> tuple[int, int]:
        """How often a sound was tried, and how often it went wrong."""
        count = (self.by_phoneme or {}).get(phoneme)
        return (int(count["expected"]), int(count["wrong"])) if count else (0, 0)

    @property
    def sounds(self) -> int:
        """How many sounds were tried in all."""
        return sum(int(count["expected"]) for count in (self.by_phoneme or {}).values())


@dataclass(frozen=True, slots=True)
class Day:
    """All readings of one day."""

    date: date
    readings: int
    phoneme_error_rate: float
    """0..1; a long sentence counts for more than a short one."""
    words_correct_per_minute: float
    """The mean."""
    accuracy: float
    """0..100, the mean."""


@dataclass(frozen=True, slots=True)
class SoundProgress:
    """One sound over all readings that are looked at."""

    sound: str
    """ARPAbet."""
    expected: int
    wrong: int
    recent_expected: int
    """Of the latest tries: as many readings as it takes to come to `RECENT_TIMES`."""
    recent_wrong: int

    @property
    def state(self) -> SoundState:
        if self.expected == 0:
            return "new"
        if self.expected < ENOUGH_TIMES:
            return "not_enough"
        return "mastered" if self.recent_wrong <= MASTERED_WRONG * self.recent_expected else "growing"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sound to practise, and why."""

    sound: str
    reason: Reason


def days(readings: Iterable[PastReading], since: date, ahead: timedelta = timedelta()) -> list[Day]:
    """One point for each date on which something was read, the oldest first.

    Args:
        readings: with times in UTC.
        since: the first date that counts.
        ahead: of UTC, the reader's clock: who reads in the evening in New York reads on that day, not on the next.
    """
    dated = [(reading.on(ahead), reading) for reading in readings]
    counted = sorted((pair for pair in dated if pair[0] >= since), key=itemgetter(0))
    return [_day(on, [reading for _, reading in group]) for on, group in groupby(counted, key=itemgetter(0))]


def _day(on: date, readings: Sequence[PastReading]) -> Day:
    # A reading of which nothing was said at all has no tried sounds; it must count for something.
    weights = [max(1, reading.sounds) for reading in readings]
    errors = sum(r.phoneme_error_rate * weight for r, weight in zip(readings, weights, strict=True))
    return Day(
        date=on,
        readings=len(readings),
        phoneme_error_rate=round(errors / sum(weights), 4),
        words_correct_per_minute=_mean([reading.words_correct_per_minute for reading in readings]),
        accuracy=_mean([reading.accuracy for reading in readings]),
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 1)


def sounds(readings: Sequence[PastReading]) -> list[SoundProgress]:
    """All 39 sounds in their usual order; `readings` newest first."""
    return [_sound(phoneme, readings) for phoneme in PHONEMES]


def _sound(phoneme: str, readings: Sequence[PastReading]) -> SoundProgress:
    expected = wrong = recent_expected = recent_wrong = 0
    for reading in readings:
        times, failures = reading.tries(phoneme)
        if recent_expected < RECENT_TIMES:
            recent_expected += times
            recent_wrong += failures
        expected += times
        wrong += failures
    return SoundProgress(phoneme, expected, wrong, recent_expected, recent_wrong)


def practise_next(progress: Sequence[SoundProgress]) -> list[Suggestion]:
    """Up to three sounds that are not mastered: those that go wrong most, then those of which too little is known."""
    weak = sorted((one for one in progress if _weakness(one) > 0), key=_weakness, reverse=True)
    unknown = sorted((one for one in progress if one.state in {"not_enough", "new"}), key=_turn)
    chosen = {one.sound: one for one in (*weak, *unknown)}
    return [Suggestion(one.sound, _reason(one)) for one in list(chosen.values())[:SUGGESTIONS]]


def _weakness(one: SoundProgress) -> float:
    """The share of the latest tries that went wrong, cautiously; 0 for what is mastered."""
    return 0.0 if one.state == "mastered" else one.recent_wrong / (one.recent_expected + _CAUTION)


def _turn(one: SoundProgress) -> int:
    return _FIRST_TAUGHT.index(one.sound) if one.sound in _FIRST_TAUGHT else len(_FIRST_TAUGHT)


def _reason(one: SoundProgress) -> Reason:
    if _weakness(one) > 0:
        return "often_wrong"
    return "new" if one.state == "new" else "not_enough"
