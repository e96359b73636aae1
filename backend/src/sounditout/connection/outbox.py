"""What waits to be sent to one client: bounded, so that a client that does not read costs little and soon is gone."""

from collections import deque
from dataclasses import dataclass

from sounditout.wire import CLOSE_CODES, CLOSE_TOO_SLOW


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye with a code."""

    code: int

    @property
    def reason(self) -> str:
        return CLOSE_CODES[self.code]


class Outbox:
    """A queue of texts with a last word.

    Args:
        limit: texts that may wait; one more closes the connection with 4408.
    """

    __slots__ = ("_close", "_limit", "_texts")

    def __init__(self, limit: int) -> None:
        self._texts: deque[str] | None = None  # most connections have nothing to send most of the time
        self._limit = limit
        self._close: Close | None = None

    @property
    def closing(self) -> bool:
        """Whether the last word has been said, if not yet sent."""
        return self._close is not None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send, not even the last word."""
        return not self._texts and self._close is None

    def put(self, text: str) -> None:
        """Queue a text; dropped when the connection is closing."""
        if self._close is not None:
            return
        if self._texts is None:
            self._texts = deque()
        if len(self._texts) >= self._limit:
            self._texts.clear()
            self.close(Close(CLOSE_TOO_SLOW))
            return
        self._texts.append(text)

    def close(self, close: Close) -> None:
        """Close after what is queued has been sent. The first reason stays."""
        self._close = self._close or close

    def take(self) -> str | Close | None:
        """The next thing to send; the last word again and again, None when there is nothing."""
        if self._texts:
            text = self._texts.popleft()
            if not self._texts:
                self._texts = None
            return text
        return self._close
