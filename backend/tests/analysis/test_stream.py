"""The order of events, and one last word whatever happens."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import cache

import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import (
    TERMINAL,
    Advice,
    Analysis,
    CancelledEvent,
    Complete,
    Error,
    Event,
    ProcessingStarted,
    Progress,
    Warning_,
)
from sounditout.analysis.judge import JudgeLimits
from sounditout.analysis.models import ClientHearing, ReadingReport, Recording
from sounditout.analysis.ports import Engines, Speech
from sounditout.analysis.receiving import ReceiveLimits
from sounditout.analysis.stream import StreamLimits, analyze_audio_file_event_stream
from sounditout.analysis.workers import Workers
from sounditout.engines.fakes import FakeCoach, FakeRecognizer, FakeSpeaker, fake_engines
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.errors import CoachFailed, NoSpeech, Overloaded, SpeechFailed, all_codes
from speech import as_wav, silence, tone

LIMITS = StreamLimits(
    judge=JudgeLimits(DecodeLimits(0.3, 60, 4_000_000), max_sentence_characters=300),
    receive=ReceiveLimits(idle_seconds=5, total_seconds=20),
    analysis_seconds=30,
    coach_seconds=30,
    speech_seconds=30,
)
RECORDING = Recording(
    request_id="r-1", user_id=1, session_id=1, sentence="The cat sat.", audio=as_wav(tone(1.5).samples)
)
WHOLE = ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]


@cache
def pronouncer() -> DictionaryPronouncer:
    return DictionaryPronouncer()


@pytest.fixture
def engines() -> Engines:
    return fake_engines(pronouncer())


@pytest.fixture
def workers() -> Iterator[Workers]:
    two = Workers(threads=2, max_waiting=4)
    yield two
    two.close()


class Gate:
    """Holds a worker thread until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.open.wait(10)


class NeverCoach:
    async def advise(self, report: ReadingReport) -> Advice:
        raise NotImplementedError(await asyncio.Event().wait())


class NeverSpeaker:
    async def speak(self, text: str) -> Speech:
        raise NotImplementedError(await asyncio.Event().wait())


async def collect(
    engines: Engines,
    workers: Workers,
    recording: Recording = RECORDING,
    limits: StreamLimits = LIMITS,
    cancellation: Cancellation | None = None,
    at_event: Callable[[Event], object] = lambda _: None,
) -> list[Event]:
    """All events; checks what holds for every stream."""
    events: list[Event] = []
    async for event in analyze_audio_file_event_stream(
        recording, engines, workers, limits, cancellation=cancellation
    ):
        events.append(event)
        at_event(event)
    assert [event.seq for event in events] == list(range(len(events)))
    assert {event.request_id for event in events} == {recording.request_id}
    assert isinstance(events[0], ProcessingStarted)
    assert [isinstance(event, TERMINAL) for event in events] == [False] * (len(events) - 1) + [True]
    return events


def milestones(events: list[Event]) -> list[str]:
    return [event.type for event in events if not isinstance(event, Progress)]


def last_error(events: list[Event]) -> tuple[str, str]:
    assert isinstance(events[-1], Error)
    return events[-1].data.code, events[-1].data.stage


async def test_a_reading_from_beginning_to_end(engines: Engines, workers: Workers) -> None:
    events = await collect(engines, workers)
    assert milestones(events) == WHOLE
    assert [event.data.stage for event in events if isinstance(event, Progress)] == [
        "decoding",
        "listening",
        "scoring",
        "coaching",
        "speaking",
    ]
    fractions = [event.data.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)


async def test_what_was_received_is_said_first(engines: Engines, workers: Workers) -> None:
    first = (await collect(engines, workers))[0]
    assert isinstance(first, ProcessingStarted)
    assert first.data.received_bytes == len(RECORDING.audio)
    assert first.data.mode == "server"


async def test_the_first_event_does_not_wait_for_a_worker(engines: Engines) -> None:
    busy, gate = Workers(threads=1, max_waiting=4), Gate()
    other = asyncio.create_task(busy.run(2, gate))
    await asyncio.to_thread(gate.reached.wait, 10)
    async with aclosing(analyze_audio_file_event_stream(RECORDING, engines, busy, LIMITS)) as events:
        assert isinstance(await anext(events), ProcessingStarted)
    gate.open.set()
    await other
    busy.close()


async def test_timings_add_up_by_an_injected_clock(engines: Engines, workers: Workers) -> None:
    ticks = itertools.count()
    events = [
        event
        async for event in analyze_audio_file_event_stream(
            RECORDING, engines, workers, LIMITS, clock=lambda: next(ticks) / 1000
        )
    ]
    assert isinstance(events[-1], Complete)
    assert events[-1].data.timings == {
        "waiting": 1.0,
        "decoding": 1.0,
        "listening": 1.0,
        "scoring": 1.0,
        "coaching": 1.0,
        "speaking": 1.0,
        "total": 6.0,
    }


