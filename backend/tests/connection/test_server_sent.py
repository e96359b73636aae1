"""What a request tells, as an SSE stream."""

import asyncio
import logging
from contextlib import aclosing

import pytest

from examples import REQUEST_ID, every_event
from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.server_sent import after_seq, server_sent
from sounditout.connection.told import Told
from sounditout.wire import encode

LEADING = [event for event in every_event() if not isinstance(event, TERMINAL)]
LAST = next(event for event in every_event() if isinstance(event, TERMINAL))


def as_sse(event: Event) -> bytes:
    return f"id: {event.request_id}:{event.seq}\ndata: {encode(event)}\n\n".encode()


def held(*events: Event) -> HeldRequest:
    request = HeldRequest(1, REQUEST_ID)
    for event in events:
        request.tell(Told.of(event))
    return request


async def test_it_ends_with_the_terminal_event(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    request = held(*LEADING, LAST)
    assert [piece async for piece in server_sent(request)] == [as_sse(event) for event in [*LEADING, LAST]]
    assert "left" not in caplog.text


async def test_it_goes_on_where_the_client_was() -> None:
    request = held(*LEADING, LAST)
    assert [piece async for piece in server_sent(request, LEADING[-1].seq)] == [as_sse(LAST)]
    assert [piece async for piece in server_sent(request, LAST.seq)] == []


async def test_a_quiet_stream_says_that_it_lives() -> None:
    request = held()
    async with aclosing(server_sent(request, quiet_seconds=0.01)) as stream:
        assert await anext(stream) == b": listening\n\n"
        request.tell(Told.of(LEADING[0]))
        assert await anext(stream) == as_sse(LEADING[0])


async def test_a_client_that_leaves_is_noticed_and_told_no_more(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    request = held(LEADING[0])
    stream = server_sent(request)
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert "client left the stream" in caplog.text
    assert request._listeners == []


@pytest.mark.parametrize(
    ("header", "seq"),
    [
        (None, -1),
        ("", -1),
        ("r-1:7", 7),
        ("r-1:0", 0),
        ("r-2:7", -1),
        ("r-1", -1),
        ("r-1:-3", -1),
        ("r-1:" + "9" * 40, -1),
        ("r-1:7\n", -1),
    ],
)
def test_the_last_event_id_counts_when_it_is_of_this_request(header: str | None, seq: int) -> None:
    assert after_seq(header, "r-1") == seq
