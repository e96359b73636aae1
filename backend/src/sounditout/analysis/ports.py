"""The seams at which another engine can take the place of ours."""

from dataclasses import dataclass
from typing import Protocol

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import Advice
from sounditout.analysis.models import (
    Evidence,
    Hearing,
    Pronunciation,
    ReadingReport,
    RecognizerInfo,
    Sentence,
    Waveform,
)


@dataclass(frozen=True, slots=True)
class Speech:
    """Something said aloud, as a playable file."""

    data: bytes
    filename: str
    mimetype: str


class Pronouncer(Protocol):
    """Knows how words are said. Called in a worker thread; must be thread-safe."""

    def pronounce(self, word: str) -> tuple[Pronunciation, ...]:
        """Every accepted way to say one lower-case word of letters and apostrophes; never empty for such a word."""
        ...

    def __hash__(self) -> int:
        """What it says of a word stays the same; so answers can be remembered by pronouncer."""
        ...


class PhonemeRecognizer(Protocol):
    """Hears phonemes. Called in a worker thread; must be thread-safe.

    Both calls end within 100 ms after `stop` was requested, which may be done by any thread.
    """

    @property
    def info(self) -> RecognizerInfo: ...

    def listen(self, waveform: Waveform, sentence: Sentence, stop: Cancellation) -> Hearing:
        """Hear the waveform; without `evidence`.

        Raises:
            NoSpeech: nothing was said.
            Cancelled: `stop` was requested.
        """
        ...

    def second_opinion(self, hearing: Hearing, sentence: Sentence, stop: Cancellation) -> tuple[Evidence, ...] | None:
        """What a second listener says of every word of the sentence; None where there is none.

        Called while the sentence is searched for in the hearing, from another thread.

        Raises:
            Cancelled: `stop` was requested.
        """
        ...


class Coach(Protocol):
    """Turns a report into advice and chooses what to read next."""

    async def advise(self, report: ReadingReport) -> Advice:
        """Raises CoachFailed."""
        ...


class Speaker(Protocol):
    """Says a text aloud."""

    async def speak(self, text: str) -> Speech:
        """Raises SpeechFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """One engine for each port; what the composition root chose."""

    pronouncer: Pronouncer
    recognizer: PhonemeRecognizer
    coach: Coach
    speaker: Speaker
