"""The audio of a reading: all there already, or still being made."""

import asyncio
import base64
from collections.abc import AsyncIterable, Callable, Iterator
from typing import Final, Protocol

from sounditout.client.errors import Refused
from sounditout.client.reading import Message, Reading
from sounditout.client.timing import Timing

CHUNK_SECONDS: Final = 0.1
"""At most ten chunks a second: half of what servers allow, so that all of them may be sent twice within a minute."""
MAX_CHUNK_BYTES: Final = 512 * 1024
"""In base64 0.7 MB: a `pong` does not wait long behind it."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""Eight times what a server takes; a source that never ends must not fill the memory."""

Listener = Callable[[Message | Exception], object]
"""Told every message as it becomes due, or why there will be none."""


class Audio(Protocol):
    """What a request carries, as messages for a WebSocket or in one piece for a form."""

    def anew(self, reading: Reading) -> Iterator[Message]:
        """Everything, for a server that knows nothing of it."""
        ...

    def missing(self, reading: Reading) -> Iterator[Message]:
        """What a server that knows the request may not have yet."""
        ...

    def follow(self, listener: Listener | None) -> None:
        """Have every message passed on that comes from now on; None: have none passed on."""
        ...

    async def whole(self) -> bytes:
        """All of it, when it is there. Raises what kept it from being made."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether a server that knows the request has all of it."""
        ...


class Recorded:
    """A recording in one piece."""

    is_whole: Final = True

    def __init__(self, audio: bytes) -> None:
        self._audio = audio

    def anew(self, reading: Reading) -> Iterator[Message]:
        yield {"type": "analyze_audio", **reading.as_fields(), "audio_base64": _base64(self._audio)}

    def missing(self, reading: Reading) -> Iterator[Message]:
        del reading
        return iter(())

    def follow(self, listener: Listener | None) -> None:
        """Nothing more comes."""

    async def whole(self) -> bytes:
        return self._audio


class Live:
    """A recording that is still being made; `record` makes it.

    Its pieces are kept until the end: a server may lose them, and SSE carries only a whole.
    """

    is_whole: Final = False

    def __init__(self, request_id: str, timing: Timing) -> None:
        self._request_id = request_id
        self._timing = timing
        self._chunks: list[bytes] = []
        self._size = 0
        self._ended = asyncio.Event()
        self._failure: Exception | None = None
        self._listener: Listener | None = None

    @property
    def is_complete(self) -> bool:
        return self._ended.is_set() and self._failure is None

    async def record(self, pieces: AsyncIterable[bytes]) -> None:
        """Take all of it from where it is made. What goes wrong there is told to the listener, and by `whole`."""
        try:
            await self._record(pieces)
            self._ended.set()
            self._pass_on(self._end())
        except Exception as error:  # noqa: BLE001  (whoever makes the recording may fail in any way)
            self._failure = error
            self._ended.set()
            self._pass_on(error)

    async def _record(self, pieces: AsyncIterable[bytes]) -> None:
        waiting = bytearray()
        due = self._timing.now()
        async for piece in pieces:
            waiting += piece
            if self._timing.now() >= due or len(waiting) >= MAX_CHUNK_BYTES:
                self._add(bytes(waiting))
                waiting.clear()
                due = self._timing.now() + CHUNK_SECONDS
        self._add(bytes(waiting))

    def anew(self, reading: Reading) -> Iterator[Message]:
        yield {"type": "audio_start", **reading.as_fields()}
        yield from self.missing(reading)

    def missing(self, reading: Reading) -> Iterator[Message]:
        del reading
        for number in range(len(self._chunks)):
            yield self._chunk(number)
        if self.is_complete:
            yield self._end()

    def follow(self, listener: Listener | None) -> None:
        self._listener = listener

    async def whole(self) -> bytes:
        await self._ended.wait()
        if self._failure is not None:
            raise self._failure
        return b"".join(self._chunks)

    def _add(self, audio: bytes) -> None:
        self._size += len(audio)
        if self._size > MAX_BYTES:
            raise Refused("audio_too_large", "The recording is too large.", status=413)
        for begin in range(0, len(audio), MAX_CHUNK_BYTES):
            self._chunks.append(audio[begin : begin + MAX_CHUNK_BYTES])
            self._pass_on(self._chunk(len(self._chunks) - 1))

    def _pass_on(self, message: Message | Exception) -> None:
        if self._listener is not None:
            self._listener(message)

    def _chunk(self, number: int) -> Message:
        audio = _base64(self._chunks[number])
        return {"type": "audio_chunk", "request_id": self._request_id, "chunk": number, "audio_base64": audio}

    def _end(self) -> Message:
        return {"type": "audio_end", "request_id": self._request_id, "chunks": len(self._chunks)}


def _base64(audio: bytes) -> str:
    return base64.b64encode(audio).decode()
