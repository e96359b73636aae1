"""Decoding while a recording is being made, for containers that are read from front to back: WebM and Matroska.

FFmpeg reads a file, and waits where it ends so far. Hence a thread of its own, which stands still between two looks.
"""

import threading
import weakref
from typing import Final, Self

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.containers import open_recording, sound_track
from sounditout.analysis.decode import UNREADABLE, DecodeLimits
from sounditout.analysis.models import Float32
from sounditout.analysis.tracks import Packets, TrackDecoder
from sounditout.errors import SoundItOutError

_MATROSKA: Final = b"\x1a\x45\xdf\xa3"
"""The id with which such a file begins (RFC 8794); WebM is a kind of it."""
_THREADS: Final = threading.BoundedSemaphore(100)


class FedDecoding:
    """A recording decoded as far as it has come. Not thread-safe."""

    @classmethod
    def of(cls, audio: bytes, limits: DecodeLimits) -> Self | None:
        """One for a recording that begins like this; None: it is of another kind, or there are too many."""
        if not audio.startswith(_MATROSKA) or not _THREADS.acquire(blocking=False):
            return None
        try:
            return cls(limits)
        except RuntimeError:  # the system gives no more threads
            _THREADS.release()
            return None

    def __init__(self, limits: DecodeLimits) -> None:
        self._feed = _Feed()
        self._eater = _Eater(self._feed, limits.max_seconds)
        self._samples = np.zeros(0, np.float32)
        weakref.finalize(self, self._feed.abandon)  # whatever becomes of the recording, the thread ends
        threading.Thread(target=self._eater.run, name="sounditout-unpacking", daemon=True).start()

    def more(self, audio: bytes, stop: Cancellation) -> Float32:
        """All samples that are sure by now, shape (samples,).

        Raises:
            Cancelled: `stop` was requested.
        """
        if self._feed.give(audio):
            self._feed.wait_until_eaten(stop)
            self._samples = self._eater.so_far()
        return self._samples

    def finish(self, audio: bytes, stop: Cancellation) -> Float32 | None:
        """The whole; None where something is wrong with it, which decoding it anew will tell.

        Raises:
            Cancelled: `stop` was requested.
        """
        if not self._feed.give(audio, is_whole=True):
            return None
        self._feed.wait_until_eaten(stop)
        return self._eater.whole


class _Feed:
    """A file that grows. One thread reads it, another one gives."""

    def __init__(self) -> None:
        self.abandoned: Final = Cancellation()
        self._audio = b""
        self._read = 0
        self._is_whole = self._is_closed = self._is_eaten = False
        self._news = threading.Condition()

    def give(self, audio: bytes, *, is_whole: bool = False) -> bool:
        """All bytes so far; False: they do not begin with those given before.

        Args:
            audio: those of the last time included.
            is_whole: no more will come.
        """
        with self._news:
            if not audio.startswith(self._audio):
                return False
            self._audio, self._is_whole = audio, is_whole
            self._is_eaten = False
            self._news.notify_all()
        return True

    def wait_until_eaten(self, stop: Cancellation) -> None:
        """Wait until the reader waits for more, or has closed the file.

        Raises:
            Cancelled: `stop` was requested.
        """
        with stop.watched_by(self._wake), self._news:
            while not (self._is_eaten or self._is_closed):
                stop.check("decoding")
                self._news.wait()

    def abandon(self) -> None:
        """Have the reader stop."""
        self.abandoned.request()
        self._wake()

    def read(self, size: int) -> bytes:
        """At least one byte, and up to `size`, as soon as there are some; none at the end."""
        with self._news:
            while self._read == len(self._audio) and not (self._is_whole or self.abandoned.requested):
                self._is_eaten = True
                self._news.notify_all()
                self._news.wait()
            piece = b"" if self.abandoned.requested else self._audio[self._read : self._read + size]
            self._read += len(piece)
        return piece

    def close(self) -> None:
        """The reader reads no more."""
        with self._news:
            self._is_closed = True
            self._news.notify_all()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()


class _Eater:
    """What the thread does, and has made."""

    def __init__(self, feed: _Feed, max_seconds: float) -> None:
        self._feed = feed
        self._max_seconds = max_seconds
        self._decoder: TrackDecoder | None = None
        self.whole: Float32 | None = None
        """All samples, once the file has ended without a fault."""

    def run(self) -> None:
        try:
            self._decode()
        except (SoundItOutError, *UNREADABLE):
            pass  # whoever decodes it anew will say so
        finally:
            self._feed.close()
            _THREADS.release()

    def so_far(self) -> Float32:
        """The samples that are sure; only to be called while the thread waits, or after its end."""
        return np.zeros(0, np.float32) if self._decoder is None else self._decoder.so_far()

    def _decode(self) -> None:
        with open_recording(self._feed) as container:
            track = sound_track(container)
            self._decoder = TrackDecoder(track, self._max_seconds)
            packets = Packets(container, track, self._feed.abandoned)
            samples = self._decoder.finish(packets)
            if not (packets.broken_off or self._decoder.has_met_damage):
                self.whole = samples
            self._feed.close()  # nobody need wait until the container is closed
