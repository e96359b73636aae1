"""Several processes behind one listening socket: started together, replaced when they end, stopped together.

    parent   starts N children ─→ waits ─→ starts another for one that ended, after a pause that grows
    child    serves until its lifeline ends: the parent wants it to stop, or is gone

The lifeline is a pipe. The child says through it that it serves; the parent closes it to have the child stop, and so
does the kernel when the parent is killed. Hence a signal to the whole group (Ctrl-C, systemd) means the same as one
to the parent, and no child stays behind.
"""

import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final

import structlog

FIRST_PAUSE_SECONDS: Final = 0.5
"""Before a child is replaced that had served for long: about what a crash takes to be written down."""
_LONGEST_PAUSE_SECONDS: Final = 30.0
"""Between attempts that fail again and again; starting one costs a core for two seconds."""
_SETTLED_SECONDS: Final = 60.0
"""A child that lived for so long did not fail because of how it was started."""
_KILLED: Final = 128
"""Shells add this to the number of the signal that ended a process."""

_spawn: Final = multiprocessing.get_context("spawn")  # a fork would take threads' locks along, but not the threads
log = structlog.stdlib.get_logger(__name__)


class Lifeline:
    """What ties a child to its parent."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def serving(self) -> None:
        """Tell the parent that the child serves."""
        with suppress(OSError):  # it is gone, which `when_it_ends` will say
            self._pipe.send_bytes(b"serving")

    def when_it_ends(self, stop: Callable[[], object]) -> None:
        """Have `stop()` called, in a thread of its own, when the child is to stop."""
        threading.Thread(target=self._wait, args=(stop,), name="lifeline", daemon=True).start()

    def _wait(self, stop: Callable[[], object]) -> None:
        with suppress(EOFError, OSError):
            self._pipe.recv_bytes()  # nothing ever comes
        stop()


Work = Callable[[socket.socket, Lifeline], None]
"""What a child does, in the main thread of its process; travels there pickled."""


class _Child:
    def __init__(self, work: Work, listener: socket.socket) -> None:
        self.pipe, theirs = _spawn.Pipe()
        self.process: SpawnProcess = _spawn.Process(target=_live, args=(work, listener, theirs))
        with _interrupts_ignored():
            self.process.start()
        theirs.close()
        self.pid = self.process.pid
        self.started_at = time.monotonic()

    def heard(self) -> bool:
        """Whether what came through the lifeline says that it serves."""
        try:
            return self.pipe.recv_bytes() == b"serving"
        except (EOFError, OSError):  # it ends, which its sentinel will say
            self.pipe.close()
            return False

    def let_go(self) -> None:
        """Ask it to stop."""
        self.pipe.close()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """A child inherits this, so that Ctrl-C while it is being loaded prints no traceback; then it has its own way."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _live(work: Work, listener: socket.socket, pipe: Connection) -> None:
    work(listener, Lifeline(pipe))


class _Place:
    """Room for one child after the other."""

    def __init__(self) -> None:
        self.child: _Child | None = None
        self.has_served = False
        self.due = 0.0
        """When the next child may start, by `time.monotonic`."""
        self._pause = 0.0

    def left(self, child: _Child, first_pause: float) -> float:
        """Its child has ended; the next may come after so many seconds."""
        now = time.monotonic()
        self._pause = next_pause(self._pause, now - child.started_at, first_pause)
        self.child, self.due = None, now + self._pause
        return self._pause


def next_pause(last: float, lived: float, first: float = FIRST_PAUSE_SECONDS) -> float:
    """Seconds until a child is replaced.

    Args:
        last: seconds of the pause before it; 0: there was none.
        lived: seconds from its start to its end.
    """
    if not last or lived >= _SETTLED_SECONDS:
        return first
    return min(2 * last, _LONGEST_PAUSE_SECONDS)


class _Signals:
    """Counts requests to stop, and wakes who waits for `pipe`."""

    def __init__(self) -> None:
        self.count = 0
        self.pipe, self._own = _spawn.Pipe(duplex=False)

    @contextmanager
    def caught(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._received) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.pipe.close()
            self._own.close()

    def forget(self) -> None:
        """Sleep again until the next one."""
        while self.pipe.poll():
            self.pipe.recv_bytes()

    def _received(self, *_: object) -> None:
        self.count += 1
        self._own.send_bytes(b".")


