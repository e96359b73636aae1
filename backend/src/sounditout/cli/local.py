"""Judging readings in this process, without a server."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import NoReturn

from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import Advice
from sounditout.analysis.judge import JudgeLimits, judge
from sounditout.analysis.models import ReadingReport, Recording
from sounditout.analysis.ports import Engines, Speech
from sounditout.cli.failure import no_models
from sounditout.cli.outcome import Outcome, Wanted
from sounditout.errors import CoachFailed, SoundItOutError, SpeechFailed, Stage
from sounditout.settings import Settings


class _NoCoach:
    async def advise(self, report: ReadingReport) -> NoReturn:
        del report
        raise CoachFailed(stage="coaching")


class _NoSpeaker:
    async def speak(self, text: str) -> NoReturn:
        del text
        raise SpeechFailed(stage="speaking")


def load_ears(settings: Settings) -> Engines:
    """What judging needs and no more: in a second, without coach and voice.

    Raises:
        CommandFailed: the models cannot be loaded.
    """
    from sounditout.engines.moonshine_phonemes import MoonshinePhonemes
    from sounditout.engines.pronunciations import DictionaryPronouncer

    try:
        recognizer = MoonshinePhonemes(settings.models_dir, threads=settings.model_threads)
    except Exception as error:  # ONNX Runtime's own are of no common kind
        raise no_models(settings) from error
    return Engines(DictionaryPronouncer(), recognizer, _NoCoach(), _NoSpeaker())


@contextmanager
def _with_feedback(ears: Engines, wanted: Wanted) -> Iterator[Engines]:
    """The ears with the coach of this machine and, if that is wanted, its voice; neither needs a network."""
    from sounditout.engines.hibari_speaker import HibariSpeaker
    from sounditout.engines.phonics_coach import PhonicsCoach

    coach = PhonicsCoach(ears.pronouncer)
    if not wanted.speech:
        yield replace(ears, coach=coach)
        return
    with closing(HibariSpeaker(workers=1)) as speaker:
        yield replace(ears, coach=coach, speaker=speaker)


def judge_limits(settings: Settings) -> JudgeLimits:
    """What the settings accept."""
    return JudgeLimits(
        decode=DecodeLimits(settings.min_audio_seconds, settings.max_audio_seconds, settings.max_audio_bytes),
        max_sentence_characters=settings.max_sentence_characters,
    )


def local_recording(audio: bytes, sentence: str) -> Recording:
    """A recording that belongs to nobody."""
    return Recording(request_id="local", user_id=0, session_id=0, sentence=sentence, audio=audio)


def analyze_locally(audio: bytes, sentence: str, settings: Settings, wanted: Wanted) -> Outcome:
    """Judge one reading.

    Raises:
        SoundItOutError: it cannot be judged.
        CommandFailed: nothing can.
    """
    ears = load_ears(settings)
    clock = _StageClock()
    report = judge(local_recording(audio, sentence), ears, judge_limits(settings), clock.enter)
    clock.stop()
    if not wanted.advice:
        return Outcome(report, timings=clock.milliseconds)
    with _with_feedback(ears, wanted) as engines:
        return asyncio.run(_advise(report, engines, wanted, clock))


async def _advise(report: ReadingReport, engines: Engines, wanted: Wanted, clock: "_StageClock") -> Outcome:
    advice: Advice | None = None
    speech: Speech | None = None
    warnings = []
    try:
        clock.enter("coaching")
        advice = await engines.coach.advise(report)
        if wanted.speech:
            clock.enter("speaking")
            speech = await engines.speaker.speak(advice.feedback_speech)
    except SoundItOutError as error:
        warnings.append(error.message)
    clock.stop()
    return Outcome(report, advice, speech, clock.milliseconds, tuple(warnings))


class _StageClock:
    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._since = 0.0
        self._stages: dict[str, float] = {}

    def enter(self, stage: Stage) -> None:
        self.stop()
        self._stage, self._since = stage, time.perf_counter()

    def stop(self) -> None:
        if self._stage is not None:
            self._stages[self._stage] = 1000 * (time.perf_counter() - self._since)
        self._stage = None

    @property
    def milliseconds(self) -> dict[str, float]:
        """By stage, and `total`."""
        return {**self._stages, "total": sum(self._stages.values())}
