"""One HTTP stream per reading."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import httpx

from sounditout.analysis.events import Event
from sounditout.client.credentials import Credentials
from sounditout.client.errors import Closed
from sounditout.client.request import Request
from sounditout.client.sse_stream import SseStream
from sounditout.client.state import State
from sounditout.client.timing import Timing


class SseTransport:
    """Carries readings over HTTP, each on a stream of its own.

    Args:
        http: belongs to the caller.
        show: told of every new state.
    """

    def __init__(
        self, http: httpx.AsyncClient, credentials: Credentials, timing: Timing, show: Callable[[State], object]
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._timing = timing
        self._show = show
        self._open = 0
        self._closed = False
        self._waiting: set[asyncio.Timeout] = set()
        self._nobody_waits = asyncio.Event()

    async def follow(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `Transport.follow`. A refusal before the stream is an `error` event, as it is on a WebSocket."""
        self._open += 1
        try:
            stream = SseStream(request, self._http, self._credentials, self._timing, self._show)
            async with aclosing(stream.events()) as events:
                while (event := await self._next(events)) is not None:
                    yield event
        finally:
            self._open -= 1
            if not self._open:
                self._show(State.IDLE)

    async def cancel(self, request_id: str) -> bool:
        """See `Transport.cancel`: there is no way back to the server but another request."""
        del request_id
        return False

    async def close(self) -> None:
        """See `Transport.close`."""
        self._closed = True
        now = asyncio.get_running_loop().time()
        for scope in self._waiting:
            scope.reschedule(now)
        if self._waiting:
            self._nobody_waits.clear()
            await self._nobody_waits.wait()

    async def _next(self, events: AsyncGenerator[Event, None]) -> Event | None:
        if self._closed:
            raise Closed
        try:
            async with asyncio.timeout(None) as scope:
                self._waiting.add(scope)
                return await anext(events, None)
        except TimeoutError as error:
            raise Closed from error
        finally:
            self._waiting.discard(scope)
            if not self._waiting:
                self._nobody_waits.set()
