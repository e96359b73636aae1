"""The sentences a learner may be given, each with its level and the sounds it practises."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from sounditout.analysis.models import Pronunciation
from sounditout.analysis.phonemes import GROUP, PHONEMES
from sounditout.analysis.ports import Pronouncer

Level = int
LEVELS: Final[tuple[Level, ...]] = (1, 2, 3, 4, 5)

GLUE: Final = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "the",
        "to",
        "was",
        "were",
    )
)
"""Words read as wholes and said weakly. They practise no sound, or every sentence would practise /th/."""

VOWELS: Final = frozenset(p for p in PHONEMES if GROUP[p] in {"short_vowel", "long_vowel", "diphthong", "r_vowel"})
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)*")
_EASIEST: Final[tuple[tuple[int, int], ...]] = ((7, 1), (9, 2), (10, 3), (13, 4))
"""The most words and the most syllables in one word that a sentence of levels 1 to 4 may have."""


@dataclass(frozen=True, slots=True)
class PracticeSentence:
    """One sentence of the bank."""

    text: str
    level: Level
    counts: Mapping[str, int] = field(hash=False)
    """How often it practises each ARPAbet phoneme."""
    place: bytes = field(repr=False)
    """Its place on the ring: see `place_of`."""


@dataclass(frozen=True)
class Bank:
    """All sentences in ring order."""

    sentences: tuple[PracticeSentence, ...]
    pronounce: Callable[[str], tuple[Pronunciation, ...]]

    @cached_property
    def of_level(self) -> Mapping[Level, list[PracticeSentence]]:
        """Those of each level, in ring order."""
        return {level: [sentence for sentence in self.sentences if sentence.level == level] for level in LEVELS}

    @cached_property
    def _level_at(self) -> Mapping[bytes, Level]:
        return {sentence.place: sentence.level for sentence in self.sentences}

    def level_of(self, text: str) -> Level:
        """The level of a sentence: as tagged when it is ours, else judged by its length and its longest word."""
        known = self._level_at.get(place_of(text))
        return known if known is not None else self._judged(words_of(text))

    def _judged(self, words: list[str]) -> Level:
        syllables = max((_syllables(self.pronounce(word)[0]) for word in words), default=1)
        fits = (len(words) <= most_words and syllables <= most for most_words, most in _EASIEST)
        return next((level for level, fit in enumerate(fits, start=1) if fit), LEVELS[-1])


def load_bank(pronouncer: Pronouncer) -> Bank:
    """Read the sentences and count their sounds; some 20 ms, of which a server wants to pay once."""
    pronounce = pronouncer.pronounce
    made = [
        PracticeSentence(text, level, counts_of(text, pronounce), place_of(text))
        for level, by_sound in written().items()
        for texts in by_sound.values()
        for text in texts
    ]
    return Bank(tuple(sorted(made, key=lambda sentence: sentence.place)), pronounce)


def written() -> dict[Level, dict[str, list[str]]]:
    """The sentences as they were written: level → the sound each was written for → texts."""
    text = files("sounditout.practice").joinpath("sentences.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[Level, dict[str, list[str]]]).validate_python(tomllib.loads(text))


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation and digits."""
    return _WORD.findall(text.lower().replace("’", "'"))


def place_of(text: str) -> bytes:
    """A sentence's place on a ring, the same for the same words.

    The next sentence is the first suitable one after the present one's place. So a learner goes around the
    ring, and meets nothing twice before everything suitable was met once, although nobody remembers anything.
    """
    return hashlib.sha256(" ".join(words_of(text)).encode()).digest()[:8]


def counts_of(text: str, pronounce: Callable[[str], tuple[Pronunciation, ...]]) -> dict[str, int]:
    """How often a text practises each phoneme, by the most usual pronunciation of its words."""
    words = (word for word in words_of(text) if word not in GLUE)
    return dict(Counter(phoneme for word in words for phoneme in _practised(pronounce(word)[0])))


def _practised(pronunciation: Pronunciation) -> Iterable[str]:
    # Without stress marks AH is both the vowel of "cup" and the weak one of "about"; in words of one
    # syllable it can only be the former.
    weak = _syllables(pronunciation) > 1
    return (phoneme for phoneme in pronunciation if not (weak and phoneme == "AH"))


def _syllables(pronunciation: Pronunciation) -> int:
    return sum(phoneme in VOWELS for phoneme in pronunciation)
