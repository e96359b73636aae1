"""Keeps one user from taking for themselves what all share."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sounditout.accounts.throttle import Pace
from sounditout.errors import Overloaded, TooManyRequests


class TooMuch(TooManyRequests):
    """One user asks too often, or for too much at once."""

    default_message = "That was a lot at once. Please wait a little."

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class FairUse:
    """Lets each user do something so often a minute, and so many times at once. Used from one event loop.

    Args:
        per_minute: for each user.
        at_once: for each user.
        in_all: at once, for all users.
        clock: monotonic seconds.
    """

    def __init__(
        self, *, per_minute: int, at_once: int, in_all: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pace = Pace(per_minute, clock)
        self._at_once = at_once
        self._in_all = in_all
        self._now: Counter[int] = Counter()

    @contextmanager
    def turn(self, user_id: int) -> Iterator[None]:
        """Around the work.

        Raises:
            TooMuch: by this user.
            Overloaded: by all users together.
        """
        if self._now[user_id] >= self._at_once:
            raise TooMuch(1)
        if self._now.total() >= self._in_all:
            raise Overloaded(retry_after=1)
        if wait := self._pace.take(user_id):
            raise TooMuch(wait)
        self._now[user_id] += 1
        try:
            yield
        finally:
            self._now[user_id] -= 1
            self._now += Counter()  # forgets those who are at zero
