"""Ways of saying a word that no dictionary lists because every word of its kind has them.

Source: J. C. Wells, Longman Pronunciation Dictionary, 3rd ed. (2008): "syllabic consonants", and for vowels before R
the lexical sets NEAR and CURE (Wells, Accents of English, 1982, section 2.2), where American English has one vowel.
"""

import re
from collections.abc import Iterable
from typing import Final

from sounditout.analysis.models import Pronunciation
from sounditout.analysis.phonemes import GROUP

_MOST: Final = 8
"""Forms of one word; more make listening slow and tell nothing apart."""


def _sounds(*kinds: str) -> str:
    return "|".join(sound for sound, group in GROUP.items() if group.endswith(kinds))


_VOWEL: Final = rf"(?:{_sounds('vowel', 'diphthong')})[012]?\b"
_CONSONANT: Final = rf"(?:{_sounds('stop', 'affricate', 'fricative', 'nasal', 'approximant')})"

_RULES: Final = (
    # "little", "seven", "seasons", not "begun": the l or n is the syllable
    (re.compile(rf"\b({_CONSONANT}) AH0 (?=[LN](?:$| {_CONSONANT}$))"), r"\1 "),
    # "here" and "near" rhyme, whatever they are written with
    (re.compile(rf"\bIY([012]?) R(?! {_VOWEL})"), r"IH\1 R"),
    (re.compile(rf"\bIH([012]?) R(?! {_VOWEL})"), r"IY\1 R"),
    # "sure", "tour"
    (re.compile(rf"\bUH([012]?) R(?! {_VOWEL})"), r"AO\1 R"),
    # "around" with ER or with AH R
    (re.compile(rf"\bER0? (?={_VOWEL})"), "AH R "),
)


def with_variants(forms: Iterable[Pronunciation]) -> tuple[Pronunciation, ...]:
    """The forms, and after them those that every word of their kind has.

    Args:
        forms: with the dictionary's marks of stress (`AH0`) or without. They come out without, and without doubles.
    """
    marked = [" ".join(form) for form in forms]
    given = len(_unmarked(marked))
    for pattern, other in _RULES:
        marked += [pattern.sub(other, form) for form in marked]
    return tuple(_unmarked(marked))[: max(_MOST, given)]


def without_stress(form: Pronunciation) -> Pronunciation:
    """AH0 → AH."""
    return tuple(sound.rstrip("012") for sound in form)


def _unmarked(marked: Iterable[str]) -> dict[Pronunciation, None]:
    return dict.fromkeys(without_stress(tuple(form.split())) for form in marked)
