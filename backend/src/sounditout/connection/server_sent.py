"""Requests' events as the bytes of SSE streams, each for one user, who may sign out in the midst of it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final

import structlog

from sounditout.accounts.identity import Identity
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.told import Told
from sounditout.errors import Unauthorized
from sounditout.wire import refusal, sse_comment

QUIET_SECONDS: Final = 15.0
"""After so long without an event the stream says that it lives; proxies close quiet ones after 60 s."""
_LEFT: Final = "You have signed out, or this account was deleted. Please sign in again."
_EVENT_ID: Final = re.compile(r"([A-Za-z0-9._-]{1,64}):([0-9]{1,9})")

log = structlog.stdlib.get_logger(__name__)


def after_seq(last_event_id: str | None, request_id: str) -> int:
    """The last event of this request which the client has received, by its `Last-Event-ID`; -1: none."""
    found = _EVENT_ID.fullmatch(last_event_id or "")
    return int(found[2]) if found and found[1] == request_id else -1


class Follower:
    """One stream of one user: what is to be said in it."""

    def __init__(self, user: Identity, held: HeldRequest) -> None:
        self.user: Final = user
        self._held = held
        self._events: asyncio.Queue[Told] = asyncio.Queue()  # a dozen, and two a second while the recording arrives
        self._told = -1

    def begin(self, after: int) -> None:
        """Listen, from after that event on."""
        self._told = after
        self._held.follow(self._events.put_nowait, after)

    def end(self) -> None:
        """Listen no more."""
        self._held.leave(self._events.put_nowait)

    @property
    def has_heard_all(self) -> bool:
        """Whether nothing will ever come."""
        return self._held.ended and self._events.empty()

    async def next(self, seconds: float) -> Told | None:
        """What is said next; None when it is not said within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                told = await self._events.get()
        except TimeoutError:
            return None
        self._told = told.seq
        return told

    def revoke(self) -> None:
        """The user's token has ended: so does the stream, whatever becomes of the reading."""
        self.end()
        while not self._events.empty():
            self._events.get_nowait()
        error = Unauthorized(_LEFT)
        self._events.put_nowait(Told.of(refusal(self._held.request_id, error, self._told + 1)))


class Streams:
    """All streams of a server process."""

    def __init__(self, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._quiet_seconds = quiet_seconds
        self._open: dict[Follower, None] = {}

    @property
    def all(self) -> tuple[Follower, ...]:
        return tuple(self._open)

    def revoke(self, user_id: int) -> None:
        """The tokens of a user have ended."""
        for follower in self.all:
            if follower.user.user_id == user_id:
                follower.revoke()

    async def server_sent(self, user: Identity, held: HeldRequest, after: int = -1) -> AsyncGenerator[bytes, None]:
        """Yield every event after that one up to the terminal one. Closed or cancelled when the client leaves."""
        follower = Follower(user, held)
        self._open[follower] = None
        follower.begin(after)
        ended = follower.has_heard_all
        try:
            while not ended:
                told = await follower.next(self._quiet_seconds)
                ended = told is not None and told.is_terminal
                yield sse_comment("listening") if told is None else told.as_sse()
        finally:
            del self._open[follower]
            follower.end()
            if not ended:
                log.info("client left the stream", request_id=held.request_id)
