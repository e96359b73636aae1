"""A trace of every reading, for who collects them: what took how long, by which way it came, and how it ended.

    reading ─┬ receiving     until a thread begins with it: it arrives, and waits for its turn
             ├ decoding ─ listening ─ scoring
             ├ saving
             └ coaching ─ speaking    at the same time

Off unless OpenTelemetry's own variables say where to. Never what was said, nor by whom. Spans are made when a reading
has ended, out of the times at which its events passed by, so the work itself knows nothing of it.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from sounditout.analysis.events import (
    TERMINAL,
    Analysis,
    Complete,
    Error,
    Event,
    ProcessingStarted,
    Progress,
    Warning_,
)
from sounditout.analysis.models import Recording
from sounditout.telemetry.metrics import Transport

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from opentelemetry.util.types import AttributeValue

log = structlog.stdlib.get_logger(__name__)

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Variables that say where to; what else there is to say, OpenTelemetry reads itself."""
REMEDY: Final = "Install it: `uv sync --frozen --project backend --extra otel`."
_SERVICE: Final = "sounditout"
_CLOSING_SECONDS: Final = 2.0
"""For the last spans to leave, when the server stops; a collector that does not answer would take ten."""
_NANOSECONDS: Final = 1_000_000
"""In a millisecond."""

Clock = Callable[[], int]


class Trace(Protocol):
    """Of one reading: watches its events at two places."""

    def of_work(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The same events, watched before they are saved."""
        ...

    def of_reading(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The same events, watched after that; when they end, so does the trace."""
        ...


class Tracing:
    """One for a server process.

    Args:
        tracer: None: nobody wants traces, and they cost nothing.
        close: sends what has not been sent yet.
        clock: nanoseconds since 1970.
    """

    def __init__(
        self,
        tracer: "Tracer | None" = None,
        close: Callable[[], Awaitable[object]] | None = None,
        clock: Clock = time.time_ns,
    ) -> None:
        self._tracer = tracer
        self._close = close
        self._clock = clock

    def begin(self, recording: Recording, transport: Transport) -> Trace:
        """A reading begins."""
        if self._tracer is None:
            return _UNTRACED
        return ReadingTrace(self._tracer, recording.request_id, transport, self._clock)

    async def close(self) -> None:
        """Send the last traces, within two seconds or not at all."""
        if self._close is not None:
            await self._close()


class _Untraced:
    def of_work(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        return events

    def of_reading(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        return events


_UNTRACED: Final = _Untraced()


class ReadingTrace:
    """See `Trace`."""

    def __init__(self, tracer: "Tracer", request_id: str, transport: Transport, clock: Clock) -> None:
        self._tracer = tracer
        self._clock = clock
        self._marks: list[tuple[str, int]] = [("receiving", clock())]
        """When which stage began, in order; saving is beside them."""
        self._saving: list[int] = []
        """When it began, and ended."""
        self._spoken: int | None = None
        """When the last stage ended, where that is known exactly."""
        self._codes: dict[str, str] = {}
        """What went wrong, by stage."""
        self._attributes: dict[str, AttributeValue] = {"request_id": request_id, "transport": transport}

    async def of_work(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        async with aclosing(events):
            async for event in events:
                self._note_work(event)
                yield event

    async def of_reading(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        self._attributes["outcome"] = "stopped"  # unless it has a last word
        try:
            async with aclosing(events):
                async for event in events:
                    self._note_reading(event)
                    yield event
        finally:
            try:
                self._make_spans(self._clock())
            except Exception:
                log.exception("a reading could not be traced")

    def _note_work(self, event: Event) -> None:
        match event:
            case ProcessingStarted():
                self._attributes["mode"] = event.data.mode
            case Progress():
                self._enter(event.data.stage)
            case Analysis():
                # The coach begins at this moment, also if nobody takes its events until the report has been saved.
                self._enter("coaching")
                self._saving = [self._marks[-1][1]]
            case Warning_():
                self._codes[event.data.stage] = event.data.code
            case Complete():
                self._measured(event.data.timings)

    def _note_reading(self, event: Event) -> None:
        if len(self._saving) == 1:
            self._saving.append(self._clock())
        if isinstance(event, Error):
            self._attributes["code"] = event.data.code
            self._codes[event.data.stage] = event.data.code
        if isinstance(event, TERMINAL):
            self._attributes["outcome"] = event.type

    def _enter(self, stage: str) -> None:
        if stage not in dict(self._marks):
            self._marks.append((stage, self._clock()))

    def _measured(self, timings: dict[str, float]) -> None:
        """What the coach and the voice did while the report was being saved was seen too late: this is how long."""
        self._attributes["waiting_ms"] = timings.get("waiting", 0.0)
        began = dict(self._marks)
        if "coaching" not in began:
            return
        after_coaching = began["coaching"] + round(timings.get("coaching", 0.0) * _NANOSECONDS)
        self._marks = [(name, after_coaching if name == "speaking" else at) for name, at in self._marks]
        self._spoken = after_coaching + round(timings.get("speaking", 0.0) * _NANOSECONDS)

    def _make_spans(self, end: int) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        def failed(stage: str) -> Status:
            return Status(StatusCode.ERROR, self._codes[stage]) if stage in self._codes else Status(StatusCode.UNSET)

        began = self._marks[0][1]
        reading = self._tracer.start_span("reading", start_time=began, kind=SpanKind.SERVER)
        reading.set_attributes({f"{_SERVICE}.{name}": value for name, value in self._attributes.items()})
        if self._attributes["outcome"] == "error":
            reading.set_status(Status(StatusCode.ERROR, str(self._attributes["code"])))
        inside = set_span_in_context(reading)
        for stage, start, over in self._stages(end):
            span = self._tracer.start_span(stage, inside, start_time=start)
            span.set_status(failed(stage))
            span.end(over)
        reading.end(end)

    def _stages(self, end: int) -> list[tuple[str, int, int]]:
        """Each with its beginning and its end."""
        marks = [*self._marks, ("", self._spoken or end)]
        stages = [(stage, start, max(start, over)) for (stage, start), (_, over) in pairwise(marks)]
        if self._saving:
            stages.append(("saving", self._saving[0], [*self._saving, end][1]))
        return stages


def endpoint() -> str | None:
    """Where traces are wanted, if anywhere."""
    return next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), None)


def open_tracing() -> Tracing:
    """As the environment wants it; the log says what that is, where it is anything."""
    where = endpoint()
    if where is None:
        return Tracing()
    try:
        tracing = _exporting()
    except ImportError as error:
        log.warning("traces are wanted, but the extra for them is not installed", reason=str(error), remedy=REMEDY)
        return Tracing()
    log.info("readings are traced", endpoint=where)
    return tracing


def _exporting() -> Tracing:
    """To a collector, over HTTP, from a thread of OpenTelemetry's own. Raises ImportError without the extra."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from sounditout import __version__

    # A collector that does not answer is told once for each batch, not at each attempt.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
    resource = Resource.create({"service.version": __version__})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):  # nobody has said another one
        resource = resource.merge(Resource({"service.name": _SERVICE}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))

    async def close() -> None:
        # A thread that nobody waits for in the end: it may be waiting for the collector.
        closing = threading.Thread(target=provider.shutdown, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, _CLOSING_SECONDS)

    return Tracing(provider.get_tracer(_SERVICE, __version__), close)
