"""A request to stop, apart from the task that is to be stopped."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sounditout.errors import Cancelled, Stage


class Cancellation:
    """Asked for at most once that matters: before the work begins, while it goes on, or too late.

    A task that is cancelled outright dies silently; work that is asked to stop by this object still says its last
    word. It may be asked from any thread, and work in any thread can look.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = False
        self._listeners: list[Callable[[], object]] = []

    @property
    def requested(self) -> bool:
        return self._requested

    def request(self) -> None:
        """Ask the work to stop. Asking again does nothing."""
        with self._lock:
            listeners = [] if self._requested else self._listeners
            self._requested = True
            self._listeners = []
        for listener in listeners:
            listener()

    def check(self, stage: Stage) -> None:
        """Go on, unless stopping was asked for. For work that takes long, every few ten milliseconds.

        Raises:
            Cancelled: it was.
        """
        if self._requested:
            raise Cancelled(stage=stage)

    def on_request(self, listener: Callable[[], object]) -> None:
        """Call `listener` when the request comes, in the thread that asks; at once when it has come already."""
        with self._lock:
            if not self._requested:
                self._listeners.append(listener)
                return
        listener()

    @contextmanager
    def watched_by(self, listener: Callable[[], object]) -> Iterator[None]:
        """As `on_request`, for as long as the block lasts."""
        self.on_request(listener)
        try:
            yield
        finally:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)
