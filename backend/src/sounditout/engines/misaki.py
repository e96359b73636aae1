"""The alphabet of the bundled voice's spelling-to-sound rules (misaki's IPA) in ARPAbet without stress.

Source of the symbols: https://github.com/hexgrad/misaki/blob/main/EN_PHONES.md, and the voice's own `vocab.json`,
whose rare letters for other languages stand for the nearest English sound.
"""

import re
from typing import Final

from sounditout.analysis.models import Pronunciation

_SOUNDS: Final[dict[str, tuple[str, ...]]] = {
    # vowels; capitals are diphthongs
    "A": ("EY",),
    "I": ("AY",),
    "O": ("OW",),
    "Q": ("OW",),
    "W": ("AW",),
    "Y": ("OY",),
    "a": ("AA",),
    "e": ("EY",),
    "i": ("IY",),
    "o": ("OW",),
    "u": ("UW",),
    "y": ("UW",),
    "ɑ": ("AA",),
    "ɐ": ("AH",),
    "ɒ": ("AA",),
    "æ": ("AE",),
    "ɔ": ("AO",),
    "ə": ("AH",),
    "ᵊ": ("AH",),
    "ɛ": ("EH",),
    "ɜ": ("ER",),
    "ɚ": ("ER",),
    "ɪ": ("IH",),
    "ᵻ": ("IH",),
    "ɨ": ("IH",),
    "ʊ": ("UH",),
    "ʌ": ("AH",),
    "ɯ": ("UW",),
    "ø": ("ER",),
    "œ": ("ER",),
    "ɤ": ("OW",),
    # consonants
    "b": ("B",),
    "d": ("D",),
    "f": ("F",),
    "h": ("HH",),
    "j": ("Y",),
    "k": ("K",),
    "l": ("L",),
    "m": ("M",),
    "n": ("N",),
    "p": ("P",),
    "s": ("S",),
    "t": ("T",),
    "v": ("V",),
    "w": ("W",),
    "z": ("Z",),
    "ɡ": ("G",),
    "g": ("G",),
    "ŋ": ("NG",),
    "ɹ": ("R",),
    "r": ("R",),
    "ʃ": ("SH",),
    "ʒ": ("ZH",),
    "ð": ("DH",),
    "θ": ("TH",),
    "ʤ": ("JH",),
    "ʧ": ("CH",),
    "ʔ": ("T",),
    "ɾ": ("T",),
    "T": ("T",),
    "ʣ": ("D", "Z"),
    "ʦ": ("T", "S"),
    "ʥ": ("JH",),
    "ʨ": ("CH",),
    "ꭧ": ("CH",),
    "S": ("SH",),
    "c": ("K",),
    "q": ("K",),
    "x": ("K",),
    "β": ("V",),
    "ɕ": ("SH",),
    "ç": ("HH",),
    "ɖ": ("D",),
    "ɟ": ("JH",),
    "ɥ": ("W",),
    "ʝ": ("Y",),
    "ɰ": ("W",),
    "ɳ": ("N",),
    "ɲ": ("N", "Y"),
    "ɴ": ("NG",),
    "ɸ": ("F",),
    "ɻ": ("R",),
    "ʁ": ("R",),
    "ʀ": ("R",),
    "ɽ": ("D",),
    "ʂ": ("SH",),
    "ʈ": ("T",),
    "ʋ": ("V",),
    "ɣ": ("G",),
    "χ": ("K",),
    "ʎ": ("L", "Y"),
}
SYMBOLS: Final = frozenset(_SOUNDS)
"""Every character that stands for a sound; all others (stress, length, punctuation) are passed over."""

_VOWELS: Final = "AIOQWYaeiouyɑɐɒæɔəᵊɛɜɚɪᵻɨʊʌ"
_R_VOWEL: Final = re.compile(rf"ɜɹ|əɹ(?![{_VOWELS}])|ɜː")
_VARIANTS: Final = (
    (re.compile("[ɾT]"), "d"),  # "butter": the flap is heard as D as often as T
    (re.compile("ᵻ"), "ə"),  # "wanted": between IH and AH
)


def to_arpabet(phonemes: str) -> tuple[Pronunciation, ...]:
    """Misaki phonemes, "bˈʌTəɹ", as every ARPAbet pronunciation they stand for, without doubles.

    Empty when no character stands for a sound.
    """
    plain = "".join(symbol for symbol in phonemes if symbol in _SOUNDS or symbol == "ː")
    forms = [plain]
    for pattern, other in _VARIANTS:
        forms += [pattern.sub(other, form) for form in forms if pattern.search(form)]
    pronunciations = (_translate(form) for form in forms)
    return tuple(dict.fromkeys(pronunciation for pronunciation in pronunciations if pronunciation))


def _translate(plain: str) -> Pronunciation:
    joined = _R_VOWEL.sub("ɚ", plain)
    return tuple(sound for symbol in joined for sound in _SOUNDS.get(symbol, ()))