class Supervisor:
    """The parent. Use it in the main thread of a process.

    Args:
        listener: listens already; closed at the end.
        count: children at a time.
        stop_seconds: a child that takes longer to stop is killed.
        first_pause: seconds before the first child that ended is replaced.
        when_ended: called with the process id of a child that ended before it was asked to stop.
    """

    def __init__(
        self,
        work: Work,
        listener: socket.socket,
        count: int,
        *,
        stop_seconds: float,
        first_pause: float = FIRST_PAUSE_SECONDS,
        when_ended: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._work = work
        self._listener = listener
        self._places = [_Place() for _ in range(count)]
        self._stop_seconds = stop_seconds
        self._first_pause = first_pause
        self._when_ended = when_ended
        self._signals = _Signals()
        self._exit_code: int | None = None

    @property
    def _children(self) -> list[_Child]:
        return [place.child for place in self._places if place.child is not None]

    def run(self) -> int:
        """Until a signal says stop; a second one does not wait for the children.

        Returns:
            The exit code of the whole: that of a child that failed before it served, 1 when one had to be killed.
        """
        with self._signals.caught():
            try:
                while not self._signals.count and self._exit_code is None:
                    self._start_who_is_due()
                    self._take_note(self._happened())
            finally:
                stopped = self._stop()
            return self._exit_code or stopped

    def _start_who_is_due(self) -> None:
        for place in self._places:
            if place.child is None and place.due <= time.monotonic():
                place.child = _Child(self._work, self._listener)
                log.info("a server process starts", child=place.child.pid)

    def _happened(self) -> list[object]:
        """Wait until something happens; the pipes and sentinels that say what."""
        pipes = [child.pipe for child in self._children if not child.pipe.closed]
        due = [place.due for place in self._places if place.child is None]
        seconds = max(0.0, min(due) - time.monotonic()) if due else None
        sentinels = [child.process.sentinel for child in self._children]
        return [*wait([self._signals.pipe, *pipes, *sentinels], seconds)]

    def _take_note(self, ready: Collection[object]) -> None:
        if self._signals.count:
            return  # what ends now may have ended by the same signal
        for place in self._places:
            child = place.child
            if child is not None and child.pipe in ready and child.heard():
                place.has_served = True
                log.info("a server process serves", child=child.pid)
            if child is not None and child.process.sentinel in ready:
                self._ended(place, child)

    def _ended(self, place: _Place, child: _Child) -> None:
        child.process.join()
        code = child.process.exitcode or 0
        child.process.close()
        child.let_go()
        if child.pid is not None:
            self._when_ended(child.pid)
        if place.has_served:
            pause = place.left(child, self._first_pause)
            log.error("a server process ended; another follows", child=child.pid, exit_code=code, pause_seconds=pause)
        else:
            # What is wrong now was wrong before anybody was served: waiting will not mend it.
            place.child = None
            self._exit_code = _as_exit_code(code) or 1
            log.error("a server process could not start", child=child.pid, exit_code=code)

    def _stop(self) -> int:
        """Nobody listens any more, all children are asked to stop, waited for, and killed if they do not."""
        log.info("the server processes are to stop", children=len(self._children))
        self._listener.close()
        for child in self._children:
            child.let_go()
        deadline = time.monotonic() + self._stop_seconds
        while (alive := self._alive()) and self._signals.count < 2 and (left := deadline - time.monotonic()) > 0:
            wait([self._signals.pipe, *(child.process.sentinel for child in alive)], left)
            self._signals.forget()
        for child in alive:
            log.error("a server process is killed", child=child.pid)
            child.process.kill()
            child.process.join()
        # One that had not begun to serve ends by the signal itself, if that went to the whole group.
        return int(any(child.process.exitcode not in (0, -signal.SIGTERM) for child in self._children))

    def _alive(self) -> list[_Child]:
        return [child for child in self._children if child.process.exitcode is None]


def _as_exit_code(code: int) -> int:
    """Of a process, from what multiprocessing says of it: a negative number is a signal's."""
    return code if code >= 0 else _KILLED - code
