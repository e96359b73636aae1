"""What was said lately, as sound."""

import threading
from collections import OrderedDict


class PhraseCache:
    """The most recently used phrases, up to so many bytes of sound. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._sounds: OrderedDict[str, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of sound that are held."""
        return self._bytes

    def get(self, phrase: str) -> bytes | None:
        """Its sound, or None when it is not there."""
        with self._lock:
            if phrase in self._sounds:
                self._sounds.move_to_end(phrase)
            return self._sounds.get(phrase)

    def put(self, phrase: str, sound: bytes) -> None:
        """Keep a sound; let those go that were not used for longest. One that is too large by itself is not kept."""
        with self._lock:
            self._bytes += len(sound) - len(self._sounds.pop(phrase, b""))
            self._sounds[phrase] = sound
            while self._bytes > self._max_bytes:
                _, oldest = self._sounds.popitem(last=False)
                self._bytes -= len(oldest)
