"""One request's events as the bytes of an SSE stream."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

import structlog

from sounditout.analysis.events import TERMINAL, Event
from sounditout.wire import as_sse, sse_comment

QUIET_SECONDS: Final = 15.0
"""After so long without an event the stream says that it lives; proxies close quiet ones after 60 s."""

log = structlog.stdlib.get_logger(__name__)


async def server_sent(
    request_id: str, events: "asyncio.Queue[Event]", quiet_seconds: float = QUIET_SECONDS
) -> AsyncGenerator[bytes, None]:
    """Yield every event up to the terminal one. Closed or cancelled early when the client leaves."""
    ended = False
    try:
        while not ended:
            event = await _next(events, quiet_seconds)
            ended = isinstance(event, TERMINAL)
            yield sse_comment("listening") if event is None else as_sse(event)
    finally:
        if not ended:
            log.info("client left the stream", request_id=request_id)


async def _next(events: "asyncio.Queue[Event]", seconds: float) -> Event | None:
    try:
        async with asyncio.timeout(seconds):
            return await events.get()
    except TimeoutError:
        return None
