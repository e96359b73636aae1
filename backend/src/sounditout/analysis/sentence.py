"""From a written sentence to its words, each with every accepted pronunciation. Pure: the pronouncer is injected.

text → plain text → tokens → groups (what is read as one word: "twenty-one", "3D") → readings → pronunciations
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from sounditout.analysis import spoken
from sounditout.analysis.models import Pronunciation, Sentence, Word
from sounditout.analysis.ports import Pronouncer
from sounditout.errors import InvalidSentence

_MAX_SOUNDS: Final = 800
"""A practised reader says about 12 sounds a second: more do not fit into the longest recording, a minute."""
_MAX_WORD_LETTERS: Final = 45
"""The longest word in any English dictionary."""
_MAX_READINGS: Final = 6
"""Of one word: "1,500" has four; more only come from numbers tied together."""
_MAX_VARIANT_SOUNDS: Final = 120
"""Of all pronunciations of one word together, beyond the first: each costs time in the search."""

_REMEMBERED: Final = 64
"""Sentences; as many as one server listens to at the same time, and some that come again."""

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼ＇`´′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑−", "-"),
        **dict.fromkeys("–—―", " - "),
        **dict.fromkeys("™®©℠", ""),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_HALF_CHARACTERS: Final = re.compile("[\ud800-\udfff]")
"""JSON can carry these, UTF-8 cannot."""
_RANGE: Final = re.compile(r"(?<=\d)\s?[–—‒]\s?(?=\d)")
_FOREIGN: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ß": "ss", "ı": "i"}
)
_ELISIONS: Final = frozenset({"'tis", "'twas", "'em", "'til", "'cause", "'bout", "'round", "'n"})
"""Words that begin with an apostrophe; before all others it is a quotation mark."""
_NUMERIC: Final = frozenset({"money", "percent", "time", "fraction", "part", "ordinal", "decade", "number"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=_REMEMBERED)
def parse_sentence(text: str, pronouncer: Pronouncer, max_characters: int) -> Sentence:
    """Find the words of a sentence and how each may be said.

    Numbers, money, times, abbreviations and acronyms are read as people read them; what has no sound (punctuation,
    emoji) is dropped. A written word stays one word even when it is read as several ("23", "twenty-one"). The latest
    sentences are remembered: one is asked for again while it is being read, when it has been, and with every new try.

    Raises:
        InvalidSentence: empty, longer than `max_characters`, without words, or with words that are not English.
    """
    shown = " ".join(_HALF_CHARACTERS.sub("", text).split())
    if "\0" in shown:
        raise InvalidSentence
    if len(shown) > max_characters:
        raise InvalidSentence(f"The sentence is too long: {max_characters} characters is the most.")
    plain = _plain(shown)
    tokens = list(_tokens(plain))
    if not tokens:
        raise InvalidSentence
    words = tuple(_word(plain, group, tokens, pronouncer) for group in _groups(plain, tokens))
    if sum(len(word.pronunciations[0]) for word in words) > _MAX_SOUNDS:
        raise InvalidSentence("The sentence is too long to be read within a minute.")
    return Sentence(shown, words)


def _plain(shown: str) -> str:
    ranged = _RANGE.sub("-", shown)
    letters = unicodedata.normalize("NFC", ranged.translate(_PLAIN))
    # One by one, so that a fraction can be left as it is shown.
    plain = "".join(
        letter if letter in spoken.VULGAR else unicodedata.normalize("NFKC", letter) for letter in letters
    )
    return plain.translate(_PLAIN)


def _tokens(plain: str) -> Iterator[_Token]:
    for match in spoken.TOKEN.finditer(plain):
        kind, start, end = str(match.lastgroup), match.start(), match.end()
        if kind == "word" and match.group().startswith("'") and match.group().lower().rstrip("'") not in _ELISIONS:
            start += 1
        yield _Token(kind, plain[start:end], start, end)


def _groups(plain: str, tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Tokens that nothing or a hyphen joins: "3|D", "twenty-|one", "R|&|B"."""
    group: list[_Token] = []
    for token in tokens:
        if group and plain[group[-1].end : token.start] not in ("", "-"):
            yield group
            group = []
        group.append(token)
    yield group


