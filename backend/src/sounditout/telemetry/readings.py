"""A line in the log for every reading: how it ended and what took how long. Never what was said."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.events import TERMINAL, Complete, Event, ProcessingStarted
from sounditout.analysis.models import Recording

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
