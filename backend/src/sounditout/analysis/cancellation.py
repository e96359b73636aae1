"""A request to stop, apart from the task that is to be stopped."""

from collections.abc import Callable


class Cancellation:
    """Asked for at most once that matters: before the work begins, while it goes on, or too late.

    For one event loop. A task that is cancelled outright dies silently; work that is asked to stop by
    this object still says its last word.
    """

    def __init__(self) -> None:
        self._requested = False
        self._listener: Callable[[], object] | None = None

    @property
    def requested(self) -> bool:
        return self._requested

    def request(self) -> None:
        """Ask the work to stop. Asking again does nothing."""
        if self._requested:
            return
        self._requested = True
        if self._listener is not None:
            self._listener()

    def on_request(self, listener: Callable[[], object]) -> None:
        """Call `listener` when the request comes; at once when it has come already."""
        self._listener = listener
        if self._requested:
            listener()
