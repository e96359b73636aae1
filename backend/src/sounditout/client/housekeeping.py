"""What a server says to a connection and not about a reading: its token ends, the server stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from sounditout.client.connection import Connection
from sounditout.client.credentials import Credentials
from sounditout.client.errors import ClientError
from sounditout.client.in_flight import InFlight
from sounditout.client.reading import Message
from sounditout.client.timing import Timing

_LONGEST_MOVE_SECONDS: Final = 60.0
"""A server that stops is not believed to need longer, whatever it says."""

_RENEW_SECONDS: Final = 10.0
"""Tokens that last no longer than the server's warning would otherwise be renewed without a pause."""

log = structlog.stdlib.get_logger(__name__)


class Housekeeping:
    """Of one connection; it ends with it.

    Attributes:
        moved: the connection was left for another one.
    """

    def __init__(
        self, connection: Connection, token: str, in_flight: InFlight, credentials: Credentials, timing: Timing
    ) -> None:
        self.moved = False
        self._connection = connection
        self._token = token
        self._in_flight = in_flight
        self._credentials = credentials
        self._timing = timing
        self._moves_at: float | None = None
        self._due = False
        self._renewed_at: float | None = None
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def stays_for(self) -> float:
        """Seconds until it is our turn to come back to a server that stops, which may have closed long before."""
        return 0.0 if self._moves_at is None else max(0.0, self._moves_at - self._timing.now())

    def handle(self, message: Message) -> None:
        """A message without a request."""
        data = message["data"] if isinstance(message.get("data"), dict) else {}
        match message.get("type"):
            case "draining":
                self._in_flight.draining()
                seconds = self._timing.chance() * _seconds(data.get("reconnect_within_ms"))
                self._moves_at = self._timing.now() + seconds  # at once: the close may follow on its heels
                self._start(self._move(seconds))
            case "token_expiring" if self._may_renew():
                self._renewed_at = self._timing.now()
                self._start(self._renew())
            case "error":
                log.warning("the server could not read a message", code=str(data.get("code")))
            case _:
                pass  # pong and the like

    def tidy(self) -> None:
        """Something happened: leave a server that stops, once it has nothing of ours under way."""
        if self._due and not self.moved and self._in_flight.is_quiet:
            self.moved = True
            self._start(self._connection.leave())

    async def close(self) -> None:
        """Stop whatever is under way."""
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    def _may_renew(self) -> bool:
        if not self._credentials.can_renew:
            return False
        return self._renewed_at is None or self._timing.now() - self._renewed_at >= _RENEW_SECONDS

    def _start(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _move(self, seconds: float) -> None:
        await self._timing.sleep(seconds)
        self._due = True
        self.tidy()

    async def _renew(self) -> None:
        try:
            self._token = await self._credentials.renew(self._token)
        except ClientError as error:
            # The connection will be closed with 4401 when the token ends, and then there is another try.
            log.warning("the token could not be renewed", code=error.code)
            return
        self._connection.post({"type": "refresh_token", "token": self._token})


def _seconds(milliseconds: object) -> float:
    if not isinstance(milliseconds, (int, float)):
        return 0.0
    return min(max(milliseconds / 1000, 0.0), _LONGEST_MOVE_SECONDS)
