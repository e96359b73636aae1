"""What one reading can teach: at most one thing, and only what was heard clearly. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sounditout.analysis.models import PhonemeReading, ReadingReport, WordReading
from sounditout.analysis.phonemes import INDEX
from sounditout.practice.bank import GLUE, VOWELS
from sounditout.practice.phonics import Place

SURE_ENOUGH_TO_NAME: Final = 0.3
"""From this confidence a sound is recommended to the reader's care, which claims nothing; below, only the word is."""
SURE_OF_WHAT_WAS_HEARD: Final = 0.6
"""From this confidence it is also said what was heard, or missed, or added: a wrong claim costs more trust than
silence does."""
_ANOTHER_WORD: Final = 0.6
"""When more of a word's sounds than this went wrong, it was another word, and no single sound is to blame."""
_STOPPED: Final = 0.4
"""A reader who left out at least this share at the end has stopped, not skipped."""
_LOST: Final = 0.4
"""With fewer words than this share in order, single sounds are not what helps."""
_SHORT: Final = 3
"""In a sentence of fewer words one word is a large share, and says little about the whole."""
_LONGEST_EXTRA_WORD: Final = 6
"""Sounds. What is longer was several words."""


@dataclass(frozen=True, slots=True)
class AllRight:
    """Nothing to learn. `unsure` are words that could not be judged, which is nobody's fault."""

    unsure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoundSlip:
    """One sound of one word. `expected` is None when a sound was added, `heard` when that is not certain."""

    word: str
    expected: str | None
    heard: str | None
    missing: bool
    place: Place
    sounds: int
    """How many sounds the word has."""


@dataclass(frozen=True, slots=True)
class HardWord:
    """A word that came out wrong in no way that could be named."""

    word: str


@dataclass(frozen=True, slots=True)
class NotHeard:
    """Words that were left out."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtraWords:
    """One or `many` words that are not in the sentence; the first came after `after` (None: before everything)."""

    many: bool
    after: str | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The reader stopped after `last`; `following` comes next."""

    last: str
    following: str
    all_right_so_far: bool


@dataclass(frozen=True, slots=True)
class ReadTogether:
    """Too much at once: read it together."""


Lesson = AllRight | SoundSlip | HardWord | NotHeard | ExtraWords | Stopped | ReadTogether


def lesson_of(report: ReadingReport) -> Lesson:
    """The one thing to talk about after this reading."""
    shown = [word for word in report.words if word.index is not None]
    if all(word.status in {"correct", "unsure"} for word in report.words):
        return AllRight(tuple(word.text for word in shown if word.status == "unsure"))
    return (
        _stopped(shown)
        or _lost(shown)
        or _clearest_slip(shown, report.problems.focus_phoneme)
        or _first_hard_word(shown)
        or _not_heard(shown)
        or _extra(report.words)
    )


def _fine(word: WordReading) -> bool:
    return word.status in {"correct", "unsure"}


def _stopped(shown: list[WordReading]) -> Stopped | None:
    read = max((n for n, word in enumerate(shown, start=1) if word.status != "omitted"), default=0)
    if not read or len(shown) - read < max(2, _STOPPED * len(shown)):
        return None
    before = shown[:read]
    if sum(map(_fine, before)) * 2 < read:
        return None
    so_far = all(word.status == "correct" for word in before)
    return Stopped(before[-1].text, shown[read].text, so_far)


def _lost(shown: list[WordReading]) -> ReadTogether | None:
    lost = len(shown) >= _SHORT and sum(map(_fine, shown)) < _LOST * len(shown)
    return ReadTogether() if lost else None


def _clearest_slip(shown: list[WordReading], focus: str | None) -> SoundSlip | None:
    slips = [pair for word in shown if word.status == "mispronounced" for pair in _slips(word)]
    if not slips:
        return None
    return max(slips, key=lambda pair: (pair[0].expected == focus, pair[0].expected is not None, pair[1]))[0]


def _slips(word: WordReading) -> Iterator[tuple[SoundSlip, float]]:
    """The sounds of a word that clearly went wrong, each with the confidence that it did."""
    wrong = [sound for sound in word.phonemes if _is_slip(sound)]
    expected = sum(sound.expected is not None for sound in word.phonemes)
    weak = _weak_vowels(word)
    if len(wrong) >= 2 and len(wrong) > _ANOTHER_WORD * expected:
        return
    before = 0
    for sound in word.phonemes:
        if _is_slip(sound) and sound.expected not in weak:
            place = _place(before, expected, added=sound.expected is None)
            yield _slip(word.text, sound, place, expected), sound.confidence
        before += sound.expected is not None


def _weak_vowels(word: WordReading) -> frozenset[str]:
    """The vowels that may be the weak one of "a" and "about" here, which has no name and no one way to say it."""
    if word.text.lower() in GLUE:
        return VOWELS
    vowels = sum(sound.expected in VOWELS for sound in word.phonemes)
    return frozenset({"AH"} if vowels > 1 else ())


def _is_slip(sound: PhonemeReading) -> bool:
    if sound.expected is None:
        return sound.status == "inserted" and sound.confidence >= SURE_OF_WHAT_WAS_HEARD
    wrong = sound.status in {"substituted", "omitted"}
    return wrong and sound.expected in INDEX and sound.confidence >= SURE_ENOUGH_TO_NAME


def _slip(word: str, sound: PhonemeReading, place: Place, sounds: int) -> SoundSlip:
    certain = sound.confidence >= SURE_OF_WHAT_WAS_HEARD
    heard = sound.heard if certain and sound.heard in INDEX and _same_kind(sound.expected, sound.heard) else None
    return SoundSlip(word, sound.expected, heard, certain and sound.status == "omitted", place, sounds)


def _same_kind(expected: str | None, heard: str) -> bool:
    """Whether one may be taken for the other: a vowel that "was heard" for a consonant is the neighbour's."""
    return expected is None or (expected in VOWELS) == (heard in VOWELS)


def _place(before: int, expected: int, *, added: bool) -> Place:
    if before == 0:
        return "start"
    return "end" if before >= expected - (not added) else "middle"


def _first_hard_word(shown: list[WordReading]) -> HardWord | None:
    return next((HardWord(word.text) for word in shown if word.status == "mispronounced"), None)


def _not_heard(shown: list[WordReading]) -> NotHeard | None:
    words = tuple(word.text for word in shown if word.status == "omitted")
    return NotHeard(words) if words else None


def _extra(words: tuple[WordReading, ...]) -> ExtraWords:
    first = next(n for n, word in enumerate(words) if word.status == "inserted")
    before = [word.text for word in words[:first] if word.index is not None]
    added = [word for word in words if word.status == "inserted"]
    many = len(added) > 1 or len(added[0].phonemes) > _LONGEST_EXTRA_WORD
    return ExtraWords(many, before[-1] if before else None)
