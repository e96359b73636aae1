"""One call from a recording to a report, which can be stopped at any moment."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from time import perf_counter

import numpy as np
import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.judge import JudgeLimits, judge
from sounditout.analysis.models import SAMPLE_RATE, ClientHearing, Recording, Waveform
from sounditout.analysis.ports import Engines
from sounditout.engines.fakes import fake_engines
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.errors import Cancelled, Stage, UnsupportedAudio
from speech import as_wav, encode, joined, speak, tone

LIMITS = JudgeLimits(DecodeLimits(0.3, 60, 4 * 1024 * 1024), max_sentence_characters=300)
TEXT = "The little cat sat on the red mat."
PAGE = (
    "My mother bought seven yellow umbrellas, and then we walked slowly down the long street to the old house "
    "where my grandmother lives with her two dogs and a very small cat that sleeps all day."
)
CAT = ClientHearing(phonemes=(("K", "AE", "T"),))
SOON = 1.0
"""Seconds. A stopped call ends within 0.1 at rest."""


def recording(audio: bytes, sentence: str = TEXT, client: ClientHearing | None = None) -> Recording:
    return Recording(request_id="r", user_id=1, session_id=1, sentence=sentence, audio=audio, client=client)


def nobody_listens(_: Stage) -> None: ...


@pytest.fixture(scope="module")
def fakes() -> Engines:
    return fake_engines(DictionaryPronouncer())


@pytest.fixture(scope="module")
def minute() -> Recording:
    """The longest recording that is accepted, of the longest sentence."""
    spoken = joined(*[speak(PAGE, 0.6)] * 5).samples[: 60 * SAMPLE_RATE]
    assert len(spoken) == 60 * SAMPLE_RATE
    return recording(encode(spoken), f"{PAGE} {PAGE}"[:300])


def test_a_recording_that_is_decoded_already_is_not_decoded_again(fakes: Engines) -> None:
    heard = tone(2)
    usual = judge(recording(as_wav(heard.samples)), fakes, LIMITS, nobody_listens)

    found = judge(recording(b""), fakes, LIMITS, nobody_listens, waveform_of=lambda _: heard)

    assert found == usual


def test_a_waveform_that_cannot_be_had_is_the_recordings_fault(fakes: Engines) -> None:
    def unsupported(_: Cancellation) -> Waveform:
        raise UnsupportedAudio(stage="decoding")

    with pytest.raises(UnsupportedAudio):
        judge(recording(b""), fakes, LIMITS, nobody_listens, waveform_of=unsupported)


def test_what_a_browser_heard_lasts_as_long_as_the_decoded_waveform(fakes: Engines) -> None:
    found = judge(recording(b"", "cat", CAT), fakes, LIMITS, nobody_listens, waveform_of=lambda _: tone(2))

    assert found.duration_seconds == 2


def test_a_request_that_came_before_the_work_lets_it_not_begin(fakes: Engines) -> None:
    entered, stop = list[Stage](), Cancellation()
    stop.request()

    with pytest.raises(Cancelled):
        judge(recording(as_wav(tone(1).samples)), fakes, LIMITS, entered.append, stop)

    assert entered == []


@pytest.mark.parametrize(
    ("client", "stage"), [(None, "decoding"), (None, "listening"), (CAT, "decoding"), (CAT, "scoring")]
)
def test_it_can_be_stopped_in_every_stage(fakes: Engines, client: ClientHearing | None, stage: Stage) -> None:
    stop = Cancellation()

    def stop_then(entered: Stage) -> None:
        if entered == stage:
            stop.request()

    with pytest.raises(Cancelled):
        judge(recording(as_wav(tone(1).samples), "cat", client), fakes, LIMITS, stop_then, stop)


@contextmanager
def busy(work: Recording, engines: Engines) -> Iterator[None]:
    """Somebody else's reading is judged over and over meanwhile."""
    stop = Cancellation()

    def go_on() -> None:
        with suppress(Cancelled):
            while True:
                judge(work, engines, LIMITS, nobody_listens, stop)

    with ThreadPoolExecutor(1) as other:
        working = other.submit(go_on)
        try:
            yield
        finally:
            stop.request()
            working.result()


def test_a_minute_of_speech_is_let_go_at_any_moment(minute: Recording, engines: Engines) -> None:
    whole = seconds_to_judge(minute, engines)
    with busy(minute, engines), ThreadPoolExecutor(1) as pool:
        stopped = [
            seconds_to_stop(pool, minute, engines, after=moment)
            for moment in np.random.default_rng(0).uniform(0, 0.8 * whole, 4)
        ]
    assert max(stopped) < max(SOON, whole / 4), "a busy machine is as slow with the whole"
    assert not any("second-opinion" in thread.name for thread in threading.enumerate())


def seconds_to_judge(work: Recording, engines: Engines) -> float:
    started = perf_counter()
    judge(work, engines, LIMITS, nobody_listens)
    return perf_counter() - started


def seconds_to_stop(pool: ThreadPoolExecutor, work: Recording, engines: Engines, after: float) -> float:
    stop = Cancellation()
    judging = pool.submit(judge, work, engines, LIMITS, nobody_listens, stop)
    with suppress(TimeoutError):
        judging.exception(timeout=after)
    assert not judging.done(), "beside other work it takes longer than alone"
    asked = perf_counter()
    stop.request()
    assert isinstance(judging.exception(timeout=10), Cancelled)
    return perf_counter() - asked
