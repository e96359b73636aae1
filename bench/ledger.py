"""What was asked of a server and what came of it: was everything answered once, and saved once?"""

from collections import Counter
from dataclasses import dataclass, field

ENDS = frozenset({"complete", "error", "cancelled"})


@dataclass(slots=True)
class Request:
    """One reading.

    Attributes:
        kind: how it was sent.
        may_be_cancelled: somebody asked for that; whether it came in time is open.
        listeners: streams that were opened for it; each has to end once.
        ends: last words, over all streams.
        saved: times that the server keeps it.
    """

    kind: str
    may_be_cancelled: bool = False
    listeners: int = 0
    ends: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    saved: int = 0

    @property
    def is_answered_once(self) -> bool:
        """Every listener has heard exactly one last word, all the same, and not that it went wrong."""
        allowed = {"complete", "cancelled"} if self.may_be_cancelled else {"complete"}
        return len(self.ends) == self.listeners and len(set(self.ends)) == 1 and self.ends[0] in allowed

    @property
    def is_saved_once(self) -> bool:
        """Also a reading that was cancelled may have been saved just before."""
        return self.saved == 1 or (self.saved == 0 and set(self.ends) == {"cancelled"})


class Ledger:
    """All requests of a run, by id."""

    def __init__(self) -> None:
        self.requests: dict[str, Request] = {}

    def open(self, request_id: str, kind: str) -> Request:
        """A reading is about to be sent."""
        self.requests[request_id] = Request(kind)
        return self.requests[request_id]

    def count_saved(self, request_ids: list[str]) -> None:
        """The server keeps these."""
        for request_id in request_ids:
            self.requests[request_id].saved += 1

    def by_kind(self) -> dict[str, Counter[str]]:
        """Sent, answered once and saved once, per kind."""
        counts: dict[str, Counter[str]] = {}
        for request in self.requests.values():
            row = counts.setdefault(request.kind, Counter())
            row["sent"] += 1
            row["answered once"] += request.is_answered_once
            row["saved once"] += request.is_saved_once
        return counts

    def wrong(self) -> dict[str, Request]:
        """Those that were not answered once or not saved once."""
        return {
            request_id: request
            for request_id, request in self.requests.items()
            if not (request.is_answered_once and request.is_saved_once)
        }
