"""What a caller has been told of one request, over however many connections, transports and runs.

A request that a server has lost is run again, and tells everything again, perhaps in other steps. The caller hears
everything once, with rising `seq`.
"""

from collections.abc import Hashable

from sounditout.analysis.events import TERMINAL, Event, Partial, Progress, Warning_


class Told:
    """The events of one request that have been passed on."""

    def __init__(self) -> None:
        self._seq = -1
        self._facts: set[Hashable] = set()
        self._heard_seconds = -1.0

    @property
    def next_seq(self) -> int:
        return self._seq + 1

    def news(self, event: Event) -> Event | None:
        """The event as the caller should see it; None when it says nothing new."""
        if not self._is_new(event):
            return None
        self._seq = max(event.seq, self.next_seq)
        return event if event.seq == self._seq else event.model_copy(update={"seq": self._seq})

    def _is_new(self, event: Event) -> bool:
        if isinstance(event, TERMINAL):
            return True
        if isinstance(event, Partial) and event.data.heard_seconds < self._heard_seconds:
            return False
        fact = _fact(event)
        if fact in self._facts:
            return False
        self._facts.add(fact)
        if isinstance(event, Partial):
            self._heard_seconds = event.data.heard_seconds
        return True


def _fact(event: Event) -> Hashable:
    """What an event says, as far as a run tells it at most once."""
    match event:
        case Progress(data=data):
            return event.type, data.stage, data.fraction
        case Partial(data=data):
            return event.type, data.heard_seconds, data.words
        case Warning_(data=data):
            return event.type, data.code
        case _:
            return event.type
