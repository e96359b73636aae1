"""How many messages a client may still send (a token bucket)."""

_SECONDS_PER_MINUTE = 60.0


class Allowance:
    """So many at once, and as many again every minute, spread evenly.

    Args:
        per_minute: how many.
        now: seconds, as for `take`.
    """

    def __init__(self, per_minute: int, now: float) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._at = now

    def take(self, now: float) -> bool:
        """Use one up; False when none is left. A clock that is set back gives nothing and takes nothing."""
        passed = max(0.0, now - self._at)
        self._at = now
        self._left = min(self._per_minute, self._left + passed * self._per_minute / _SECONDS_PER_MINUTE)
        if self._left < 1:
            return False
        self._left -= 1
        return True
