"""A few per user, each once, each to its end."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import (
    CancelledData,
    CancelledEvent,
    Complete,
    CompleteData,
    Error,
    Event,
    ProcessingStarted,
    StartedData,
)
from sounditout.connection.conversation import DuplicateRequest
from sounditout.connection.requests_in_flight import RequestsInFlight
from sounditout.errors import TooManyRequests


class Work:
    """Starts, waits until it may finish or is cancelled, finishes."""

    def __init__(self, request_id: str = "r", error: Exception | None = None) -> None:
        self.finish = asyncio.Event()
        self._id = request_id
        self._error = error
        self._cancelled = False

    async def __call__(self, cancellation: Cancellation) -> AsyncGenerator[Event, None]:
        cancellation.on_request(self._cancel)
        yield ProcessingStarted(request_id=self._id, seq=0, data=StartedData(received_bytes=0, mode="server"))
        await self.finish.wait()
        if self._error is not None:
            raise self._error
        if self._cancelled:
            yield CancelledEvent(request_id=self._id, seq=1, data=CancelledData(stage="listening"))
        else:
            yield Complete(request_id=self._id, seq=1, data=CompleteData(timings={}))

    def _cancel(self) -> None:
        self._cancelled = True
        self.finish.set()


async def next_event(events: "asyncio.Queue[Event]") -> Event:
    return await asyncio.wait_for(events.get(), 5)


@pytest.fixture
def events() -> "asyncio.Queue[Event]":
    return asyncio.Queue()


async def test_events_are_delivered_to_the_end(events: "asyncio.Queue[Event]") -> None:
    requests, work = RequestsInFlight(2), Work()
    requests.start(1, "r", work, events.put_nowait)
    assert (await next_event(events)).type == "processing_started"
    assert list(requests.of_user(1)) == ["r"]
    work.finish.set()
    assert (await next_event(events)).type == "complete"
    assert list(requests.of_user(1)) == []


async def test_one_user_has_so_many_and_others_have_theirs(events: "asyncio.Queue[Event]") -> None:
    requests = RequestsInFlight(2)
    work = [Work(name) for name in "abc"]
    requests.start(1, "a", work[0], events.put_nowait)
    requests.start(1, "b", work[1], events.put_nowait)
    with pytest.raises(TooManyRequests):
        requests.start(1, "c", work[2], events.put_nowait)
    requests.start(2, "a", work[2], events.put_nowait)
    for one in work:
        one.finish.set()
    await requests.drain(5)


async def test_the_same_id_twice_is_refused_while_it_lasts(events: "asyncio.Queue[Event]") -> None:
    requests, work = RequestsInFlight(2), Work()
    requests.start(1, "r", work, events.put_nowait)
    with pytest.raises(DuplicateRequest):
        requests.start(1, "r", Work(), events.put_nowait)
    work.finish.set()
    await requests.drain(5)
    again = Work()
    again.finish.set()
    requests.start(1, "r", again, events.put_nowait)
    await requests.drain(5)


async def test_the_place_is_free_when_the_last_event_arrives() -> None:
    requests = RequestsInFlight(1)
    seen: list[tuple[str, list[str]]] = []
    work = Work()
    work.finish.set()
    requests.start(1, "r", work, lambda event: seen.append((event.type, list(requests.of_user(1)))))
    await requests.drain(5)
    assert seen == [("processing_started", ["r"]), ("complete", [])]


async def test_a_new_request_may_take_the_id_as_soon_as_the_last_event_arrives() -> None:
    requests, first, second = RequestsInFlight(1), Work(), Work()
    events: asyncio.Queue[Event] = asyncio.Queue()

    def deliver(event: Event) -> None:
        if event.type == "complete":
            requests.start(1, "r", second, events.put_nowait)

    first.finish.set()
    requests.start(1, "r", first, deliver)
    assert (await next_event(events)).type == "processing_started"
    assert list(requests.of_user(1)) == ["r"], "the end of the first does not end the second"
    second.finish.set()
    await requests.drain(5)


async def test_only_ones_own_requests_can_be_cancelled(events: "asyncio.Queue[Event]") -> None:
    requests, work = RequestsInFlight(2), Work()
    requests.start(1, "r", work, events.put_nowait)
    await next_event(events)
    assert not requests.cancel(2, "r")
    assert not requests.cancel(1, "other")
    assert requests.cancel(1, "r")
    assert (await next_event(events)).type == "cancelled"
    assert not requests.cancel(1, "r")


async def test_work_that_breaks_has_a_last_word(events: "asyncio.Queue[Event]") -> None:
    requests, work = RequestsInFlight(2), Work(error=RuntimeError("boom"))
    requests.start(1, "r", work, events.put_nowait)
    await next_event(events)
    work.finish.set()
    last: Any = await next_event(events)
    assert isinstance(last, Error)
    assert (last.seq, last.data.code) == (1, "internal")
    assert list(requests.of_user(1)) == []


async def test_draining_waits_and_then_stops_what_is_late(events: "asyncio.Queue[Event]") -> None:
    requests = RequestsInFlight(2)
    await requests.drain(5)
    quick, late = Work("quick"), Work("late")
    requests.start(1, "quick", quick, events.put_nowait)
    requests.start(1, "late", late, events.put_nowait)
    quick.finish.set()
    await requests.drain(0.05)
    assert list(requests.of_user(1)) == []
    types = [events.get_nowait().type for _ in range(events.qsize())]
    assert sorted(types) == ["complete", "processing_started", "processing_started"]
