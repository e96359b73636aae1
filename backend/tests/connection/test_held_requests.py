"""Each once, each to its end, and what it told for those who missed it."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from sounditout.analysis.arrival import Arrivals
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import (
    CancelledData,
    CancelledEvent,
    Complete,
    CompleteData,
    Error,
    ErrorData,
    Event,
    Partial,
    PartialData,
    ProcessingStarted,
    StartedData,
)
from sounditout.connection.held_requests import HeldRequest, HeldRequests, HoldLimits
from sounditout.connection.told import Told
from sounditout.errors import TooManyRequests

LIMITS = HoldLimits(running_per_user=2, ended_per_user=3, seconds=600, bytes=10_000)


class Work:
    """Starts, waits until it may finish or is cancelled, finishes."""

    def __init__(self, request_id: str = "r", error: Exception | None = None, ends_with: Event | None = None) -> None:
        self.finish = asyncio.Event()
        self.runs = 0
        self._id = request_id
        self._error = error
        self._last: Event = ends_with or Complete(request_id=request_id, seq=9, data=CompleteData(timings={}))

    async def __call__(self, cancellation: Cancellation) -> AsyncGenerator[Event, None]:
        self.runs += 1
        cancellation.on_request(self._cancel)
        yield ProcessingStarted(request_id=self._id, seq=0, data=StartedData(received_bytes=0, mode="server"))
        await self.finish.wait()
        if self._error is not None:
            raise self._error
        yield self._last

    def _cancel(self) -> None:
        self._last = CancelledEvent(request_id=self._id, seq=1, data=CancelledData(stage="listening"))
        self.finish.set()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Listener:
    """What somebody was told."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def __call__(self, told: Told) -> None:
        self.told.append(told)

    @property
    def types(self) -> list[str]:
        return [json.loads(told.text)["type"] for told in self.told]

    @property
    def seqs(self) -> list[int]:
        return [told.seq for told in self.told]


async def ended(requests: HeldRequests, user_id: int, request_id: str, work: Work) -> HeldRequest:
    held = requests.begin(user_id, request_id, work)
    work.finish.set()
    await requests.drain(5)
    assert held.ended
    return held


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def requests(clock: Clock) -> HeldRequests:
    return HeldRequests(LIMITS, clock)


async def test_a_follower_is_told_everything_to_the_end(requests: HeldRequests) -> None:
    work, listener = Work(), Listener()
    requests.begin(1, "r", work).follow(listener)
    work.finish.set()
    await requests.drain(5)
    assert listener.types == ["processing_started", "complete"]


async def test_it_is_run_once_however_often_it_arrives(requests: HeldRequests) -> None:
    work = Work()
    first = requests.begin(1, "r", work)
    assert requests.begin(1, "r", work) is first
    work.finish.set()
    await requests.drain(5)
    assert requests.begin(1, "r", work) is first, "also after its end"
    assert work.runs == 1


async def test_whoever_comes_late_is_told_what_was_said_before(requests: HeldRequests) -> None:
    held = await ended(requests, 1, "r", Work())
    everything, rest = Listener(), Listener()
    held.follow(everything)
    held.follow(rest, after_seq=0)
    assert everything.types == ["processing_started", "complete"]
    assert rest.types == ["complete"]


async def test_whoever_leaves_is_told_no_more_and_the_work_goes_on(requests: HeldRequests) -> None:
    work, leaving, staying = Work(), Listener(), Listener()
    held = requests.begin(1, "r", work)
    held.follow(leaving)
    held.follow(staying)
    await asyncio.sleep(0)
    held.leave(leaving)
    held.leave(leaving)
    work.finish.set()
    await requests.drain(5)
    assert leaving.types == ["processing_started"]
    assert staying.types == ["processing_started", "complete"]


async def test_another_user_with_the_same_id_has_a_request_of_his_own(requests: HeldRequests) -> None:
    mine, theirs = Work(), Work()
    assert requests.begin(1, "r", mine) is not requests.begin(2, "r", theirs)
    assert not requests.cancel(3, "r")
    assert requests.cancel(1, "r")
    theirs.finish.set()
    await requests.drain(5)
    assert mine.runs == theirs.runs == 1


async def test_only_so_many_run_at_once_and_one_that_has_ended_does_not_count(requests: HeldRequests) -> None:
    await ended(requests, 1, "old", Work())
    works = [Work(name) for name in "ab"]
    for name, work in zip("ab", works, strict=True):
        requests.begin(1, name, work)
    with pytest.raises(TooManyRequests):
        requests.begin(1, "c", Work())
    for work in works:
        work.finish.set()
    await requests.drain(5)


async def test_an_error_that_may_not_come_again_is_not_final(requests: HeldRequests) -> None:
    def error(*, retryable: bool) -> Event:
        data = ErrorData(code="timeout", message="", retryable=retryable, retry_after=None, stage="listening")
        return Error(request_id="r", seq=3, data=data)

    await ended(requests, 1, "r", Work(ends_with=error(retryable=True)))
    again = Work(ends_with=error(retryable=False))
    await ended(requests, 1, "r", again)
    third = Work()
    requests.begin(1, "r", third)
    assert (again.runs, third.runs) == (1, 0)


async def test_a_cancelled_request_stays_cancelled(requests: HeldRequests) -> None:
    work, listener = Work(), Listener()
    requests.begin(1, "r", work).follow(listener)
    assert requests.cancel(1, "r")
    await requests.drain(5)
    assert listener.types == ["processing_started", "cancelled"]
    assert not requests.cancel(1, "r")
    requests.begin(1, "r", Work()).follow(late := Listener())
    assert late.types == listener.types