async def test_a_misread_word_is_found(workers: Workers) -> None:
    events = await collect(fake_engines(pronouncer(), {"cat": ("K", "AE", "P")}), workers)
    report = next(event.data for event in events if isinstance(event, Analysis))
    assert [word.text for word in report.words if word.status == "mispronounced"] == ["cat"]
    assert report.recognizer.name == "fake"


@pytest.mark.parametrize("error", [CoachFailed("The coach sleeps."), RuntimeError("boom"), TimeoutError()])
async def test_a_coach_that_fails_costs_the_advice_only(engines: Engines, workers: Workers, error: Exception) -> None:
    events = await collect(replace(engines, coach=FakeCoach(error)), workers)
    assert milestones(events) == ["processing_started", "analysis", "warning", "complete"]
    warning = next(event for event in events if isinstance(event, Warning_))
    assert (warning.data.code, warning.data.stage) == ("coach_failed", "coaching")
    assert warning.data.message == getattr(error, "message", CoachFailed.default_message)


@pytest.mark.parametrize("error", [SpeechFailed(), ValueError("boom")])
async def test_a_speaker_that_fails_costs_the_sound_only(
    engines: Engines, workers: Workers, error: Exception
) -> None:
    events = await collect(replace(engines, speaker=FakeSpeaker(error)), workers)
    assert milestones(events) == ["processing_started", "analysis", "gpt_response", "warning", "complete"]
    warning = next(event for event in events if isinstance(event, Warning_))
    assert (warning.data.code, warning.data.stage) == ("speech_failed", "speaking")


async def test_a_coach_that_never_answers_is_not_waited_for(engines: Engines, workers: Workers) -> None:
    events = await collect(replace(engines, coach=NeverCoach()), workers, limits=replace(LIMITS, coach_seconds=0.01))
    assert milestones(events) == ["processing_started", "analysis", "warning", "complete"]


async def test_a_speaker_that_never_answers_is_not_waited_for(engines: Engines, workers: Workers) -> None:
    limits = replace(LIMITS, speech_seconds=0.01)
    events = await collect(replace(engines, speaker=NeverSpeaker()), workers, limits=limits)
    assert milestones(events) == ["processing_started", "analysis", "gpt_response", "warning", "complete"]


@pytest.mark.parametrize(
    ("recording", "code"),
    [
        (replace(RECORDING, audio=b""), "unsupported_audio"),
        (replace(RECORDING, audio=b"not audio at all"), "unsupported_audio"),
        (replace(RECORDING, audio=as_wav(tone(0.1).samples)), "audio_too_short"),
        (replace(RECORDING, audio=as_wav(tone(61).samples)), "audio_too_long"),
        (replace(RECORDING, audio=bytes(4_000_001)), "audio_too_large"),
        (replace(RECORDING, audio=as_wav(silence(1).samples)), "no_speech"),
        (replace(RECORDING, sentence="🐈 …"), "invalid_sentence"),
        (replace(RECORDING, sentence="a " * 200), "invalid_sentence"),
    ],
)
async def test_a_recording_that_cannot_be_used(
    engines: Engines, workers: Workers, recording: Recording, code: str
) -> None:
    events = await collect(engines, workers, recording)
    assert last_error(events)[0] == code
    assert "analysis" not in milestones(events)


async def test_what_breaks_while_listening_is_our_fault(engines: Engines, workers: Workers) -> None:
    def broken() -> None:
        raise RuntimeError("boom")

    events = await collect(replace(engines, recognizer=FakeRecognizer(before=broken)), workers)
    assert last_error(events) == ("analysis_failed", "listening")


async def test_our_own_errors_keep_their_code(engines: Engines, workers: Workers) -> None:
    def deaf() -> None:
        raise NoSpeech

    events = await collect(replace(engines, recognizer=FakeRecognizer(before=deaf)), workers)
    assert last_error(events) == ("no_speech", "listening")


async def test_anything_else_that_breaks_is_internal(engines: Engines, workers: Workers) -> None:
    workers.run = None  # type: ignore[assignment,method-assign]
    assert last_error(await collect(engines, workers))[0] == "internal"


async def test_a_full_house_is_said_at_once(engines: Engines) -> None:
    full = Workers(threads=1, max_waiting=0)
    gate = Gate()
    other = asyncio.create_task(full.run(2, gate))
    await asyncio.to_thread(gate.reached.wait, 10)
    events = await collect(engines, full)
    assert last_error(events) == ("overloaded", "receiving")
    assert isinstance(events[-1], Error)
    assert events[-1].data.retryable == Overloaded.retryable
    gate.open.set()
    await other
    full.close()