def _word(plain: str, group: list[_Token], tokens: list[_Token], pronouncer: Pronouncer) -> Word:
    readings = _readings(plain, group, tokens)
    return Word(
        text=plain[group[0].start : group[-1].end].rstrip("'."),
        spoken=readings[0],
        pronunciations=_bounded(_pronunciations(readings, pronouncer)),
    )


def _readings(plain: str, group: list[_Token], tokens: list[_Token]) -> tuple[str, ...]:
    choices: list[tuple[str, ...]] = []
    for before, token in zip([None, *group], group, strict=False):
        if before and before.kind == token.kind == "number":
            choices.append(("to",))  # "3-5"
        choices.append(_token_readings(plain, token, tokens))
    combined = (" ".join(choice) for choice in product(*choices))
    return tuple(reading for reading, _ in zip(combined, range(_MAX_READINGS), strict=False))


def _token_readings(plain: str, token: _Token, tokens: list[_Token]) -> tuple[str, ...]:
    if token.kind != "word":
        return tuple(_english(reading) for reading in spoken.readings(token.kind, token.text))
    index = tokens.index(token)
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return _special(plain, token, before, after) or _usual(plain, token)


def _special(plain: str, token: _Token, before: _Token | None, after: _Token | None) -> tuple[str, ...]:
    """Abbreviations, which are read by their neighbours."""
    word = token.text.lower()
    if before and before.kind in _NUMERIC and word in spoken.UNITS:
        return (spoken.UNITS[word],)
    if token.text in spoken.STREETS or token.text.capitalize() in ("Dr", "St"):
        leads_a_name = after is not None and after.text[:1].isupper()
        return spoken.TITLES[word] if leads_a_name else spoken.STREETS[word]
    if token.text == "No" and after and after.kind == "number" and plain.startswith(".", token.end):
        return ("number", "no")
    return spoken.TITLES.get(word, ())


def _usual(plain: str, token: _Token) -> tuple[str, ...]:
    word = _english(token.text.lower())
    if len(token.text) > 1 and token.text.isupper():
        return _capitals(token.text, word, is_shouted=plain == plain.upper())
    return (word,)


def _capitals(text: str, word: str, *, is_shouted: bool) -> tuple[str, ...]:
    """ "TV" is spelled, "NASA" is a word, "USA" may be either, "STOP" in a sentence of capitals is a word."""
    if text in spoken.ROMAN:
        return spoken.ROMAN[text]
    letters = spoken.initials(word)
    if not set(word) & set("aeiouy"):
        return (letters,)
    return (word,) if is_shouted or len(word) > 4 else (word, letters)


def _english(word: str) -> str:
    """A lower-case word in the letters a to z.

    Raises:
        InvalidSentence: it has others, or too many.
    """
    stripped = unicodedata.normalize("NFKD", word.translate(_FOREIGN))
    letters = "".join(letter for letter in stripped if not unicodedata.combining(letter))
    if not letters.isascii():
        raise InvalidSentence(f"“{word[:_MAX_WORD_LETTERS]}” is not an English word.")
    if max(map(len, letters.split())) > _MAX_WORD_LETTERS:
        raise InvalidSentence(f"“{word[:20]}…” is too long for a word.")
    return letters if letters.endswith("in'") else letters.rstrip("'")


def _pronunciations(readings: Iterable[str], pronouncer: Pronouncer) -> Iterator[Pronunciation]:
    """The usual way of each reading, then each with one of its words said in another way."""
    ways = [[_ways(word, reading, pronouncer) for word in reading.split()] for reading in readings]
    for said in ways:
        yield sum((forms[0] for forms in said), ())
    for said in ways:
        for changed, forms in enumerate(said):
            for form in forms[1:]:
                yield sum((form if at == changed else usual[0] for at, usual in enumerate(said)), ())


def _ways(word: str, reading: str, pronouncer: Pronouncer) -> tuple[Pronunciation, ...]:
    is_spelled = len(reading) > 1 and all(len(part) == 1 for part in reading.split())
    if is_spelled and word == "a":
        return (("EY",),)  # the letter, not the article
    return pronouncer.pronounce(word)


def _bounded(pronunciations: Iterable[Pronunciation]) -> tuple[Pronunciation, ...]:
    first, *others = dict.fromkeys(pronunciations)
    kept, room = [first], _MAX_VARIANT_SOUNDS
    for other in others:
        room -= len(other)
        if room < 0:
            break
        kept.append(other)
    return tuple(kept)
