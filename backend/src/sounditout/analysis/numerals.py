"""Numbers in words, as they are read aloud in American English. Pure and exact up to a billion."""

from typing import Final

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
LARGEST: Final = 999_999_999_999


def cardinal(number: int) -> str:
    """23 → "twenty three", 101 → "one hundred one". `number` is 0 to `LARGEST`."""
    if number < len(_SMALL):
        return _SMALL[number]
    if number < 100:
        return _joined(_TENS[number // 10], number % 10)
    size, name = next(scale for scale in _SCALES if scale[0] <= number)
    return _joined(f"{cardinal(number // size)} {name}", number % size)


def _joined(front: str, rest: int) -> str:
    return f"{front} {cardinal(rest)}" if rest else front


def ordinal(number: int) -> str:
    """23 → "twenty third"."""
    front, _, last = cardinal(number).rpartition(" ")
    return f"{front} {_ordinal_word(last)}".strip()


def _ordinal_word(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"


def plural(words: str) -> str:
    """ "nineteen ninety" → "nineteen nineties"; "seven" → "sevens"."""
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith("x") else f"{words}s"


def digits(text: str) -> str:
    """ "007" → "zero zero seven"."""
    return " ".join(_SMALL[int(digit)] for digit in text)


def year(number: int) -> str:
    """1984 → "nineteen eighty four", 1905 → "nineteen oh five", 2004 → "two thousand four"; 1000 to 9999."""
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"
