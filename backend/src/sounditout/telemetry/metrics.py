"""The figures of a server: how readings go, over which way, at which stage of the rollout. Counts, and no persons.

Every label has few values that the server knows, so that nobody outside can make it keep more.
"""

from collections.abc import Iterable
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Transport = Literal["websocket", "sse"]

WITHIN_SECONDS: Final = 0.5
"""The rollout's target for the first event of a later reading; one of the bounds below, so that it can be counted."""
BOUNDS_SECONDS: Final = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.15,
    0.2,
    0.3,
    0.4,
    WITHIN_SECONDS,
    0.75,
    1.0,
    1.5,
    2.0,
    3.0,
    5.0,
    10.0,
)
"""Of all histograms: from what a quick server needs to the patience of a child."""
_BY_STAGE: Final = ("transport", "stage")


class Metrics:
    """One for a server process. Labels are named in the order in which `labels()` wants them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.readings = self._counter("readings", "Readings that ended.", (*_BY_STAGE, "outcome", "code"))
        self.first_event = self._histogram("first_event_seconds", "From the start to the first event.", _BY_STAGE)
        self.report = self._histogram("report_seconds", "From the start of a reading to its report.", _BY_STAGE)
        self.connections = self._gauge("connections", "WebSockets that are open.")
        self.connections_opened = self._counter("connections_opened", "WebSockets that were let in.")
        self.connections_closed = self._counter("connections_closed", "WebSockets that ended.", ("code",))
        self.requests_waiting = self._gauge("requests_waiting", "Calls that wait for a thread.")
        self.client_ready = self._histogram("client_ready_seconds", "From connecting until ready.", _BY_STAGE)
        self.client_first_event = self._histogram(
            "client_first_event_seconds", "From handing a reading in to its first event.", (*_BY_STAGE, "later")
        )
        self.client_words = self._histogram(
            "client_words_seconds", "From the end of a recording to its coloured words.", _BY_STAGE
        )
        self.client_readings = self._counter(
            "client_readings", "Readings as pages saw them end.", (*_BY_STAGE, "outcome", "failed")
        )
        self.client_sessions = self._counter(
            "client_sessions", "Connections until the page wanted their end.", (*_BY_STAGE, "broken")
        )
        self.client_fallbacks = self._counter("client_fallbacks", "From the WebSocket to SSE.", ("stage", "reason"))
        self.client_reconnects = self._counter(
            "client_reconnects", "Connections that were lost and opened again.", ("stage", "close_code")
        )
        self.rollout_percentage = self._gauge("rollout_percentage", "Of all users, that have the WebSocket.")
        self.rollout_held = self._gauge("rollout_held", "1 while nobody may advance the rollout.")

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, labels: Iterable[str] = ()) -> Counter:
        return Counter(f"sounditout_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: Iterable[str]) -> Histogram:
        return Histogram(f"sounditout_{name}", text, labels, buckets=BOUNDS_SECONDS, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"sounditout_{name}", text, registry=self.registry)
