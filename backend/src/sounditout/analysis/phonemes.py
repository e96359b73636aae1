"""The sounds of English as this program counts them: 39 ARPAbet phonemes without stress.

The order of `PHONEMES` is part of the trained model: index `i + 1` of the recogniser's output is
`PHONEMES[i]`, and index `BLANK` (0) is the CTC blank.
"""

from typing import Final, Literal

Group = Literal[
    "short_vowel",
    "long_vowel",
    "diphthong",
    "r_vowel",
    "stop",
    "affricate",
    "fricative",
    "nasal",
    "approximant",
]

BLANK: Final = 0

_TABLE: Final[tuple[tuple[str, str, Group], ...]] = (
    ("AA", "ɑ", "long_vowel"),
    ("AE", "æ", "short_vowel"),
    ("AH", "ʌ", "short_vowel"),
    ("AO", "ɔ", "long_vowel"),
    ("AW", "aʊ", "diphthong"),
    ("AY", "aɪ", "diphthong"),
    ("B", "b", "stop"),
    ("CH", "tʃ", "affricate"),
    ("D", "d", "stop"),
    ("DH", "ð", "fricative"),
    ("EH", "ɛ", "short_vowel"),
    ("ER", "ɝ", "r_vowel"),
    ("EY", "eɪ", "diphthong"),
    ("F", "f", "fricative"),
    ("G", "ɡ", "stop"),
    ("HH", "h", "fricative"),
    ("IH", "ɪ", "short_vowel"),
    ("IY", "i", "long_vowel"),
    ("JH", "dʒ", "affricate"),
    ("K", "k", "stop"),
    ("L", "l", "approximant"),
    ("M", "m", "nasal"),
    ("N", "n", "nasal"),
    ("NG", "ŋ", "nasal"),
    ("OW", "oʊ", "diphthong"),
    ("OY", "ɔɪ", "diphthong"),
    ("P", "p", "stop"),
    ("R", "ɹ", "approximant"),
    ("S", "s", "fricative"),
    ("SH", "ʃ", "fricative"),
    ("T", "t", "stop"),
    ("TH", "θ", "fricative"),
    ("UH", "ʊ", "short_vowel"),
    ("UW", "u", "long_vowel"),
    ("V", "v", "fricative"),
    ("W", "w", "approximant"),
    ("Y", "j", "approximant"),
    ("Z", "z", "fricative"),
    ("ZH", "ʒ", "fricative"),
)

PHONEMES: Final[tuple[str, ...]] = tuple(row[0] for row in _TABLE)
IPA: Final[dict[str, str]] = {arpabet: ipa for arpabet, ipa, _ in _TABLE}
GROUP: Final[dict[str, Group]] = {arpabet: group for arpabet, _, group in _TABLE}
INDEX: Final[dict[str, int]] = {phoneme: i + 1 for i, phoneme in enumerate(PHONEMES)}
CLASSES: Final = len(PHONEMES) + 1
