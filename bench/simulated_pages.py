"""People who open the web app, read a few sentences and go, and what their pages measure of it, over real sockets.

Each has a line of their own to the server, so far away and so narrow. A page goes the way that the server's settings
name, records in real time, and tells the server what it has measured when it is left. Over the WebSocket it sends
while somebody speaks, as the web app does; over SSE it sends the whole recording at its end.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from bench.exchanges import CHUNK_SECONDS, Reading
from bench.tcp_proxy import TcpProxy
from sounditout.analysis.events import Event
from sounditout.client import Client, ClientError, State, TransportName

_ENDS: Final = {"complete": "complete", "error": "failed", "cancelled": "cancelled"}
Measurement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads.

    Attributes:
        round_trip_ms: to the server.
        line_breaks: in the middle of the first visit, once.
        pause_seconds: before each sentence.
    """

    round_trip_ms: float
    line_breaks: bool
    pause_seconds: float

    @classmethod
    def number(cls, number: int, chance: random.Random) -> Self:
        """Every twentieth has a line that breaks; near or far, quick or slow, as it comes."""
        return cls(chance.uniform(20, 80), number % 20 == 7, chance.uniform(0.3, 1.5))


async def visit(
    person: Person, url: str, token: str, readings: int, reading: Reading, up_bytes: float, *, first: bool
) -> int:
    """Open the app, read so many times and leave; how many readings were measured.

    Args:
        url: of the server.
        token: of whoever it is.
        up_bytes: of the line, per second.
        first: of this person.
    """
    address = urlsplit(url)
    async with TcpProxy(address.hostname or "", address.port or 80) as line:
        line.up.delay_seconds = line.down.delay_seconds = person.round_trip_ms / 2000
        line.handshake_seconds = person.round_trip_ms / 1000
        line.up.bytes_per_second = up_bytes
        async with httpx.AsyncClient(
            base_url=line.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        ) as http:
            effective = (await http.get("/api/users/me/settings")).raise_for_status().json()["effective"]
            page = _Page(line, token, use_websocket=effective["use_websocket"])
            await page.read(person, readings, reading, line_breaks=first and person.line_breaks)
            sent = {"stage": effective["stage"], "measurements": page.measured}
            (await http.post("/api/measurements", json=sent)).raise_for_status()
    return sum(one["kind"] == "reading" for one in page.measured)


class _Page:
    """The app in one tab, from its opening to its end."""

    def __init__(self, line: TcpProxy, token: str, *, use_websocket: bool) -> None:
        self.measured: list[Measurement] = []
        self._line = line
        self._websocket = use_websocket
        self._token = token
        self._connecting_since = 0.0
        self._lost_since = 0.0
        self._broken = False
        self._over_sse = not use_websocket

    async def read(self, person: Person, readings: int, reading: Reading, *, line_breaks: bool) -> None:
        """Read the same sentence again and again, then leave."""
        began = time.perf_counter()
        transport: TransportName = "auto" if self._websocket else "sse"
        async with Client(self._line.base_url, transport, self._token, on_state=self._follow) as client:
            for number in range(readings):
                await asyncio.sleep(person.pause_seconds)
                if line_breaks and number == readings // 2:
                    await self._line.cut()
                self.measured.append(await self._one(client, reading, later=number > 0))
        if self._websocket and not self._over_sse:
            seconds = time.perf_counter() - began
            self._note("session", transport="websocket", seconds=seconds, broken=self._broken, close_code=1000)

    async def _one(self, client: Client, reading: Reading, *, later: bool) -> Measurement:
        recorder, live = _Recorder(reading), not self._over_sse
        if live:
            heard = await _listen(client.analyze_live(recorder.pieces(), reading.filename, reading.sentence))
        else:
            audio = b"".join([piece async for piece in recorder.pieces()])
            heard = await _listen(client.analyze(audio, reading.filename, reading.sentence))
        return {
            "kind": "reading",
            "transport": "sse" if self._over_sse else "websocket",
            "later": later,
            "outcome": heard.outcome,
            "code": heard.code,
            "first_event_ms": _milliseconds(recorder.began if live else recorder.ended, heard.first),
            "words_ms": _milliseconds(recorder.ended, heard.words),
        }

    def _follow(self, state: State) -> None:
        now = time.perf_counter()
        match state:
            case State.CONNECTING:
                self._connecting_since = now
            case State.RECONNECTING:
                self._broken, self._lost_since = True, now
            case State.READY if self._lost_since:
                self._note("reconnected", close_code=1006, milliseconds=(now - self._lost_since) * 1000)
                self._lost_since = 0.0
            case State.READY if self._websocket:
                milliseconds = (now - self._connecting_since) * 1000
                self._note("connected", transport="websocket", milliseconds=milliseconds)
            case State.FALLBACK:
                self._over_sse = True
                self._note("fallback", reason="unreachable")

    def _note(self, kind: str, **more: object) -> None:
        self.measured.append({"kind": kind, **more})


@dataclass(slots=True)
class _Heard:
    """What came of a reading, and when, by `time.perf_counter`."""

    first: float | None = None
    words: float | None = None
    outcome: str = "failed"
    code: str | None = "network_lost"


async def _listen(events: AsyncGenerator[Event, None]) -> _Heard:
    heard = _Heard()
    try:
        async with aclosing(events):
            async for event in events:
                now = time.perf_counter()
                heard.first = heard.first or now
                if event.type == "analysis":
                    heard.words = now
                if event.type in _ENDS:
                    heard.outcome = _ENDS[event.type]
                    heard.code = event.data.code if event.type == "error" else None
    except ClientError as error:
        heard.code = error.code
    return heard


class _Recorder:
    """Records somebody who says a sentence, in real time."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.began: float | None = None
        self.ended: float | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The recording, as it grows."""
        self.began = time.perf_counter()
        *earlier, last = self._reading.pieces()
        for number, piece in enumerate(earlier, 1):
            await asyncio.sleep(self.began + number * CHUNK_SECONDS - time.perf_counter())
            yield piece
        await asyncio.sleep(self.began + self._reading.seconds - time.perf_counter())
        self.ended = time.perf_counter()
        yield last


def _milliseconds(since: float | None, until: float | None) -> float | None:
    return None if since is None or until is None else (until - since) * 1000
