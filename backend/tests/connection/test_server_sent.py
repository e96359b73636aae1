"""What a request tells, as an SSE stream."""

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import replace

import pytest

from examples import REQUEST_ID, every_event
from sounditout.accounts.identity import Identity
from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.server_sent import Streams, after_seq
from sounditout.connection.told import Told
from sounditout.wire import encode

USER = Identity(1, "reader", expires_at=0, token_version=0)
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
    assert [piece async for piece in Streams().server_sent(USER, request)] == [
        as_sse(event) for event in [*LEADING, LAST]
    ]
    assert "left" not in caplog.text


async def test_it_goes_on_where_the_client_was() -> None:
    request = held(*LEADING, LAST)
    assert [piece async for piece in Streams().server_sent(USER, request, LEADING[-1].seq)] == [as_sse(LAST)]
    assert [piece async for piece in Streams().server_sent(USER, request, LAST.seq)] == []


async def test_a_quiet_stream_says_that_it_lives() -> None:
    request = held()
    async with aclosing(Streams(quiet_seconds=0.01).server_sent(USER, request)) as stream:
        assert await anext(stream) == b": listening\n\n"
        request.tell(Told.of(LEADING[0]))
        assert await anext(stream) == as_sse(LEADING[0])


async def test_a_client_that_leaves_is_noticed_and_told_no_more(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    request = held(LEADING[0])
    stream = Streams().server_sent(USER, request)
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert "client left the stream" in caplog.text
    assert request._listeners == []


async def test_a_user_whose_tokens_end_is_told_so_and_nothing_more() -> None:
    streams, request = Streams(), held(*LEADING[:2])
    async with (
        aclosing(streams.server_sent(USER, request)) as stream,
        aclosing(streams.server_sent(replace(USER, user_id=2), request)) as other,
    ):
        await anext(stream)
        await anext(other)
        streams.revoke(USER.user_id)
        request.tell(Told.of(LAST))
        rest = [piece async for piece in stream]
        assert [piece async for piece in other] == [as_sse(LEADING[1]), as_sse(LAST)]
    [event] = [json.loads(piece.decode().split("data: ")[1]) for piece in rest]
    assert (event["type"], event["data"]["code"], event["seq"]) == ("error", "unauthorized", 1)
    assert streams.all == ()


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
