"""One WebSocket for all readings, opened anew whenever it is lost.

    wake ─→ open ─→ greeted ─→ send, resume, pass events on ─→ lost ─→ Reconnect says: stop, or wait
              ↑                                                                              │
              └──────────────────────────────────────────────────────────────────────────────┘

One task, the keeper, opens, keeps and drops the connection. Nobody else holds it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Final

from sounditout.analysis.events import Event
from sounditout.client.credentials import Credentials
from sounditout.client.errors import ClientError, Closed
from sounditout.client.housekeeping import Housekeeping
from sounditout.client.in_flight import InFlight
from sounditout.client.ladder import PROBE_SECONDS, Ladder
from sounditout.client.opening import open_connection
from sounditout.client.reading import Message, parse_event
from sounditout.client.reconnect import Reconnect, Retry, Stop
from sounditout.client.request import Request
from sounditout.client.state import State
from sounditout.client.timing import Timing

_PATH: Final = "/api/ai/ws/audio-analysis"


class FellBack(Exception):
    """No WebSocket gets through: the request has to go over SSE."""


class WebSocketTransport:
    """Carries readings over one connection, which the first of them opens and which then stays.

    Args:
        base_url: `http://…` or `https://…`.
        client_id: names this client: its next connection replaces one that the server takes for alive.
        show: told of every new state.
        ladder: decides when to give up on WebSockets; None: never.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        credentials: Credentials,
        timing: Timing,
        show: Callable[[State], object],
        ladder: Ladder | None = None,
    ) -> None:
        self._url = f"ws{base_url.removeprefix('http')}{_PATH}?client_id={client_id}"
        self._credentials = credentials
        self._timing = timing
        self._show = show
        self._reconnect = Reconnect(timing.chance, ladder)
        self._in_flight = InFlight()
        self._keeper: asyncio.Task[None] | None = None
        self._token: str | None = None
        self._closed = False

    def wake(self) -> None:
        """See to it that there is a connection, or an attempt at one."""
        if not self._closed and (self._keeper is None or self._keeper.done()):
            self._keeper = asyncio.create_task(self._keep(), name="sounditout-client")
            self._keeper.add_done_callback(self._kept)

    async def hurry(self) -> None:
        """Try to connect now, if that was to wait."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self.wake()

    async def follow(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `Transport.follow`.

        Raises:
            FellBack: the ladder says that the rest has to come over SSE.
        """
        if self._closed:
            raise Closed
        inbox = self._in_flight.add(request)
        self.wake()
        try:
            while not (request.ended and inbox.empty()):
                item = await inbox.get()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self._in_flight.remove(request)

    async def cancel(self, request_id: str) -> bool:
        """See `Transport.cancel`."""
        return self._in_flight.cancel(request_id)

    async def close(self) -> None:
        """See `Transport.close`."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._in_flight.fail(Closed())

    async def _keep(self) -> None:
        step: Retry | Stop = Retry(PROBE_SECONDS if self._reconnect.fallen else 0)
        self._show(State.CONNECTING)
        while isinstance(step, Retry):
            try:
                await self._prepare(step)
                step = await self._converse()
            except ClientError as error:
                step = self._after(error)
        self._in_flight.fail(step.error)
        self._show(State.IDLE)

    def _kept(self, keeper: "asyncio.Task[None]") -> None:
        if not keeper.cancelled() and isinstance(error := keeper.exception(), Exception):
            self._in_flight.fail(error)  # a fault of ours must not leave anybody waiting

    async def _prepare(self, retry: Retry) -> None:
        await self._timing.sleep(retry.seconds)
        if retry.renew:
            try:
                await self._credentials.renew(self._token)
            except ClientError as error:
                if error.retryable:
                    self._reconnect.not_renewed()
                raise

    async def _converse(self) -> Retry | Stop:
        """One connection from its beginning to its end, and what to do then. Raises ClientError."""
        self._token = token = self._credentials.current()
        connection = await open_connection(self._url, token, self._timing)
        house = Housekeeping(connection, token, self._in_flight, self._credentials, self._timing)
        self._reconnect.ready()
        greeting = connection.greeting
        self._in_flight.connected(connection.post, greeting.held, greeting.max_audio_bytes)
        self._show(State.READY)
        try:
            error = await connection.run(lambda message: self._handle(message, house))
        finally:
            self._in_flight.disconnected()
            await house.close()
        if house.moved:
            self._show(State.RECONNECTING)
            return self._reconnect.moved()
        step = self._after(error)
        return replace(step, seconds=max(step.seconds, house.stays_for)) if isinstance(step, Retry) else step

    def _after(self, error: ClientError) -> Retry | Stop:
        step = self._reconnect.lost(error, can_renew=self._credentials.can_renew)
        if isinstance(step, Retry):
            self._show(State.RECONNECTING)
            self._in_flight.delayed(error)
            if step.fall_back:
                self._in_flight.fail(FellBack())
        return step

    def _handle(self, message: Message, house: Housekeeping) -> None:
        self._reconnect.heard()
        if "request_id" in message:
            event = parse_event(message)
            if event is not None:
                self._in_flight.happened(event)
        else:
            house.handle(message)
        house.tidy()
