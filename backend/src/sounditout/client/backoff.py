"""How long to wait before trying again: exponential backoff with full jitter.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter: a random part of a bound that doubles
spreads a thousand clients over the whole time, where a fixed wait would have them all come back at once.
"""

from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 0.5
"""The first wait is at most so long: a reader hardly notices."""
LONGEST_SECONDS: Final = 30.0
"""A server that comes back is found within so long."""


class Backoff:
    """Waits that grow until something works.

    Args:
        chance: a number from 0 to 1, another one each time.
        first: the first wait is at most so long.
        longest: so is every other one.
    """

    def __init__(
        self, chance: Callable[[], float], first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS
    ) -> None:
        self._chance = chance
        self._first, self._longest = first, longest
        self._bound = first

    def next(self) -> float:
        """Seconds to wait now; the next wait may be twice as long."""
        bound = self._bound
        self._bound = min(2 * bound, self._longest)
        return self._chance() * bound

    def reset(self) -> None:
        """Something worked."""
        self._bound = self._first
