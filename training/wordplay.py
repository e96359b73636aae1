"""Which words sound like which, and sentences made of words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from sounditout.analysis.models import Pronunciation, Sentence, Word
from sounditout.analysis.sounds import SOUND
from sounditout.engines.pronunciations import DictionaryPronouncer

NEAR: Final = 0.5
"""Largest distance of near words: "cat" and "cut" (1 of 3), "it" and "in" (1 of 2)."""
FAR: Final = 0.75

Sounds = tuple[int, ...]


def sounds(pronunciation: Pronunciation) -> Sounds:
    """Phonemes as the judge compares them."""
    return tuple(SOUND[phoneme] for phoneme in pronunciation)


@lru_cache(maxsize=1_000_000)
def edits(one: Sounds, other: Sounds) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            diagonal, row[j] = row[j], min(diagonal + (left != right), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def distance(one: Pronunciation, other: Pronunciation) -> float:
    """Edits per sound of the longer word: 0 for homophones, 1 for words that share nothing."""
    return edits(sounds(one), sounds(other)) / max(len(one), len(other))


@dataclass(frozen=True, slots=True)
class Entry:
    """A word and one way it is said."""

    text: str
    pronunciation: Pronunciation


def near_words(entry: Entry, candidates: Iterable[Entry]) -> list[Entry]:
    """Candidates that sound almost like it and never the same."""
    own = accepted(entry.text)
    return [
        one
        for one in candidates
        if 0 < distance(entry.pronunciation, one.pronunciation) <= NEAR
        and all(distance(mine, theirs) > 0 for mine in own for theirs in accepted(one.text))
    ]


def far_words(entry: Entry, candidates: Iterable[Entry]) -> list[Entry]:
    """Candidates of about the same length that sound quite different."""
    return [
        one
        for one in candidates
        if distance(entry.pronunciation, one.pronunciation) >= FAR
        and abs(len(one.pronunciation) - len(entry.pronunciation)) <= 1
    ]


@cache
def _pronouncer() -> DictionaryPronouncer:
    return DictionaryPronouncer()


def accepted(text: str) -> tuple[Pronunciation, ...]:
    """What the coach accepts for a word."""
    return _pronouncer().pronounce(text)


def sentence_of(entries: Sequence[Entry], *, own_only: bool = False) -> Sentence:
    """A sentence as the coach would show it; `own_only`: said in no other way than the entries say."""
    words = tuple(
        Word(one.text, one.text, (one.pronunciation,) if own_only else accepted(one.text)) for one in entries
    )
    return Sentence(" ".join(one.text for one in entries), words)
