"""What waits to be sent to one client: bounded, so that a client that does not read costs little and soon is gone."""

import asyncio
from collections import deque
from dataclasses import dataclass

from sounditout.wire import CLOSE_CODES, CLOSE_NOT_READING


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye with a code."""

    code: int

    @property
    def reason(self) -> str:
        return CLOSE_CODES[self.code]


class Outbox:
    """A queue of texts for one writer, with a last word.

    Args:
        limit: texts that may wait; one more closes the connection with 4408.
    """

    def __init__(self, limit: int) -> None:
        self._texts: deque[str] = deque()
        self._limit = limit
        self._close: Close | None = None
        self._changed = asyncio.Event()

    @property
    def closing(self) -> bool:
        """Whether the last word has been said, if not yet sent."""
        return self._close is not None

    def put(self, text: str) -> None:
        """Queue a text; dropped when the connection is closing."""
        if self._close is not None:
            return
        if len(self._texts) >= self._limit:
            self._texts.clear()
            self.close(Close(CLOSE_NOT_READING))
            return
        self._texts.append(text)
        self._changed.set()

    def close(self, close: Close) -> None:
        """Close after what is queued has been sent. The first reason stays."""
        self._close = self._close or close
        self._changed.set()

    async def next(self) -> str | Close:
        """The next thing to do. For one reader."""
        while not self._texts and self._close is None:
            self._changed.clear()
            await self._changed.wait()
        if self._texts:
            return self._texts.popleft()
        assert self._close is not None  # noqa: S101  (the loop above ends no other way)
        return self._close
