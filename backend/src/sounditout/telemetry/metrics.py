"""The figures of a server: how readings go, over which way, at which stage of the rollout. Counts, and no persons.

Every label has few values that the server knows, so that nobody outside can make it keep more.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

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
_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder through which processes add up; prometheus_client reads it when a process imports it."""
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
        self.connections_closed = self._counter(
            "connections_closed", "WebSockets that ended, or were refused.", ("code",)
        )
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
        self.client_session_seconds = self._counter(
            "client_session_seconds", "How long pages wanted their connections.", ("stage",)
        )
        self.client_session_closes = self._counter(
            "client_session_closes", "How these connections ended.", ("stage", "close_code")
        )
        self.client_fallbacks = self._counter("client_fallbacks", "From the WebSocket to SSE.", ("stage", "reason"))
        self.client_reconnects = self._counter(
            "client_reconnects", "Connections that were lost and opened again.", ("stage", "close_code")
        )
        self.rollout_percentage = self._gauge(
            "rollout_percentage", "Of all users, that have the WebSocket.", "mostrecent"
        )
        self.rollout_held = self._gauge("rollout_held", "1 while nobody may advance the rollout.", "mostrecent")
        self.start_time = self._gauge("start_time_seconds", "When the server started, in Unix time.", "min")
        self.start_time.set(time.time())

    def exposition(self) -> bytes:
        """All figures, of all processes of the server, in Prometheus' text format."""
        return generate_latest(self._everybodys())

    def collect(self) -> Iterable[Metric]:
        """The same, for a program of ours."""
        return self._everybodys().collect()

    def _everybodys(self) -> CollectorRegistry:
        if _SHARED not in os.environ:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def _counter(self, name: str, text: str, labels: Iterable[str] = ()) -> Counter:
        return Counter(f"sounditout_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: Iterable[str]) -> Histogram:
        return Histogram(f"sounditout_{name}", text, labels, buckets=BOUNDS_SECONDS, registry=self.registry)

    def _gauge(self, name: str, text: str, of_many: Literal["livesum", "min", "mostrecent"] = "livesum") -> Gauge:
        return Gauge(f"sounditout_{name}", text, registry=self.registry, multiprocess_mode=of_many)


@contextmanager
def shared_figures() -> Iterator[Callable[[int], object]]:
    """Processes that are started meanwhile add their figures up, in a folder of their own.

    Yields:
        What to call with the id of each that has ended, whose connections are no more.
    """
    with tempfile.TemporaryDirectory(prefix="sounditout-figures-") as folder:
        os.environ[_SHARED] = folder
        try:
            yield lambda pid: mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        finally:
            del os.environ[_SHARED]
