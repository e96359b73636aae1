"""The client: an account, a practice session, readings."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

import httpx

from sounditout.analysis.events import Event
from sounditout.client.address import checked_address
from sounditout.client.calls import Calls
from sounditout.client.credentials import Credentials, Refresh
from sounditout.client.errors import Closed, UnreadableAnswer
from sounditout.client.following import Patience, follow_to_the_end
from sounditout.client.reading import Message, Reading, new_request_id
from sounditout.client.recording import Audio, Live, Recorded
from sounditout.client.request import Request
from sounditout.client.state import State, Status
from sounditout.client.timing import Timing
from sounditout.client.transport import Transport
from sounditout.client.transports import TransportName, make_transport

_TIMEOUT: Final = httpx.Timeout(10.0, read=60.0, write=60.0)
"""Seconds. A server that listens says so every 15 s at least; four times that is silence."""
TIME_LIMIT_SECONDS: Final = 120.0
"""For one reading: a server that restarts is back after 30 s, and a reading takes less than one."""
LIVE_TIME_LIMIT_SECONDS: Final = TIME_LIMIT_SECONDS + 60.0
"""The longest recording is a minute."""
OVERLOAD_RETRIES: Final = 3
"""A server that is too busy says for how long; after so many times a person should decide."""


class Client:
    """One user's way to a server; use it as an asynchronous context manager.

    Args:
        base_url: of the server, `http://127.0.0.1:8000`. Proxies in the environment are not used.
        transport: how readings travel; everything else is plain HTTP. `auto`: over a WebSocket, and over SSE where no
            WebSocket gets through.
        token: from an earlier `sign_in`, instead of a new one.
        refresh: gets a newer token of the same user when the old one ends.
        on_state: called with every new state; must not raise.
        overload_retries: times that a server which is too busy is asked again before the reading ends with that.
        timing: clock and chance, for tests.

    Raises:
        ConnectionFailed: `base_url` is not the address of a server.
    """

    def __init__(
        self,
        base_url: str,
        transport: TransportName = "sse",
        token: str | None = None,
        *,
        refresh: Refresh | None = None,
        on_state: Callable[[State], object] | None = None,
        overload_retries: int = OVERLOAD_RETRIES,
        timing: Timing | None = None,
    ) -> None:
        self._base_url = checked_address(base_url)
        self._http = httpx.AsyncClient(base_url=self._base_url, timeout=_TIMEOUT, trust_env=False)
        self._credentials = Credentials(token, refresh)
        self._calls = Calls(self._http, self._credentials)
        self._status = Status(on_state)
        self._timing = timing or Timing()
        self._overload_retries = overload_retries
        self._transport_name: TransportName = transport
        self._transport = self._new_transport()
        self._session_id: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def state(self) -> State:
        """What it is doing, for a status display."""
        return self._status.state

    @property
    def token(self) -> str | None:
        """The token in force."""
        return self._credentials.token

    async def close(self) -> None:
        """Close every connection. What is under way ends with `ConnectionFailed`."""
        self._status.show(State.CLOSED)
        await self._transport.close()
        await self._http.aclose()

    async def register(self, username: str, password: str) -> None:
        """Make an account and sign in. Raises ClientError; `Refused` with status 409 when the name is taken."""
        await self._calls.post("/api/auth/register", json={"username": username, "password": password})
        await self.sign_in(username, password)

    async def sign_in(self, username: str, password: str) -> None:
        """Get a token. Raises ClientError; `Refused` with code `unauthorized` for a wrong name or password."""
        await self._accept(
            await self._calls.post("/api/auth/token", data={"username": username, "password": password})
        )

    async def guest(self) -> None:
        """Get a token for a new user without a name. Raises ClientError."""
        await self._accept(await self._calls.post("/api/auth/guest"))

    async def create_session(self, activity: str | None = None) -> int:
        """Begin a practice session, which later readings belong to. Raises ClientError."""
        answer = await self._calls.post_signed_in("/api/sessions", json={"activity": activity})
        if not isinstance(answer.get("id"), int):
            raise UnreadableAnswer
        self._session_id = int(answer["id"])
        return self._session_id

    async def analyze(
        self,
        audio: bytes,
        filename: str,
        sentence: str,
        *,
        session_id: int | None = None,
        request_id: str | None = None,
        time_limit: float = TIME_LIMIT_SECONDS,
    ) -> AsyncGenerator[Event, None]:
        """Have a reading judged; the events as they come, the last of them `complete`, `error` or `cancelled`.

        Without a session id it belongs to the session of this client, which is made when there is none. Broken
        connections are mended meanwhile: nothing is told twice, `seq` rises (with gaps), and the reading is saved
        once. What goes wrong with the reading is an `error` event, the same on all transports. Whoever stops
        iterating leaves the server to finish it; see `cancel`.

        Args:
            request_id: 1 to 64 of letters, digits, `.` `_` `-`; made when not given.
            time_limit: seconds until the end.

        Raises:
            ClientError: the events could not be brought to their end.
        """
        reading = await self._reading(filename, sentence, session_id, request_id)
        async with aclosing(self._follow(reading, Recorded(audio), time_limit)) as events:
            async for event in events:
                yield event

    async def analyze_live(
        self,
        pieces: AsyncIterable[bytes],
        filename: str,
        sentence: str,
        *,
        session_id: int | None = None,
        request_id: str | None = None,
        time_limit: float = LIVE_TIME_LIMIT_SECONDS,
    ) -> AsyncGenerator[Event, None]:
        """Have a reading judged while it is read: as `analyze`, with `partial` events until `pieces` ends.

        Over SSE it is collected and sent in one piece, and there are no `partial` events. Whoever stops iterating
        before the end of `pieces` gives the reading up.

        Args:
            pieces: the recording, cut anywhere; what it raises is raised here.

        Raises:
            ClientError: as `analyze`; there is no end of `pieces`.
        """
        reading = await self._reading(filename, sentence, session_id, request_id)
        live = Live(reading.request_id, self._timing)
        recorder = asyncio.create_task(live.record(pieces))
        try:
            async with aclosing(self._follow(reading, live, time_limit)) as events:
                async for event in events:
                    yield event
        finally:
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)

    async def cancel(self, request_id: str) -> bool:
        """Stop the work on a reading, whose events then end with `cancelled`; False when there was none.

        Raises:
            ClientError: the server could not be asked.
        """
        if await self._transport.cancel(request_id):
            return True
        answer = await self._calls.post_signed_in(f"/api/ai/analyze-audio/{request_id}/cancel")
        return answer.get("cancelled") is True

    async def _reading(self, filename: str, sentence: str, session_id: int | None, request_id: str | None) -> Reading:
        self._credentials.current()
        if self.state is State.CLOSED:
            raise Closed
        if session_id is None:
            session_id = self._session_id if self._session_id is not None else await self.create_session()
        return Reading(filename, sentence, session_id, request_id or new_request_id())

    def _follow(self, reading: Reading, audio: Audio, time_limit: float) -> AsyncGenerator[Event, None]:
        patience = Patience(time_limit, self._overload_retries)
        return follow_to_the_end(Request(reading, audio), self._transport, patience, self._timing)

    async def _accept(self, answer: Message) -> None:
        if not isinstance(answer.get("access_token"), str):
            raise UnreadableAnswer
        await self._transport.close()  # it spoke for whoever was signed in before
        self._transport = self._new_transport()
        self._status.show(State.IDLE)
        self._credentials.token = answer["access_token"]
        self._session_id = None

    def _new_transport(self) -> Transport:
        return make_transport(
            self._transport_name, self._base_url, self._http, self._credentials, self._timing, self._status
        )
