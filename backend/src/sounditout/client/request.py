"""One request from the first attempt to its end, whatever carries it: pure, and the same for both transports."""

from collections.abc import Iterator

from sounditout.analysis.events import TERMINAL, CancelledData, CancelledEvent, Error, Event
from sounditout.client.errors import ClientError
from sounditout.client.reading import Message, Reading
from sounditout.client.recording import Audio
from sounditout.client.told import Told


class Request:
    """A reading on its way, and how far it has come.

    Attributes:
        sent: a server may know of it.
        ended: its terminal event has come.
        trouble: why it has got no further just now.
    """

    def __init__(self, reading: Reading, audio: Audio) -> None:
        self.reading = reading
        self.audio = audio
        self.sent = False
        self.ended = False
        self.trouble: ClientError | None = None
        self._after_seq = -1
        self._told = Told()

    @property
    def request_id(self) -> str:
        return self.reading.request_id

    @property
    def last_event_id(self) -> str:
        """For the SSE header of that name."""
        return f"{self.request_id}:{self._after_seq}"

    def again(self) -> None:
        """It has ended, and is to be run once more."""
        self.sent = self.ended = False
        self._after_seq = -1

    def begin(self) -> None:
        """It is given to a server, which tells it from the start."""
        self.sent = True
        self._after_seq = -1

    def anew(self) -> Iterator[Message]:
        """Messages that begin it, on a server that does not know it; one that does tells what it knows."""
        self.begin()
        return self.audio.anew(self.reading)

    def resumed(self) -> Iterator[Message]:
        """Messages that go on with it, on a server that knows it."""
        yield {"type": "resume", "request_id": self.request_id, "after_seq": self._after_seq}
        yield from self.audio.missing(self.reading)

    def received(self, event: Event) -> bool:
        """An event came; whether it had not come before."""
        if event.seq == 0:
            self._after_seq = -1  # a run from its start
        self.ended = isinstance(event, TERMINAL)
        if event.seq <= self._after_seq and not self.ended:
            return False
        self._after_seq = event.seq
        self.trouble = None
        return True

    def news(self, event: Event) -> Event | None:
        """The event as the caller should see it; None when an earlier run has told it already."""
        return self._told.news(event)

    def cancelled(self) -> Event:
        """The end of a request that is given up before a server could say so."""
        self.ended = True
        data = CancelledData(stage="receiving")
        return CancelledEvent(request_id=self.request_id, seq=self._told.next_seq, data=data)


def is_unknown(event: Event) -> bool:
    """Whether it says that the server knows nothing of the request (any more), and would take it."""
    return isinstance(event, Error) and event.data.code == "invalid_message" and event.data.retryable
