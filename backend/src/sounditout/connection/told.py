"""An event as it goes out: encoded once, for every listener and for every replay."""

from dataclasses import dataclass

from sounditout.analysis.events import TERMINAL, Error, Event, Partial
from sounditout.wire import encode


@dataclass(frozen=True, slots=True)
class Told:
    """What was said about a request."""

    request_id: str
    seq: int
    text: str
    """The event as JSON."""
    is_terminal: bool = False
    may_run_again: bool = False
    """It ended with an error, and the same request may succeed when it is sent again."""
    is_partial: bool = False
    """The next one of its kind says all that it says."""

    @classmethod
    def of(cls, event: Event) -> "Told":
        """Encode an event."""
        return cls(
            event.request_id,
            event.seq,
            encode(event),
            is_terminal=isinstance(event, TERMINAL),
            may_run_again=isinstance(event, Error) and event.data.retryable,
            is_partial=isinstance(event, Partial),
        )

    def as_sse(self) -> bytes:
        """The event as one server-sent event. JSON has no raw line ends, so one `data:` line always suffices."""
        return f"id: {self.request_id}:{self.seq}\ndata: {self.text}\n\n".encode()
