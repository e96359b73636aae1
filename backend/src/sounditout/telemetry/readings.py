"""A line in the log, and figures, for every reading: how it ended and what took how long. Never what was said."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.events import TERMINAL, Analysis, Complete, Event, ProcessingStarted
from sounditout.analysis.models import Recording
from sounditout.telemetry.measurements import code_label
from sounditout.telemetry.metrics import Metrics, Transport

log = structlog.stdlib.get_logger(__name__)


async def observed(
    events: AsyncGenerator[Event, None], recording: Recording, arrival: Arrival | None = None
) -> AsyncGenerator[Event, None]:
    """The same events, with a word to the log before the last one."""
    mode = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, ProcessingStarted):
                mode = event.data.mode
            if isinstance(event, TERMINAL):
                log.info(
                    "reading",
                    request_id=recording.request_id,
                    user_id=recording.user_id,
                    mode=mode,
                    received_bytes=len(recording.audio) if arrival is None else arrival.size,
                    outcome=event.type,
                    code=getattr(event.data, "code", None),
                    milliseconds=event.data.timings if isinstance(event, Complete) else None,
                )
            yield event


async def metered(
    events: AsyncGenerator[Event, None],
    metrics: Metrics,
    transport: Transport,
    percentage: int,
    clock: Callable[[], float] = time.perf_counter,
) -> AsyncGenerator[Event, None]:
    """The same events, counted before they are passed on.

    Args:
        percentage: of the rollout.
        clock: seconds.
    """
    where = transport, str(percentage)
    began, is_first = clock(), True
    async with aclosing(events):
        async for event in events:
            if is_first:
                metrics.first_event.labels(*where).observe(clock() - began)
                is_first = False
            if isinstance(event, Analysis):
                metrics.report.labels(*where).observe(clock() - began)
            if isinstance(event, TERMINAL):
                metrics.readings.labels(*where, event.type, code_label(getattr(event.data, "code", None))).inc()
            yield event
