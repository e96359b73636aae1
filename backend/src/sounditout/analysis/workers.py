"""Threads that listen, behind a door that only lets so many wait.

A model call keeps one core busy and releases the interpreter lock, so threads are enough. The queue
is ours and not the executor's: work is handed to a thread only when one is free, so that users take turns and a
waiting call can leave the queue when it is cancelled.

    run          ─→ in line with other users' ─→ a thread
    run_if_idle  ─→ a thread, when no result is waited for ─→ interrupted as soon as one is
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.pace import Pace
from sounditout.analysis.turns import Turns
from sounditout.errors import Cancelled, Overloaded

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A bounded, fair queue in front of a few threads. Used from one event loop.

    Args:
        threads: calls that run at once.
        max_waiting: calls that may wait for a thread; one more is refused at once.
        clock: seconds; times the calls.
        on_waiting: told how many calls wait whenever that has changed; must not raise.
    """

    def __init__(
        self,
        threads: int,
        max_waiting: int,
        clock: Callable[[], float] = time.monotonic,
        on_waiting: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="sounditout-worker")
        self._threads = threads
        self._max_waiting = max_waiting
        self._clock = clock
        self._on_waiting = on_waiting
        self._turns: Turns[asyncio.Future[None]] = Turns()
        self._running = 0
        self._aside = 0
        self._interruptible: list[Cancellation] = []
        self._pace = Pace(threads)
        self._closed = False

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread just now."""
        return len(self._turns)

    @property
    def running(self) -> int:
        """Calls that have a thread just now, unimportant ones not counted."""
        return self._running

    @property
    def capacity(self) -> int:
        """Calls that may be `running` or `waiting` at once."""
        return self._threads + self._max_waiting

    @property
    def retry_after(self) -> float:
        """Seconds until all who wait now have got a thread, judging by recent calls; 1 to 30."""
        return self._pace.until_begun(self.waiting)

    async def run(self, user_id: int, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`fn(*args, **kwargs)` in a thread, when it is the user's turn.

        Cancelling the caller takes waiting work out of the queue. Work that has begun goes on, unless it looks at a
        `Cancellation` of its own: its result is dropped, and its thread serves the next caller when it is done.

        Raises:
            Overloaded: too many calls are waiting, or the server is shutting down.
        """
        await self._turn(user_id)
        return await self._in_thread(partial(fn, *args, **kwargs), self._done)

    async def run_if_idle(self, fn: Callable[[Cancellation], T]) -> T | None:
        """`fn(stop)` in a thread that nobody needs, for a result that nobody waits for.

        None if there is no such thread, or if it was needed after all: as soon as a caller of `run` wants the thread
        or the core, `stop` is requested, and `fn` is to raise `Cancelled`. The same happens when the caller is
        cancelled.
        """
        if self._closed or self._aside >= self._room_aside():
            return None
        stop = Cancellation()
        self._aside += 1
        self._interruptible.append(stop)
        try:
            return await self._in_thread(partial(fn, stop), self._done_aside)
        except Cancelled:
            if stop.requested:
                return None
            raise
        finally:
            stop.request()
            with suppress(ValueError):
                self._interruptible.remove(stop)

    def close(self) -> None:
        """Refuse new and waiting calls, interrupt unimportant ones; the others may finish. Does not wait for them."""
        self._closed = True
        while (turn := self._turns.next()) is not None:
            if not turn.done():
                turn.set_exception(Overloaded())
        self._on_waiting(0)
        self._interrupt_down_to(0)
        self._executor.shutdown(wait=False)

    async def _turn(self, user_id: int) -> None:
        """Wait for a thread; `_running` counts it from then on."""
        if self._closed:
            raise Overloaded
        if self._running + self._aside < self._threads:  # then nobody waits either
            self._running += 1
            self._interrupt_down_to(self._room_aside())
            return
        if self._running + self.waiting >= self.capacity:
            raise Overloaded(retry_after=self.retry_after)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.join(user_id, turn)
        self._on_waiting(self.waiting)
        self._interrupt_down_to(self._room_aside())
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(user_id, turn)
            raise

    def _give_up(self, user_id: int, turn: "asyncio.Future[None]") -> None:
        waits = self._turns.leave(user_id, turn)
        self._on_waiting(self.waiting)
        if not waits and not turn.cancelled() and turn.exception() is None:  # a thread was given in the same tick
            self._running -= 1
            self._serve()

    def _room_aside(self) -> int:
        """Threads that unimportant calls may have.

        One stays free for whoever comes next, and for the second thread that judging keeps busy half of the time;
        hence on two cores unimportant work and real work never run at once. Alone with one thread it may run, too.
        """
        needed = self._running + self.waiting
        if needed:
            return max(0, self._threads - 1 - needed)
        return max(1, self._threads - 1)

    def _interrupt_down_to(self, room: int) -> None:
        while len(self._interruptible) > room:
            self._interruptible.pop().request()  # the latest has least to lose

    async def _in_thread(self, call: Callable[[], T], done: Callable[[float], None]) -> T:
        """`call()` in a thread that is free; `done` is told once how many seconds it took, in the event loop."""
        loop, began = asyncio.get_running_loop(), self._clock()
        try:
            work = self._executor.submit(call)
        except RuntimeError as error:  # closed since the turn was given
            done(0.0)
            raise Overloaded from error

        def ended(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(done, self._clock() - began)

        work.add_done_callback(ended)
        return await asyncio.wrap_future(work)

    def _done(self, seconds: float) -> None:
        self._pace.took(seconds)
        self._running -= 1
        self._serve()

    def _done_aside(self, _: float) -> None:
        self._aside -= 1
        self._serve()

    def _serve(self) -> None:
        """Give free threads to those who wait."""
        while self._running + self._aside < self._threads and (turn := self._turns.next()) is not None:
            self._on_waiting(self.waiting)
            if not turn.done():
                self._running += 1
                turn.set_result(None)
