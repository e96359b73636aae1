"""How long work takes lately, and hence when to come again."""

from typing import Final

_SHORTEST: Final = 1.0
"""Seconds. Whoever was refused and comes again sooner only adds to the load."""
_LONGEST: Final = 30.0
"""Seconds. Nobody waits longer for a score; by then the load is another one anyway."""
_USUAL: Final = 0.2
"""Seconds that a call takes, as long as none has been timed: a sentence of ten seconds."""
_NEWEST: Final = 0.2
"""Weight of the newest call: the last ten make nearly all of the average."""


class Pace:
    """A moving average of the durations of calls that `threads` threads work off."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._usual = _USUAL

    def took(self, seconds: float) -> None:
        """One call did."""
        self._usual += _NEWEST * (seconds - self._usual)

    def until_begun(self, waiting: int) -> float:
        """Seconds until so many that wait have got a thread; 1 to 30."""
        return min(max(waiting * self._usual / self._threads, _SHORTEST), _LONGEST)
