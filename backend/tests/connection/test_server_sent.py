"""A queue of events as an SSE stream."""

import asyncio
import logging
from contextlib import aclosing

import pytest

from examples import every_event
from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.server_sent import server_sent
from sounditout.wire import as_sse

LEADING = [event for event in every_event() if not isinstance(event, TERMINAL)]
LAST = next(event for event in every_event() if isinstance(event, TERMINAL))


def queue_of(*events: Event) -> "asyncio.Queue[Event]":
    queue: asyncio.Queue[Event] = asyncio.Queue()
    for event in events:
        queue.put_nowait(event)
    return queue


async def test_it_ends_with_the_terminal_event(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    queue = queue_of(*LEADING, LAST, LEADING[0])
    assert [piece async for piece in server_sent("r", queue)] == [as_sse(event) for event in [*LEADING, LAST]]
    assert "left" not in caplog.text


async def test_a_quiet_stream_says_that_it_lives() -> None:
    queue = queue_of()
    async with aclosing(server_sent("r", queue, quiet_seconds=0.01)) as stream:
        assert await anext(stream) == b": listening\n\n"
        queue.put_nowait(LEADING[0])
        assert await anext(stream) == as_sse(LEADING[0])


async def test_a_client_that_leaves_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stream = server_sent("r-7", queue_of(LEADING[0]))
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert "client left the stream" in caplog.text
