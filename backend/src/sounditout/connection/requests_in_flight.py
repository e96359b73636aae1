"""Readings that are being worked on: a few per user, each once, and each to its end even if nobody listens."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import structlog

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.conversation import DuplicateRequest
from sounditout.errors import InternalError, TooManyRequests
from sounditout.wire import refusal

Work = Callable[[Cancellation], AsyncGenerator[Event, None]]
Deliver = Callable[[Event], None]

log = structlog.stdlib.get_logger(__name__)


class RequestsInFlight:
    """Runs the work of every request in a task of its own, apart from the connection that asked for it.

    Args:
        max_per_user: requests of one user at once, over all connections.
    """

    def __init__(self, max_per_user: int) -> None:
        self._max_per_user: Final = max_per_user
        self._by_user: dict[int, dict[str, Cancellation]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, user_id: int, request_id: str, work: Work, deliver: Deliver) -> None:
        """Begin `work` and hand every event to `deliver`, the terminal one after the request's place is free again.

        Raises:
            DuplicateRequest: this user's request with this id is being worked on.
            TooManyRequests: so are as many as one user may have.
        """
        cancellation = self._enter(user_id, request_id)
        task = asyncio.create_task(self._run(user_id, request_id, cancellation, work(cancellation), deliver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self, user_id: int, request_id: str) -> bool:
        """Ask a request to stop; whether there was one."""
        cancellation = self._by_user.get(user_id, {}).get(request_id)
        if cancellation is None:
            return False
        cancellation.request()
        return True

    def of_user(self, user_id: int) -> tuple[str, ...]:
        """Ids of the requests that are being worked on for a user."""
        return tuple(self._by_user.get(user_id, {}))

    async def drain(self, seconds: float) -> None:
        """Let what runs come to its end for so long, then stop it."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _enter(self, user_id: int, request_id: str) -> Cancellation:
        mine = self._by_user.setdefault(user_id, {})
        if request_id in mine:
            raise DuplicateRequest
        if len(mine) >= self._max_per_user:
            raise TooManyRequests
        mine[request_id] = Cancellation()
        return mine[request_id]

    def _leave(self, user_id: int, request_id: str, cancellation: Cancellation) -> None:
        mine = self._by_user.get(user_id, {})
        if mine.get(request_id) is cancellation:  # and not a later request with the same id
            del mine[request_id]
        if not mine:
            self._by_user.pop(user_id, None)

    async def _run(
        self,
        user_id: int,
        request_id: str,
        cancellation: Cancellation,
        events: AsyncGenerator[Event, None],
        deliver: Deliver,
    ) -> None:
        try:
            async for event in self._to_the_end(request_id, events):
                if isinstance(event, TERMINAL):
                    self._leave(user_id, request_id, cancellation)
                deliver(event)
        finally:
            self._leave(user_id, request_id, cancellation)

    async def _to_the_end(self, request_id: str, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The events, and a last word even if their source broke."""
        seq = 0
        try:
            async with aclosing(events):
                async for event in events:
                    seq = event.seq + 1
                    yield event
        except Exception:
            log.exception("work broke", request_id=request_id)
            yield refusal(request_id, InternalError(), seq)
