"""The ways in which one recording can be handed in, each of which says how long the server's first word took."""

import asyncio
import base64
import itertools
import json
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect

PATH: Final = "/api/ai/ws/audio-analysis"
CHUNK_SECONDS: Final = 0.25
"""What a recorder hands over at a time."""
_LAST: Final = {"complete", "error", "cancelled"}
_TIMEOUT_SECONDS: Final = 60.0
_KEPT_SECONDS: Final = 70.0
"""A connection without a request; the server closes it after 75."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is handed in."""

    audio: bytes
    filename: str
    sentence: str
    seconds: float

    def pieces(self) -> list[bytes]:
        """As a recorder hands it over; sizes are even, as if the bit rate were constant."""
        count = max(1, round(self.seconds / CHUNK_SECONDS))
        borders = [len(self.audio) * number // count for number in range(count + 1)]
        return [self.audio[start:end] for start, end in itertools.pairwise(borders)]


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody with a token and a session, and the way to the server."""

    host: str
    """With the port."""
    trusted: ssl.SSLContext | None
    """None: no TLS."""
    token: str
    session_id: int

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def message(self, kind: str, reading: Reading, **more: object) -> str:
        """Of the client, with all that belongs to a new request."""
        return json.dumps(
            {
                "type": kind,
                "session_id": self.session_id,
                "attempted_sentence": reading.sentence,
                "filename": reading.filename,
                **more,
            }
        )

    def http(self) -> httpx.AsyncClient:
        """A client without a connection yet."""
        scheme = "https" if self.trusted else "http"
        return httpx.AsyncClient(
            base_url=f"{scheme}://{self.host}",
            headers=self.headers,
            timeout=_TIMEOUT_SECONDS,
            limits=httpx.Limits(keepalive_expiry=_KEPT_SECONDS),
            trust_env=False,
            verify=self.trusted or False,
        )

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[ClientConnection]:
        """A WebSocket that has been greeted."""
        scheme = "wss" if self.trusted else "ws"
        async with connect(
            f"{scheme}://{self.host}{PATH}",
            ssl=self.trusted,
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
        ) as socket:
            await until(socket, {"ready"})
            yield socket


def newcomer(near: str, host: str, trusted: ssl.SSLContext | None = None) -> Learner:
    """Somebody new, who will talk to `host`, the same server as that with the URL `near`."""
    with httpx.Client(base_url=near, verify=trusted or False, trust_env=False, timeout=30) as http:
        token = http.post("/api/auth/guest").raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        session = http.post("/api/sessions", json={}).raise_for_status().json()["id"]
    return Learner(host, trusted, token, session)


def as_text(audio: bytes) -> str:
    """Base64."""
    return base64.b64encode(audio).decode("ascii")


async def until(socket: ClientConnection, kinds: set[str]) -> None:
    """Read events up to one of these. Raises RuntimeError when the request fails."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while (event := json.loads(await socket.recv()))["type"] not in kinds:
            check(event)


def check(event: dict[str, Any]) -> None:
    """Raises RuntimeError when it says that the request failed."""
    if event["type"] in {"error", "cancelled"}:
        raise RuntimeError(event["data"]["message"])


class Way(Protocol):
    """One way for one learner; an asynchronous context manager."""

    def __init__(self, learner: Learner) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def hand_in(self, reading: Reading) -> float:
        """Seconds until `processing_started`; returns when the request has ended."""
        ...


class _Way:
    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stack.aclose()


class NewWebSocket(_Way):
    """Connect and hand in; the clock runs from the first packet."""

    async def hand_in(self, reading: Reading) -> float:
        text = self.learner.message("analyze_audio", reading, audio_base64=as_text(reading.audio))
        started = time.perf_counter()
        async with self.learner.socket() as socket:
            await socket.send(text)
            await until(socket, {"processing_started"})
            seconds = time.perf_counter() - started
            await until(socket, _LAST)
        return seconds


class OpenWebSocket(_Way):
    """Hand in over a connection that was used before."""

    async def __aenter__(self) -> Self:
        self._socket = await self.stack.enter_async_context(self.learner.socket())
        return self

    async def hand_in(self, reading: Reading) -> float:
        text = self.learner.message("analyze_audio", reading, audio_base64=as_text(reading.audio))
        started = time.perf_counter()
        await self._socket.send(text)
        await until(self._socket, {"processing_started"})
        seconds = time.perf_counter() - started
        await until(self._socket, _LAST)
        return seconds


class ChunkedWebSocket(OpenWebSocket):
    """Announce a recording over a connection that was used before, and send it in pieces after the answer."""

    async def hand_in(self, reading: Reading) -> float:
        request_id = str(uuid.uuid4())
        text = self.learner.message("audio_start", reading, request_id=request_id)
        started = time.perf_counter()
        await self._socket.send(text)
        await until(self._socket, {"processing_started"})
        seconds = time.perf_counter() - started
        await send_pieces(self._socket, request_id, reading.pieces())
        await until(self._socket, _LAST)
        return seconds


class NewSse(_Way):
    """A POST over a connection of its own."""

    async def hand_in(self, reading: Reading) -> float:
        async with self.learner.http() as http:
            return await post(http, self.learner, reading)


class KeptSse(_Way):
    """A POST over the connection of the one before."""

    async def __aenter__(self) -> Self:
        self._http = await self.stack.enter_async_context(self.learner.http())
        return self

    async def hand_in(self, reading: Reading) -> float:
        return await post(self._http, self.learner, reading)


async def post(http: httpx.AsyncClient, learner: Learner, reading: Reading) -> float:
    """Hand in; seconds until `processing_started`."""
    request = http.build_request(
        "POST",
        "/api/ai/analyze-audio",
        data={"session_id": str(learner.session_id), "attempted_sentence": reading.sentence},
        files={"audio_file": (reading.filename, reading.audio)},
    )
    await request.aread()  # in one piece, as browsers send it: ten small packets would fill the first window
    seconds = 0.0
    started = time.perf_counter()
    answer = await http.send(request, stream=True)
    answer.raise_for_status()
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            seconds = seconds or time.perf_counter() - started
            check(json.loads(line.removeprefix("data: ")))
    return seconds


async def send_pieces(socket: ClientConnection, request_id: str, pieces: Sequence[bytes], first: int = 0) -> None:
    """The rest of a recording, and its end."""
    for number, piece in enumerate(pieces, first):
        await socket.send(chunk(request_id, number, piece))
    await socket.send(json.dumps({"type": "audio_end", "request_id": request_id, "chunks": first + len(pieces)}))


def chunk(request_id: str, number: int, piece: bytes) -> str:
    """The message."""
    return json.dumps(
        {"type": "audio_chunk", "request_id": request_id, "chunk": number, "audio_base64": as_text(piece)}
    )


async def report_of_whole(learner: Learner, socket: ClientConnection, reading: Reading) -> float:
    """Seconds from the end of speaking to `analysis`, when everything is sent after the end."""
    started = time.perf_counter()
    await socket.send(learner.message("analyze_audio", reading, audio_base64=as_text(reading.audio)))
    await until(socket, {"analysis"})
    seconds = time.perf_counter() - started
    await until(socket, _LAST)
    return seconds


async def report_of_pieces(learner: Learner, socket: ClientConnection, reading: Reading) -> float:
    """The same, when each piece is sent as soon as it was spoken."""
    request_id = str(uuid.uuid4())
    *earlier, last = reading.pieces()
    began = time.perf_counter()
    await socket.send(learner.message("audio_start", reading, request_id=request_id))
    for number, piece in enumerate(earlier):
        await asyncio.sleep(began + (number + 1) * CHUNK_SECONDS - time.perf_counter())
        await socket.send(chunk(request_id, number, piece))
    await asyncio.sleep(began + reading.seconds - time.perf_counter())
    started = time.perf_counter()
    await send_pieces(socket, request_id, [last], len(earlier))
    await until(socket, {"analysis"})
    seconds = time.perf_counter() - started
    await until(socket, _LAST)
    return seconds
