"""Slows down guessing and taking: after so many failures in a row, or so many in a minute, the next has to wait."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from sounditout.errors import TooManyRequests

_FREE_FAILURES: Final = 5
"""A child mistypes a few times; nobody needs a sixth try at once."""
_FIRST_WAIT_SECONDS: Final = 5.0
_LONGEST_WAIT_SECONDS: Final = 300.0
"""With it a guesser gets under 300 tries a day."""
_FORGET_SECONDS: Final = 1800.0
_MAX_ENTRIES: Final = 10_000
"""About 2 MB; the ones that were counted longest ago are forgotten first."""
_ROUNDING_SECONDS: Final = 1e-6
"""Sums of fractions of a second are not exact; nobody waits for a millionth."""


class TooManyTries(TooManyRequests):
    """Too many wrong passwords in a row, or too much else."""

    default_message = "That was wrong several times. Please wait a little before you try again."

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class TooManyGuests(TooManyTries):
    """Too many guests from one place in a short time."""

    default_message = "Many people are starting here just now. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    at: float
    """Clock time of the last one, seconds."""

    @property
    def free_again_at(self) -> float:
        if self.count < _FREE_FAILURES:
            return self.at
        doubled = _FIRST_WAIT_SECONDS * 2.0 ** min(self.count - _FREE_FAILURES, 16)
        return self.at + min(doubled, _LONGEST_WAIT_SECONDS)


class Throttle:
    """Counts failures per key, in memory, bounded. Call it from one thread.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float], max_entries: int = _MAX_ENTRIES) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._failures: OrderedDict[Hashable, _Failures] = OrderedDict()

    def check(self, key: Hashable) -> None:
        """Raises TooManyTries while the key has to wait."""
        failures = self._failures.get(key)
        wait = failures.free_again_at - self._clock() if failures else 0.0
        if wait > 0:
            raise TooManyTries(math.ceil(wait))

    def failed(self, key: Hashable) -> None:
        """Count one more failure."""
        now = self._clock()
        before = self._failures.pop(key, None)
        recent = before is not None and now - before.at < _FORGET_SECONDS
        self._failures[key] = _Failures(before.count + 1 if before and recent else 1, now)
        if len(self._failures) > self._max_entries:
            self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        """Forget the key's failures."""
        self._failures.pop(key, None)


class Pace:
    """Lets each key have so many at once and so many a minute, in memory, bounded. Call it from one thread.

    The generic cell rate algorithm: per key, one moment, up to which everything is paid for.

    Args:
        per_minute: both the number a minute and the number at once.
        clock: monotonic seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float], max_entries: int = _MAX_ENTRIES) -> None:
        self._seconds_each = 60.0 / per_minute
        self._ahead_seconds = 60.0 - self._seconds_each
        self._clock = clock
        self._max_entries = max_entries
        self._paid_until: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """Take one: 0.0; or take nothing: seconds until there is one."""
        now = self._clock()
        paid_until = max(self._paid_until.get(key, now), now)
        wait = paid_until - now - self._ahead_seconds
        if wait > _ROUNDING_SECONDS:
            return wait
        self._paid_until[key] = paid_until + self._seconds_each
        self._paid_until.move_to_end(key)
        if len(self._paid_until) > self._max_entries:
            self._paid_until.popitem(last=False)
        return 0.0
