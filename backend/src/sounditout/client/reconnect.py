"""What to do when a WebSocket is lost or could not be opened: pure rules, without socket, clock or waiting.

ready() ──┐
heard() ──┼─→ lost(error) ─→ Retry(seconds, …) | Stop(error)
"""

from collections.abc import Callable
from dataclasses import dataclass

from sounditout.client.backoff import Backoff
from sounditout.client.close_codes import After, rule_for
from sounditout.client.errors import ClientError, ConnectionFailed, HandshakeFailed, Refused
from sounditout.client.ladder import FIRST_PROBE_SECONDS, PROBE_SECONDS, Ladder, Way


@dataclass(frozen=True, slots=True)
class Retry:
    """Open another connection.

    Attributes:
        seconds: to wait first.
        renew: get another token before that.
        fall_back: what is in flight goes over SSE meanwhile.
    """

    seconds: float
    renew: bool = False
    fall_back: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Do not come back by yourself; what is in flight ends with this error."""

    error: ClientError


class Reconnect:
    """The rules, and what they need to remember.

    Args:
        chance: a number from 0 to 1.
        ladder: decides about SSE; None: there is only the WebSocket.
    """

    def __init__(self, chance: Callable[[], float], ladder: Ladder | None = None) -> None:
        self._backoff = Backoff(chance)
        self._probes = Backoff(chance, FIRST_PROBE_SECONDS, PROBE_SECONDS)
        self._ladder = ladder
        self._renewed = self._has_worked = False

    @property
    def fallen(self) -> bool:
        """Whether readings go over SSE, and the WebSocket is only tried now and then."""
        return self._ladder is not None and self._ladder.way is Way.SSE

    def ready(self) -> None:
        """The server greeted. That alone says little: it may break at the first reading, again and again."""
        self._has_worked = True
        if self._ladder is not None:
            self._ladder.ready()

    def heard(self) -> None:
        """Something real came after the greeting."""
        self._backoff.reset()
        self._probes.reset()
        self._renewed = False

    def moved(self) -> Retry:
        """The connection was left in good time, because its server stops."""
        return Retry(self._backoff.next())

    def not_renewed(self) -> None:
        """Another token was asked for in vain; that may be tried again."""
        self._renewed = False

    def lost(self, error: ClientError, *, can_renew: bool) -> Retry | Stop:
        """The connection is lost, or could not be opened.

        Args:
            can_renew: somebody can be asked for another token.
        """
        if self._ladder is not None:
            self._ladder.failed(error)
        after = self._after(error)
        if after is After.RENEW:
            return self._renew(error) if can_renew else Stop(error)
        if self.fallen:
            return Retry(self._probes.next() if self._has_worked else PROBE_SECONDS, fall_back=True)
        if after is After.STOP:
            return Stop(error)
        close_code = error.close_code if isinstance(error, ConnectionFailed) else None
        return Retry(max(self._backoff.next(), rule_for(close_code).at_least_seconds))

    def _after(self, error: ClientError) -> After:
        if isinstance(error, Refused):
            return After.RENEW if error.code == "unauthorized" else After.STOP
        if isinstance(error, HandshakeFailed) and self._ladder is not None and self._ladder.may_fall:
            return After.RECONNECT  # also when it failed for good: after the third there is another way
        if isinstance(error, ConnectionFailed) and error.retryable:
            return rule_for(error.close_code).after
        return After.STOP

    def _renew(self, error: ClientError) -> Retry | Stop:
        if self._renewed:
            return Stop(error)
        self._renewed = True
        return Retry(self._backoff.next(), renew=True)
