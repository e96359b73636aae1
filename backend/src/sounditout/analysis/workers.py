"""Threads that listen, behind a door that only lets so many wait.

A model call keeps one core busy and releases the interpreter lock, so threads are enough. The queue
is ours and not the executor's: work is handed to a thread only when one is free, so that a waiting
call can leave the queue when it is cancelled.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

from sounditout.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A bounded, first-come-first-served queue in front of a few threads. Used from one event loop.

    Args:
        threads: calls that run at once.
        max_waiting: calls that may wait for a thread; one more is refused at once.
    """

    def __init__(self, threads: int, max_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="sounditout-worker")
        self._free = threads
        self._max_waiting = max_waiting
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread just now."""
        return len(self._queue)

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`fn(*args, **kwargs)` in a thread.

        Cancelling the caller takes waiting work out of the queue. Work that has begun cannot be
        interrupted: its result is dropped, and its thread serves the next caller when it is done.

        Raises:
            Overloaded: too many calls are waiting, or the server is shutting down.
        """
        await self._turn()
        loop = asyncio.get_running_loop()
        try:
            work = self._executor.submit(fn, *args, **kwargs)
        except RuntimeError as error:  # closed between the turn and this line
            raise Overloaded from error
        work.add_done_callback(lambda _: self._done(loop))
        return await asyncio.wrap_future(work)

    async def _turn(self) -> None:
        if self._closed:
            raise Overloaded
        if self._free:
            self._free -= 1
            return
        if len(self._queue) >= self._max_waiting:
            raise Overloaded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: "asyncio.Future[None]") -> None:
        if turn in self._queue:
            self._queue.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:  # a thread was given in the same tick
            self._free_thread()

    def _done(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(self._free_thread)

    def _free_thread(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def close(self) -> None:
        """Refuse new and waiting calls; calls that run may finish. Does not wait for them."""
        self._closed = True
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_exception(Overloaded())
        self._executor.shutdown(wait=False, cancel_futures=True)
