"""Slows down guessing: after a few failures in a row, the next try has to wait."""

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
"""About 2 MB; the ones that failed longest ago are forgotten first."""


class TooManyTries(TooManyRequests):
    """Too many wrong passwords in a row.

    Attributes:
        retry_after_seconds: whole seconds until the next try is looked at.
    """

    default_message = "That was wrong several times. Please wait a little before you try again."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


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
