"""A recording that is still being made, on its way through the stream of events."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from serving import TinyPronouncer
from sounditout.analysis.arrival import Arrival, Arrivals
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import Event
from sounditout.analysis.judge import JudgeLimits
from sounditout.analysis.models import ClientHearing, Recording
from sounditout.analysis.receiving import ReceiveLimits
from sounditout.analysis.stream import StreamLimits, analyze_audio_file_event_stream
from sounditout.analysis.workers import Workers
from sounditout.engines.fakes import fake_engines
from speech import as_wav, tone

LIMITS = StreamLimits(
    judge=JudgeLimits(DecodeLimits(0.3, 60, 4_000_000), max_sentence_characters=300),
    receive=ReceiveLimits(idle_seconds=5, total_seconds=20),
    analysis_seconds=30,
    coach_seconds=30,
    speech_seconds=30,
)
AUDIO = as_wav(tone(1.5).samples)
RECORDING = Recording(request_id="r-1", user_id=1, session_id=1, sentence="The cat sat.", audio=b"")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def workers() -> Iterator[Workers]:
    two = Workers(threads=2, max_waiting=4)
    yield two
    two.close()


@pytest.fixture
def arrival() -> Arrival:
    return Arrivals(4_000_000, 8_000_000).open()


async def tell(
    arrival: Arrival,
    workers: Workers,
    *,
    recording: Recording = RECORDING,
    limits: StreamLimits = LIMITS,
    clock: Clock | None = None,
) -> list[Event]:
    """The events, while a recording arrives in three pieces, unless it never ends."""
    clock = clock or Clock()
    stream = analyze_audio_file_event_stream(
        recording, fake_engines(TinyPronouncer()), workers, limits, arrival=arrival, clock=clock
    )
    events = [await anext(stream)]
    third = len(AUDIO) // 3 + 1
    for number in range(3):
        arrival.put(number, AUDIO[number * third : (number + 1) * third])
        await asyncio.sleep(0)
    clock.now = 100.0
    if limits is LIMITS:
        arrival.end(3)
    return [*events, *[event async for event in stream]]


async def test_it_begins_at_once_and_ends_as_a_whole_one_does(arrival: Arrival, workers: Workers) -> None:
    first, *rest = await tell(arrival, workers)
    assert (first.type, first.data.received_bytes, first.data.mode) == ("processing_started", 0, "server")  # type: ignore[union-attr]
    milestones = [event.type for event in rest if event.type not in {"progress", "partial"}]
    assert milestones == ["analysis", "gpt_response", "audio_feedback_file", "complete"]


async def test_the_time_it_took_to_speak_does_not_count(arrival: Arrival, workers: Workers) -> None:
    last = (await tell(arrival, workers))[-1]
    assert last.type == "complete"
    assert last.data.timings["total"] < 100_000
    assert next(iter(last.data.timings)) == "waiting"


async def test_what_a_browser_heard_while_it_recorded(arrival: Arrival, workers: Workers) -> None:
    heard = ClientHearing((("AA",), ("AA",), ("AA",)), ("the", "cat", "sat"))
    events = await tell(arrival, workers, recording=replace(RECORDING, client=heard))
    assert events[0].data.mode == "hybrid"  # type: ignore[union-attr]
    assert events[-1].type == "complete"


async def test_one_that_stops_arriving_is_given_up(arrival: Arrival, workers: Workers) -> None:
    impatient = replace(LIMITS, receive=ReceiveLimits(idle_seconds=0.05, total_seconds=20))
    last = (await tell(arrival, workers, limits=impatient))[-1]
    assert (last.type, last.data.code, last.data.stage) == ("error", "timeout", "receiving")  # type: ignore[union-attr]


async def test_one_that_never_ends_is_given_up(arrival: Arrival, workers: Workers) -> None:
    impatient = replace(LIMITS, receive=ReceiveLimits(idle_seconds=20, total_seconds=0.05))
    last = (await tell(arrival, workers, limits=impatient))[-1]
    assert (last.type, last.data.code) == ("error", "timeout")  # type: ignore[union-attr]
