"""What a client is doing, for whoever shows it."""

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """What a client is doing."""

    IDLE = "idle"
    """Nothing is open and nothing is wanted."""
    CONNECTING = "connecting"
    READY = "ready"
    """Connected: the next reading is sent at once."""
    RECONNECTING = "reconnecting"
    """The connection was lost; readings wait for the next one."""
    FALLBACK = "fallback"
    """Readings go over SSE because no WebSocket gets through."""
    CLOSED = "closed"
    """For ever."""


class Status:
    """The only place where a client's state changes.

    Args:
        on_state: called with every new state; must not raise.
    """

    def __init__(self, on_state: Callable[[State], object] | None = None) -> None:
        self.state = State.IDLE
        self._on_state = on_state

    def show(self, state: State) -> None:
        """Nothing happens when it is that already, or for ever closed."""
        if self.state in (state, State.CLOSED):
            return
        self.state = state
        if self._on_state is not None:
            self._on_state(state)