async def test_listening_that_takes_too_long_ends_and_frees_its_thread(engines: Engines) -> None:
    one, gate = Workers(threads=1, max_waiting=4), Gate()
    slow = replace(engines, recognizer=FakeRecognizer(before=gate))
    events = await collect(slow, one, limits=replace(LIMITS, analysis_seconds=0.05))
    assert last_error(events) == ("timeout", "listening")
    gate.open.set()
    assert milestones(await collect(engines, one)) == WHOLE
    one.close()


async def test_cancelled_before_it_began(engines: Engines, workers: Workers) -> None:
    cancellation = Cancellation()
    cancellation.request()
    events = await collect(engines, workers, cancellation=cancellation)
    assert milestones(events) == ["processing_started", "cancelled"]


@pytest.mark.parametrize("stage", ["decoding", "listening", "scoring", "coaching", "speaking"])
async def test_cancelled_in_any_stage(engines: Engines, workers: Workers, stage: str) -> None:
    cancellation = Cancellation()

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.data.stage == stage:
            cancellation.request()

    patient = replace(engines, coach=NeverCoach()) if stage == "coaching" else engines
    patient = replace(patient, speaker=NeverSpeaker()) if stage == "speaking" else patient
    events = await collect(patient, workers, cancellation=cancellation, at_event=stop)
    assert events[-1].type in ({"cancelled"} if stage in {"coaching", "speaking"} else {"cancelled", "complete"})


async def test_cancelled_while_listening_does_not_wait_for_the_thread(engines: Engines, workers: Workers) -> None:
    gate, cancellation = Gate(), Cancellation()
    slow = replace(engines, recognizer=FakeRecognizer(before=gate))
    work = asyncio.create_task(collect(slow, workers, cancellation=cancellation))
    await asyncio.to_thread(gate.reached.wait, 10)
    cancellation.request()
    events = await work
    assert isinstance(events[-1], CancelledEvent)
    assert events[-1].data.stage == "listening"
    gate.open.set()


async def test_cancelled_after_the_end_changes_nothing(engines: Engines, workers: Workers) -> None:
    cancellation = Cancellation()
    events = await collect(engines, workers, cancellation=cancellation)
    cancellation.request()
    assert milestones(events) == WHOLE


async def test_whoever_stops_to_listen_stops_the_work(engines: Engines) -> None:
    one, gate = Workers(threads=1, max_waiting=4), Gate()
    slow = replace(engines, recognizer=FakeRecognizer(before=gate))
    async with aclosing(analyze_audio_file_event_stream(RECORDING, slow, one, LIMITS)) as events:
        await anext(events)
        await asyncio.to_thread(gate.reached.wait, 10)
    gate.open.set()
    assert milestones(await collect(engines, one)) == WHOLE
    one.close()


HEARD = ClientHearing((("DH", "AH"), ("K", "AE", "P"), ("S", "AE", "T")), ("the", "cap", "sat"))


@pytest.mark.parametrize(("audio", "mode", "seconds"), [(b"", "client", 0.0), (RECORDING.audio, "hybrid", 1.5)])
async def test_what_the_browser_heard_is_judged_by_the_same_judge(
    engines: Engines, workers: Workers, audio: bytes, mode: str, seconds: float
) -> None:
    def never() -> None:
        raise AssertionError("listened")

    deaf = replace(engines, recognizer=FakeRecognizer(before=never))
    events = await collect(deaf, workers, replace(RECORDING, audio=audio, client=HEARD))
    assert milestones(events) == WHOLE
    assert isinstance(events[0], ProcessingStarted)
    assert events[0].data.mode == mode
    report = next(event.data for event in events if isinstance(event, Analysis))
    assert (report.source, report.recognizer.name) == ("client", "browser")
    assert report.duration_seconds == pytest.approx(seconds)
    assert [word.status for word in report.words] == ["correct", "mispronounced", "correct"]
    assert all(word.start_seconds is None for word in report.words)


async def test_audio_that_cannot_be_opened_does_not_spoil_what_the_browser_heard(
    engines: Engines, workers: Workers
) -> None:
    events = await collect(engines, workers, replace(RECORDING, audio=b"broken", client=HEARD))
    assert milestones(events) == WHOLE


async def test_many_readings_at_once_on_two_threads(engines: Engines) -> None:
    house = Workers(threads=2, max_waiting=64)
    recordings = [replace(RECORDING, request_id=f"r-{number}") for number in range(20)]
    streams = await asyncio.gather(*(collect(engines, house, recording) for recording in recordings))
    assert [milestones(events) for events in streams] == [WHOLE] * 20
    house.close()


def test_every_code_can_be_told() -> None:
    assert all(kind().message for kind in all_codes().values())
