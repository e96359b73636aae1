"""The frozen types a recording turns into, in the order in which it does.

    Recording → Waveform ┐
    Sentence ────────────┴→ Hearing → ReadingReport

Types that never leave the process are dataclasses; the report is part of the wire contract and is a
pydantic model, so that its JSON Schema is generated and not typed twice.
"""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sounditout.analysis.phonemes import Group

SAMPLE_RATE: Final = 16_000
SCHEMA_VERSION: Final = 1

Float32 = NDArray[np.float32]
Pronunciation = tuple[str, ...]
"""ARPAbet phonemes without stress."""

Mode = Literal["server", "hybrid", "client"]
Strictness = Literal["gentle", "normal", "strict"]
"""How sure one has to be of a miscue before the learner is told."""


@dataclass(frozen=True, slots=True)
class ClientHearing:
    """What a browser heard for itself, validated: phonemes per read word, and the words as text."""

    phonemes: tuple[Pronunciation, ...]
    words: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One request to listen to one sentence, as a client sent it. Nothing in it is decoded yet."""

    request_id: str
    user_id: int
    session_id: int
    sentence: str
    """As shown to the learner."""
    audio: bytes
    """Empty when the browser listened for itself and sent no audio."""
    filename: str = "recording"
    content_type: str = "application/octet-stream"
    client: ClientHearing | None = None
    strictness: Strictness = "normal"

    @property
    def mode(self) -> Mode:
        """`server`: our ears; `hybrid`: the browser's, with audio to fall back on; `client`: the browser's alone."""
        if self.client is None:
            return "server"
        return "hybrid" if self.audio else "client"


@dataclass(frozen=True, slots=True)
class Waveform:
    """Mono audio, float32 in [-1, 1], shape (samples,), at `SAMPLE_RATE`."""

    samples: Float32

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the sentence."""

    text: str
    """As shown, without surrounding punctuation: "cat", "3", "don't"."""
    spoken: str
    """As read, lower case: "cat", "three", "don't". May be several words ("twenty three")."""
    pronunciations: tuple[Pronunciation, ...]
    """Every accepted way to say it, the most usual first. Never empty, no pronunciation is empty."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence to be read. `words` is never empty."""

    text: str
    words: tuple[Word, ...]

    @property
    def spoken(self) -> str:
        """The words as they are read, lower case, separated by one space."""
        return " ".join(word.spoken for word in self.words)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A second listener's opinion of one shown word, from a decoder forced to read the sentence."""

    margins: tuple[float, ...]
    """Per token of the word: log p(best token) − log p(shown token), ≥ 0; 0 means it agrees. In nats."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a recogniser heard."""

    log_probs: Float32
    """Shape (frames, CLASSES): CTC log-probabilities; column 0 is the blank, see `phonemes.INDEX`."""
    seconds_per_frame: float | None
    """None when there is no time axis (the browser sent phonemes only)."""
    duration_seconds: float
    evidence: tuple[Evidence, ...] | None = None
    """One per word of the sentence, or None when there was no second listener."""
    embeddings: Float32 | None = None
    """Shape (frames, features): the encoder's output, for judges that want to look closer."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


PhonemeStatus = Literal["correct", "substituted", "omitted", "inserted", "unsure"]
WordStatus = Literal["correct", "mispronounced", "omitted", "inserted", "unsure"]
# Rounded where they are made: what follows the last digit here is noise, and would be half of every message.
Percent = Annotated[float, Field(ge=0, le=100), AfterValidator(partial(round, ndigits=1))]
Fraction = Annotated[float, Field(ge=0, le=1), AfterValidator(partial(round, ndigits=4))]
Rate = Annotated[float, Field(ge=0), AfterValidator(partial(round, ndigits=4))]
Seconds = Annotated[float, Field(ge=0), AfterValidator(partial(round, ndigits=3))]


# A report has a hundred of these. Whoever makes one rounds its numbers as the types above would: to have pydantic
# call Python for it takes three quarters of the time.
class PhonemeReading(_Frozen):
    """One sound: what should have been said beside what was heard."""

    expected: str | None = Field(description="ARPAbet; null for an inserted sound")
    expected_ipa: str | None
    heard: str | None = Field(description="ARPAbet; null for an omitted sound")
    heard_ipa: str | None
    status: PhonemeStatus
    start_seconds: Annotated[float, Field(ge=0)] | None
    end_seconds: Annotated[float, Field(ge=0)] | None
    confidence: float = Field(ge=0, le=1, description="that the status is right")


class WordReading(_Frozen):
    """One word in reading order."""

    index: int | None = Field(description="position in the sentence, from 0; null for an inserted word")
    text: str = Field(description="as shown; empty for an inserted word that could not be named")
    status: WordStatus
    start_seconds: Seconds | None
    end_seconds: Seconds | None
    confidence: Fraction = Field(description="that the status is right")
    accuracy: Percent
    phoneme_error_rate: Rate
    phonemes: tuple[PhonemeReading, ...]


class Scores(_Frozen):
    """The reading as a whole."""

    accuracy: Percent
    completeness: Percent
    fluency: Percent
    phoneme_error_rate: Fraction
    words_correct_per_minute: Annotated[float, Field(ge=0), AfterValidator(partial(round, ndigits=1))]


class Count(_Frozen):
    """How often a sound was to be said, and how often it went wrong."""

    expected: int
    wrong: int


class Problems(_Frozen):
    """What to practise."""

    focus_phoneme: str | None = Field(description="ARPAbet; the one sound to work on next, null when all was well")
    by_phoneme: dict[str, Count]
    by_group: dict[Group, Count]


class RecognizerInfo(_Frozen):
    """Who listened."""

    name: str
    version: str


class ReadingReport(_Frozen):
    """`analysis.data`: everything that was heard in one reading of one sentence."""

    schema_version: int = SCHEMA_VERSION
    sentence: str
    duration_seconds: Seconds
    alphabet: Literal["arpabet"] = "arpabet"
    scores: Scores
    words: tuple[WordReading, ...]
    problems: Problems
    source: Literal["server", "client"] = "server"
    recognizer: RecognizerInfo
