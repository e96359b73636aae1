"""Requests of every user, each run once however often it arrives, with what they told kept for those who missed it.

The work of a request runs in a task of its own, apart from the connections that follow it: a connection may break, a
page may fall back to the other transport, a second tab may look on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import Event
from sounditout.connection.told import Told
from sounditout.errors import InternalError, TooManyRequests
from sounditout.wire import refusal

Work = Callable[[Cancellation], AsyncGenerator[Event, None]]
Listener = Callable[[Told], object]

_MOST_LISTENERS: Final = 16
"""Five connections, and streams that are given up without a word."""

log = structlog.stdlib.get_logger(__name__)


class HeldRequest:
    """One request: what it has told so far, and who listens."""

    def __init__(self, user_id: int, request_id: str, arrival: Arrival | None = None) -> None:
        self.user_id: Final = user_id
        self.request_id: Final = request_id
        self.arrival: Final = arrival
        """The recording, while it is still being made."""
        self.cancellation: Final = Cancellation()
        self.ended_at: float | None = None
        self.is_to_be_kept = True
        """After its end."""
        self.task: asyncio.Task[None] | None = None
        """The work."""
        self._told: list[Told] = []
        self._listeners: list[Listener] = []

    @property
    def ended(self) -> bool:
        return bool(self._told) and self._told[-1].is_terminal

    @property
    def is_running(self) -> bool:
        """Whether it has not ended, and is not about to."""
        return not self.ended and not self.cancellation.requested

    @property
    def is_crowded(self) -> bool:
        """Whether as many listen as one user may have tabs and streams for."""
        return len(self._listeners) >= _MOST_LISTENERS

    @property
    def may_run_again(self) -> bool:
        return self.ended and self._told[-1].may_run_again

    @property
    def is_abandoned_upload(self) -> bool:
        """Whether its recording is still arriving, and nobody wants to hear of it just now."""
        return self.arrival is not None and not self.arrival.is_complete and not self._listeners

    @property
    def next_seq(self) -> int:
        return self._told[-1].seq + 1 if self._told else 0

    @property
    def size(self) -> int:
        """Characters kept: the measure of what it costs to hold it."""
        return sum(len(told.text) for told in self._told)

    def follow(self, listener: Listener, after_seq: int = -1) -> None:
        """Tell `listener` everything after that event, at once what is known and then what comes.

        An event that has not been told here was one of another run of this request: everything is told then.
        """
        if after_seq >= self.next_seq:
            after_seq = -1
        for told in tuple(self._told):
            if told.seq > after_seq:
                listener(told)
        if not self.ended:
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell it no more; nothing happens when it was not told anything."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def tell(self, told: Told) -> None:
        """Keep an event and pass it on. Nothing comes after a terminal one."""
        if self.ended:
            return
        if told.is_partial and self._told and self._told[-1].is_partial:
            self._told.pop()  # nobody who comes later needs to know
        self._told.append(told)
        listeners = tuple(self._listeners)
        if told.is_terminal:
            self._listeners.clear()
        for listener in listeners:
            listener(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLimits:
    """How much is kept."""

    running_per_user: int
    ended_per_user: int
    seconds: float
    """After the end of a request."""
    bytes: int
    """Of ended requests in all."""


class HeldRequests:
    """Everybody's requests: those that are being worked on, and for a while those that have ended.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, limits: HoldLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._by_user: dict[int, dict[str, HeldRequest]] = {}
        self._ended: dict[HeldRequest, int] = {}  # → size; the one that ended first is first
        self._bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Requests of all users that are being worked on."""
        return len(self._tasks)

    def begin(self, user_id: int, request_id: str, work: Work, arrival: Arrival | None = None) -> HeldRequest:
        """Start `work`, unless this user's request with this id is known: then that one is returned.

        One that ended with an error which may not come again is run again.

        Raises:
            TooManyRequests: as many of this user's requests are being worked on as may be.
        """
        known = self.find(user_id, request_id)
        if known is not None and not known.may_run_again:
            return known
        self._make_room(user_id)
        if known is not None:
            self._drop(known)
        held = HeldRequest(user_id, request_id, arrival)
        self._by_user.setdefault(user_id, {})[request_id] = held
        task = held.task = asyncio.create_task(self._run(held, work(held.cancellation)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if arrival is not None:
            task.add_done_callback(lambda _: arrival.close())
        return held

    def find(self, user_id: int, request_id: str) -> HeldRequest | None:
        """A user's request, if it is known."""
        self.forget_expired()
        return self._by_user.get(user_id, {}).get(request_id)

    def cancel(self, user_id: int, request_id: str) -> bool:
        """Ask a request to stop; False when nobody works on it."""
        held = self.find(user_id, request_id)
        if held is None or held.ended:
            return False
        held.cancellation.request()
        return True

    def of_user(self, user_id: int) -> tuple[str, ...]:
        """Ids of a user's requests that are known, those that began first first."""
        self.forget_expired()
        return tuple(self._by_user.get(user_id, {}))

    def forget_expired(self) -> None:
        """Let go of what has been kept long enough."""
        oldest = self._clock() - self._limits.seconds
        while self._ended and (first := next(iter(self._ended))).ended_at is not None and first.ended_at <= oldest:
            self._drop(first)

    def forget(self, user_id: int) -> None:
        """Let go of what a user has been told; what runs comes to its end, and is not kept either."""
        for held in tuple(self._by_user.get(user_id, {}).values()):
            held.is_to_be_kept = False
            if held.ended:
                self._drop(held)

    async def drain(self, seconds: float) -> None:
        """Let what runs come to its end for so long, then stop it, without a last word: it can be sent anew.

        Recordings that nobody sends any more, as it seems, are not waited for.
        """
        for held in self._running():
            if held.is_abandoned_upload and held.task is not None:
                held.task.cancel()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _make_room(self, user_id: int) -> None:
        """See that one more request may run: a recording that nobody sends any more gives way.

        Raises:
            TooManyRequests: the others are all wanted.
        """
        running = [held for held in self._by_user.get(user_id, {}).values() if held.is_running]
        if len(running) < self._limits.running_per_user:
            return
        for held in running:
            if held.is_abandoned_upload:
                held.cancellation.request()
                return
        raise TooManyRequests

    def _running(self) -> Iterator[HeldRequest]:
        return (held for mine in self._by_user.values() for held in mine.values() if not held.ended)

    async def _run(self, held: HeldRequest, events: AsyncGenerator[Event, None]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    self._tell(held, event)
            broken = not held.ended
        except Exception:
            log.exception("work broke", request_id=held.request_id)
            broken = True
        if broken:
            self._tell(held, refusal(held.request_id, InternalError(), held.next_seq))

    def _tell(self, held: HeldRequest, event: Event) -> None:
        told = Told.of(event)
        if told.is_terminal:
            held.ended_at = self._clock()
        held.tell(told)
        if told.is_terminal:
            self._keep(held)

    def _keep(self, held: HeldRequest) -> None:
        """It has ended: the oldest of this user's, and of all, give way."""
        if not held.is_to_be_kept:
            self._drop(held)
            return
        self._ended[held] = held.size
        self._bytes += held.size
        mine = [other for other in self._by_user.get(held.user_id, {}).values() if other in self._ended]
        for other in mine[: max(0, len(mine) - self._limits.ended_per_user)]:
            self._drop(other)
        while self._bytes > self._limits.bytes and self._ended:
            self._drop(next(iter(self._ended)))

    def _drop(self, held: HeldRequest) -> None:
        self._bytes -= self._ended.pop(held, 0)
        mine = self._by_user.get(held.user_id, {})
        if mine.get(held.request_id) is held:
            del mine[held.request_id]
        if not mine:
            self._by_user.pop(held.user_id, None)
