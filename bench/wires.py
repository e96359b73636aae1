"""A recording put on the wire, and when each event came off it: no work of a client's own is in between.

What is sent is made before the clock starts, and what comes is read after it has stopped.
"""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from bench.exchanges import Learner, Reading, as_text, chunk

_SOCKET_BYTES: Final = 1024 * 1024
_TIMEOUT_SECONDS: Final = 60.0
_LAST: Final = ('{"type":"complete"', '{"type":"error"', '{"type":"cancelled"')
Arrival = tuple[float, str]
"""By `time.perf_counter`, and the event as JSON."""


class Noted:
    """The events of one reading, and when they came.

    Args:
        since: when the last of the recording was sent, by `time.perf_counter`.
    """

    def __init__(self, since: float, arrivals: Sequence[Arrival]) -> None:
        self.events: list[tuple[float, dict[str, Any]]] = [
            ((at - since) * 1000, json.loads(text)) for at, text in arrivals if at >= since
        ]
        """Milliseconds since then, and the event, of those that came later."""


class WebSocketWire(AsyncExitStack):
    """An open WebSocket."""

    def __init__(self, learner: Learner) -> None:
        super().__init__()
        self._learner = learner

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._socket = await self.enter_async_context(self._learner.socket())
        return self

    async def whole(self, reading: Reading) -> Noted:
        """Send the recording in one message."""
        text = self._learner.message("analyze_audio", reading, audio_base64=as_text(reading.audio))
        since = time.perf_counter()
        await self._socket.send(text)
        return Noted(since, await self._arrivals())

    async def in_pieces(self, reading: Reading, parts: Sequence[float], pause: float) -> Noted:
        """Send the recording up to each of these parts, with a pause (seconds) after each but the last."""
        request_id = str(uuid.uuid4())
        borders = [round(part * len(reading.audio)) for part in (0.0, *parts)]
        chunks = [
            chunk(request_id, number, reading.audio[start:end])
            for number, (start, end) in enumerate(itertools.pairwise(borders))
        ]
        end = json.dumps({"type": "audio_end", "request_id": request_id, "chunks": len(chunks)})
        arriving = asyncio.create_task(self._arrivals())
        await self._socket.send(self._learner.message("audio_start", reading, request_id=request_id))
        for text in chunks[:-1]:
            await self._socket.send(text)
            await asyncio.sleep(pause)
        since = time.perf_counter()
        await self._socket.send(chunks[-1])
        await self._socket.send(end)
        return Noted(since, await arriving)

    async def _arrivals(self) -> list[Arrival]:
        found: list[Arrival] = []
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            while not found or not _is_last(found[-1][1]):
                text = await self._socket.recv()
                found.append((time.perf_counter(), str(text)))
        return found


class SseWire(AsyncExitStack):
    """An open HTTP connection, kept from one POST to the next."""

    def __init__(self, learner: Learner) -> None:
        super().__init__()
        self._learner = learner

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        address = urlsplit(f"//{self._learner.host}")
        self._reader, self._writer = await asyncio.open_connection(
            address.hostname, address.port, limit=_SOCKET_BYTES
        )
        self.callback(self._writer.close)
        return self

    async def whole(self, reading: Reading) -> Noted:
        """Send the recording in one request."""
        request = self._request(reading)
        since = time.perf_counter()
        self._writer.write(request)
        await self._writer.drain()
        return Noted(since, await self._arrivals())

    def _request(self, reading: Reading) -> bytes:
        request = httpx.Request(
            "POST",
            f"http://{self._learner.host}/api/ai/analyze-audio",
            headers=self._learner.headers,
            data={"session_id": str(self._learner.session_id), "attempted_sentence": reading.sentence},
            files={"audio_file": (reading.filename, reading.audio)},
        )
        lines = b"".join(b"%s: %s\r\n" % header for header in request.headers.raw)
        return b"POST %s HTTP/1.1\r\n%s\r\n%s" % (request.url.raw_path, lines, request.read())

    async def _arrivals(self) -> list[Arrival]:
        """The server sends every event as one chunk; the lines between are sizes of chunks."""
        found: list[Arrival] = []
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            while (line := await self._reader.readuntil(b"\n")) != b"0\r\n":
                if line.startswith(b"data: "):
                    found.append((time.perf_counter(), line.removeprefix(b"data: ").decode()))
            await self._reader.readuntil(b"\n")
        return found


def _is_last(text: str) -> bool:
    return text.startswith(_LAST)
