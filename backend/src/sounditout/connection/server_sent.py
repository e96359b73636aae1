"""One request's events as the bytes of an SSE stream."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final

import structlog

from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.told import Told
from sounditout.wire import sse_comment

QUIET_SECONDS: Final = 15.0
"""After so long without an event the stream says that it lives; proxies close quiet ones after 60 s."""
_EVENT_ID: Final = re.compile(r"([A-Za-z0-9._-]{1,64}):([0-9]{1,9})")

log = structlog.stdlib.get_logger(__name__)


def after_seq(last_event_id: str | None, request_id: str) -> int:
    """The last event of this request which the client has received, by its `Last-Event-ID`; -1: none."""
    found = _EVENT_ID.fullmatch(last_event_id or "")
    return int(found[2]) if found and found[1] == request_id else -1


async def server_sent(
    held: HeldRequest, after: int = -1, quiet_seconds: float = QUIET_SECONDS
) -> AsyncGenerator[bytes, None]:
    """Yield every event after that one up to the terminal one. Closed or cancelled early when the client leaves."""
    events: asyncio.Queue[Told] = asyncio.Queue()  # a dozen, and two a second while the recording arrives
    held.follow(events.put_nowait, after)
    ended = held.ended and events.empty()
    try:
        while not ended:
            told = await _next(events, quiet_seconds)
            ended = told is not None and told.is_terminal
            yield sse_comment("listening") if told is None else told.as_sse()
    finally:
        held.leave(events.put_nowait)
        if not ended:
            log.info("client left the stream", request_id=held.request_id)


async def _next(events: "asyncio.Queue[Told]", seconds: float) -> Told | None:
    try:
        async with asyncio.timeout(seconds):
            return await events.get()
    except TimeoutError:
        return None
