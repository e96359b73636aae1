"""A recording that is still being made, and arrives in numbered pieces: in order or not, once or more often."""

import asyncio
from collections.abc import Callable
from typing import Final

from sounditout.errors import AudioTooLarge, InvalidMessage, Overloaded, SoundItOutError

_MOST_AHEAD: Final = 1200
"""Pieces that may come before one that is missing: two minutes of them."""


class Arrivals:
    """All recordings that are arriving just now, bounded together.

    Args:
        max_bytes: of one recording.
        max_bytes_in_all: of all that are arriving.
    """

    def __init__(self, max_bytes: int, max_bytes_in_all: int) -> None:
        self._max_bytes = max_bytes
        self._max_bytes_in_all = max_bytes_in_all
        self.bytes = 0

    def open(self) -> "Arrival":
        """A recording of which nothing has come yet; close it."""
        return Arrival(self._max_bytes, self._take)

    def _take(self, size: int) -> None:
        if size > 0 and self.bytes + size > self._max_bytes_in_all:
            raise Overloaded
        self.bytes += size


class Arrival:
    """For one event loop, and one reader.

    Args:
        max_bytes: more is refused.
        take: told of every byte that is kept, and of those let go (negative); may raise `Overloaded`.
    """

    def __init__(self, max_bytes: int, take: Callable[[int], object]) -> None:
        self._max_bytes: Final = max_bytes
        self._take = take
        self._audio = bytearray()
        self._next = 0
        self._early: dict[int, bytes] = {}
        self._size = 0
        self._total: int | None = None
        self._failure: SoundItOutError | None = None
        self._news = asyncio.Event()
        self._closed = False

    @property
    def audio(self) -> bytes:
        """All that has come without a gap."""
        return bytes(self._audio)

    @property
    def size(self) -> int:
        """Bytes that have come, counted once."""
        return self._size

    @property
    def is_complete(self) -> bool:
        return self._total is not None and self._next >= self._total

    def put(self, number: int, piece: bytes) -> None:
        """A piece came: 0, 1, 2 …; one that has come before, or comes after the end, makes no difference."""
        if self._closed or self._failure or number < self._next or number in self._early:
            return
        if self._total is not None and number >= self._total:
            return
        try:
            self._keep(number, piece)
        except SoundItOutError as error:
            self.fail(error)
        if piece or self.is_complete:
            self._news.set()

    def put_whole(self, audio: bytes) -> None:
        """All of it came in one piece after all: what came before makes no difference any more."""
        if self._closed or self._failure or self.is_complete:
            return
        self._take(-self._size)
        self._size, self._next, self._total = 0, 0, 1
        self._audio.clear()
        self._early.clear()
        self.put(0, audio)

    def end(self, total: int | None) -> None:
        """No more than `total` pieces will come; None: up to the highest number so far. The first time counts."""
        if self._total is None:
            self._total = total if total is not None else max(self._early, default=self._next - 1) + 1
        self._news.set()

    def fail(self, error: SoundItOutError) -> None:
        """It will not become a recording any more."""
        self._failure = self._failure or error
        self._news.set()

    async def news(self) -> None:
        """Wait until more has come than the last time.

        Raises:
            SoundItOutError: what made it fail: AudioTooLarge, Overloaded.
        """
        await self._news.wait()
        self._news.clear()
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Let go of everything."""
        if not self._closed:
            self._closed = True
            self._take(-self._size)
            self._audio.clear()
            self._early.clear()

    def _keep(self, number: int, piece: bytes) -> None:
        if self._size + len(piece) > self._max_bytes:
            raise AudioTooLarge
        if number > self._next + _MOST_AHEAD:
            raise InvalidMessage("A piece of the recording has a number far beyond those before it.")
        self._take(len(piece))
        self._size += len(piece)
        self._early[number] = piece
        while self._next in self._early:
            self._audio += self._early.pop(self._next)
            self._next += 1
