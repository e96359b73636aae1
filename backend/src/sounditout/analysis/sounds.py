"""Which sounds count as the same, and which other ways of saying a word are an accent and no miscue."""

from functools import lru_cache
from typing import Final

import numpy as np

from sounditout.analysis.models import Float32, Pronunciation
from sounditout.analysis.phonemes import BLANK, GROUP, PHONEMES

ALIKE: Final[tuple[tuple[str, str], ...]] = (("AA", "AO"), ("SH", "ZH"), ("AH", "IH"))
"""Pairs that many good readers do not tell apart: cot and caught, the weak vowels of roses and Rosa's."""

_REMEMBERED: Final = 4096
"""Words whose accents are kept: each comes up several times while it is read."""
VOWELS: Final = frozenset(p for p in PHONEMES if GROUP[p] in {"short_vowel", "long_vowel", "diphthong", "r_vowel"})


def _sound_of() -> dict[str, int]:
    merged = {second: first for first, second in ALIKE}
    kept = [phoneme for phoneme in PHONEMES if phoneme not in merged]
    number = {phoneme: place for place, phoneme in enumerate(kept)}
    return {phoneme: number[merged.get(phoneme, phoneme)] for phoneme in PHONEMES}


SOUND: Final[dict[str, int]] = _sound_of()
"""Phoneme → sound, 0-based; phonemes that count as the same share one."""
SOUNDS: Final = len(set(SOUND.values()))
_MERGED: Final = {second for _, second in ALIKE}
_KEPT: Final = np.array([BLANK, *(1 + place for place, phoneme in enumerate(PHONEMES) if phoneme not in _MERGED)])
_ADDED: Final = [(1 + SOUND[second], 1 + PHONEMES.index(second)) for _, second in ALIKE]
"""Column of the sound, and column of the phoneme that counts as the same."""


def alike(one: str, other: str) -> bool:
    """Whether two phonemes count as the same."""
    return SOUND[one] == SOUND[other]


def sound_log_probs(log_probs: Float32) -> Float32:
    """Add up the phonemes that count as the same: (frames, CLASSES) → (frames, 1 + SOUNDS), the blank first."""
    merged = log_probs.take(_KEPT, axis=1)
    for sound, phoneme in _ADDED:
        merged[:, sound] = np.logaddexp(merged[:, sound], log_probs[:, phoneme])
    return merged


@lru_cache(_REMEMBERED)
def with_accents(pronunciations: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
    """The pronunciations, and each as half of the English-speaking world says it: "pahk" for park, "liddle"."""
    changed = [change(one) for one in pronunciations for change in (without_final_r, with_tapped_t)]
    return tuple(dict.fromkeys([*pronunciations, *changed]))


def without_final_r(pronunciation: Pronunciation) -> Pronunciation:
    """Drop each r that follows a vowel and comes before no other: "park" → "pahk"."""
    following = (*pronunciation[1:], "")
    before = ("", *pronunciation[:-1])
    kept = [
        phoneme
        for previous, phoneme, after in zip(before, pronunciation, following, strict=True)
        if not (phoneme == "R" and previous in VOWELS and after not in VOWELS)
    ]
    return tuple(kept)


def with_tapped_t(pronunciation: Pronunciation) -> Pronunciation:
    """Say each t between vowels as Americans do, as a short d: "butter", "little"."""
    said = list(pronunciation)
    for place in range(1, len(said) - 1):
        if said[place] == "T" and said[place - 1] in VOWELS and said[place + 1] in VOWELS:
            said[place] = "D"
    return tuple(said)
