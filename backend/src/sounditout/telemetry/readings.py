"""A line in the log, and figures, for every reading: how it ended and what took how long. Never what was said."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.events import TERMINAL, Analysis, Complete, Error, Event, ProcessingStarted
from sounditout.analysis.models import Recording
from sounditout.persistence.database import Database
from sounditout.persistence.measurers import Measurers
from sounditout.persistence.repositories import UserGone
from sounditout.telemetry.measurements import NOT_OUR_FAULT, code_label
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


async def remembered(
    events: AsyncGenerator[Event, None], recording: Recording, database: Database
) -> AsyncGenerator[Event, None]:
    """The same events. Whose reading fails here is remembered as a reader, whose measurements are evidence.

    Of those whose reading goes well it is known, as it is saved. Without this a build in which everything fails would
    have no readers.
    """
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Error) and event.data.code not in NOT_OUR_FAULT:
                await _remember(recording.user_id, database)
            yield event


async def _remember(user_id: int, database: Database) -> None:
    try:
        async with database.transaction() as db:
            await Measurers(db).handed_in(user_id, datetime.now(UTC).date())
    except UserGone:
        return
    except Exception:
        log.exception("a reader could not be remembered", user_id=user_id)


async def metered(
    events: AsyncGenerator[Event, None],
    metrics: Metrics,
    transport: Transport,
    percentage: Callable[[], Awaitable[int]],
    clock: Callable[[], float] = time.perf_counter,
) -> AsyncGenerator[Event, None]:
    """The same events, counted before they are passed on.

    Args:
        percentage: asks for that of the rollout; must not raise.
        clock: seconds.
    """
    began, is_first = clock(), True
    where = transport, str(await percentage())
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