async def test_work_that_breaks_has_a_last_word(requests: HeldRequests) -> None:
    work, listener = Work(error=RuntimeError("boom")), Listener()
    requests.begin(1, "r", work).follow(listener)
    work.finish.set()
    await requests.drain(5)
    assert listener.types == ["processing_started", "error"]
    assert listener.seqs == [0, 1]


async def test_after_ten_minutes_it_is_forgotten(requests: HeldRequests, clock: Clock) -> None:
    await ended(requests, 1, "r", Work())
    clock.now += 599
    assert requests.of_user(1) == ("r",)
    clock.now += 1
    assert requests.of_user(1) == ()
    assert requests.find(1, "r") is None


async def test_the_oldest_of_a_user_gives_way(requests: HeldRequests) -> None:
    for name in "abcde":
        await ended(requests, 1, name, Work(name))
    await ended(requests, 2, "a", Work("a"))
    assert requests.of_user(1) == ("c", "d", "e")
    assert requests.of_user(2) == ("a",)


async def test_all_of_them_take_only_so_much_memory(clock: Clock) -> None:
    requests = HeldRequests(HoldLimits(running_per_user=2, ended_per_user=3, seconds=600, bytes=700), clock)
    for user_id in range(1, 21):
        await ended(requests, user_id, "r", Work())
    kept = [user_id for user_id in range(1, 21) if requests.of_user(user_id)]
    assert kept == list(range(21 - len(kept), 21)), "the last ones"
    assert 1 <= len(kept) <= 4


async def test_a_partial_takes_the_place_of_the_one_before() -> None:
    def partial(seq: int) -> Told:
        return Told.of(Partial(request_id="r", seq=seq, data=PartialData(words=(), heard_seconds=seq / 2)))

    held, live, late = HeldRequest(1, "r"), Listener(), Listener()
    held.follow(live)
    for seq in range(100):
        held.tell(partial(seq))
    held.follow(late)
    assert live.seqs == list(range(100))
    assert late.seqs == [99]


async def test_draining_waits_and_then_stops_what_is_late_without_a_last_word(requests: HeldRequests) -> None:
    await requests.drain(5)
    quick, late, told_quick, told_late = Work("quick"), Work("late"), Listener(), Listener()
    requests.begin(1, "quick", quick).follow(told_quick)
    requests.begin(1, "late", late).follow(told_late)
    quick.finish.set()
    await requests.drain(0.05)
    assert told_quick.types == ["processing_started", "complete"]
    assert told_late.types == ["processing_started"], "whoever waits sends it again to the next server"


async def test_draining_does_not_wait_for_a_recording_that_nobody_sends(requests: HeldRequests) -> None:
    arrivals, abandoned, awaited, listener = Arrivals(1000, 1000), Work("abandoned"), Work("awaited"), Listener()
    requests.begin(1, "abandoned", abandoned, arrivals.open())
    requests.begin(1, "awaited", awaited, arrivals.open()).follow(listener)
    await asyncio.sleep(0)
    draining = asyncio.create_task(requests.drain(30))
    await asyncio.sleep(0)
    awaited.finish.set()
    await asyncio.wait_for(draining, 5)
    assert listener.types == ["processing_started", "complete"]


async def test_a_recording_that_nobody_sends_gives_way_to_another(requests: HeldRequests) -> None:
    arrivals, wanted = Arrivals(1000, 1000), Listener()
    for name in ("reloaded", "wanted"):
        held = requests.begin(1, name, Work(name), arrivals.open())
        if name == "wanted":
            held.follow(wanted)
    await asyncio.sleep(0)
    third = Work("third")
    await ended(requests, 1, "third", third)
    assert third.runs == 1
    assert wanted.types == ["processing_started"], "one that is being sent stays"


async def test_an_event_of_another_run_means_nothing(requests: HeldRequests) -> None:
    held, listener = await ended(requests, 1, "r", Work()), Listener()
    held.follow(listener, after_seq=500)
    assert listener.types == ["processing_started", "complete"]


async def test_a_user_who_leaves_leaves_nothing(requests: HeldRequests) -> None:
    await ended(requests, 1, "before", Work("before"))
    await ended(requests, 2, "theirs", Work("theirs"))
    running = Work("running")
    requests.begin(1, "running", running)
    requests.forget(1)
    assert requests.of_user(1) == ("running",)
    running.finish.set()
    await requests.drain(5)
    assert requests.of_user(1) == ()
    assert requests.of_user(2) == ("theirs",)


async def test_a_recording_that_was_arriving_is_let_go_at_the_end(requests: HeldRequests) -> None:
    arrivals, work = Arrivals(1000, 1000), Work()
    arrival = arrivals.open()
    requests.begin(1, "r", work, arrival).follow(Listener())
    arrival.put(0, b"x" * 500)
    assert arrivals.bytes == 500
    work.finish.set()
    await requests.drain(5)
    assert arrivals.bytes == 0


async def test_nothing_is_told_after_the_last_word() -> None:
    held, listener = HeldRequest(1, "r"), Listener()
    held.follow(listener)
    last = Told.of(Complete(request_id="r", seq=4, data=CompleteData(timings={})))
    held.tell(last)
    held.tell(last)
    assert listener.seqs == [4]
