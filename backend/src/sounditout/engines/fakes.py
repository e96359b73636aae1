"""Engines without models: for development without them, and for tests that need a stage to fail or to wait.

They follow the rules of the ports and give the same answer every time; none of them is clever.
"""

import io
import wave
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.client_hearing import certain_posteriors
from sounditout.analysis.events import Advice
from sounditout.analysis.models import (
    SAMPLE_RATE,
    Hearing,
    Pronunciation,
    ReadingReport,
    RecognizerInfo,
    Sentence,
    Waveform,
)
from sounditout.analysis.ports import Engines, Pronouncer, Speech
from sounditout.errors import NoSpeech

_SILENT: Final = 1e-3
"""RMS below which nobody speaks: 60 dB under full scale."""
_TONE_SECONDS: Final = 0.2
_TONE_HERTZ: Final = 440


def _nothing() -> None:
    """Does nothing."""


class FakeRecognizer:
    """Hears the sentence as it should be read, except for scripted words.

    Args:
        heard: what is heard instead of a word (as read, lower case); an empty tuple: it is left out.
        before: called first, in the worker thread; may wait, or raise.
    """

    info = RecognizerInfo(name="fake", version="1")

    def __init__(
        self, heard: Mapping[str, Pronunciation] | None = None, before: Callable[[], object] = _nothing
    ) -> None:
        self._heard = heard or {}
        self._before = before

    def listen(self, waveform: Waveform, sentence: Sentence, stop: Cancellation) -> Hearing:
        """The sentence, spread evenly over the recording. Raises NoSpeech on silence."""
        self._before()
        stop.check("listening")
        if np.sqrt(np.mean(np.square(waveform.samples))) < _SILENT:
            raise NoSpeech(stage="listening")
        words = [self._heard.get(word.spoken, word.pronunciations[0]) for word in sentence.words]
        posteriors = certain_posteriors([phoneme for word in words for phoneme in word])
        return Hearing(posteriors, waveform.seconds / len(posteriors), waveform.seconds)

    def second_opinion(self, hearing: Hearing, sentence: Sentence, stop: Cancellation) -> None:
        """There is no second listener."""
        del hearing, sentence, stop


class FakeCoach:
    """Says the same to everybody, or raises `error`."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def advise(self, report: ReadingReport) -> Advice:
        """The advice; asks for the same sentence again."""
        if self._error is not None:
            raise self._error
        return Advice(
            feedback="Well read!",
            feedback_speech="Well read!",
            next_sentence=report.sentence,
            focus_phoneme=report.problems.focus_phoneme,
            source="coach",
        )


class FakeSpeaker:
    """Plays a tone whatever it is to say, or raises `error`."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def speak(self, text: str) -> Speech:
        """The tone, as WAV."""
        del text
        if self._error is not None:
            raise self._error
        return Speech(_tone(), "speech.wav", "audio/wav")


def _tone() -> bytes:
    time = np.arange(round(_TONE_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    pcm = (8_000 * np.sin(2 * np.pi * _TONE_HERTZ * time)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(pcm.tobytes())
    return file.getvalue()


def fake_engines(pronouncer: Pronouncer, heard: Mapping[str, Pronunciation] | None = None) -> Engines:
    """The three fakes beside a real pronouncer."""
    return Engines(pronouncer, FakeRecognizer(heard), FakeCoach(), FakeSpeaker())
