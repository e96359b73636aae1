"""How the parts of a written sentence are read aloud: every usual reading, lower case, the most usual first. Pure.

`TOKEN` finds the parts; its group names are the kinds that `readings` knows.
"""

import re
from collections.abc import Callable
from typing import Final

from sounditout.analysis.numerals import LARGEST, cardinal, digits, ordinal, plural, year

Readings = tuple[str, ...]

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)*"
VULGAR: Final = "½¼¾⅓⅔"
"""Fractions that are one character."""
TOKEN: Final = re.compile(
    rf"""
      (?P<money>   [$£€]\s?{_NUMBER}(?:\s(?:hundred|thousand|million|billion)\b)?)
    | (?P<percent> {_NUMBER}\s?%)
    | (?P<time>    \d{{1,2}}:\d{{2}}(?!\d))
    | (?P<fraction>\d+/\d+)
    | (?P<part>    (?:\d{{1,9}}\s?)?[{VULGAR}])
    | (?P<ordinal> \d+(?:st|nd|rd|th)\b)
    | (?P<decade>  '?\d+s\b)
    | (?P<number>  (?:(?<![^\s(])-)?(?:{_NUMBER}|\.\d+))
    | (?P<initials>(?:[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?)
    | (?P<word>    '?[^\W\d_]+(?:'[^\W\d_]+)*'?)
    | (?P<symbol>  [&+=@%°¢])
    """,
    re.VERBOSE | re.IGNORECASE,
)

SYMBOLS: Final[dict[str, Readings]] = {
    "&": ("and",),
    "+": ("plus", "and"),
    "=": ("equals", "is"),
    "@": ("at",),
    "%": ("percent",),
    "°": ("degrees",),
    "¢": ("cents",),
}
TITLES: Final[dict[str, Readings]] = {
    "mr": ("mister",),
    "mrs": ("missus", "mrs"),
    "ms": ("miz", "miss"),
    "prof": ("professor",),
    "jr": ("junior",),
    "sr": ("senior",),
    "vs": ("versus",),
    "etc": ("et cetera",),
    "mt": ("mount",),
    "dr": ("doctor",),
    "st": ("saint",),
}
"""Abbreviations, read so with or without a full stop; `dr` and `st` only before a name."""
STREETS: Final[dict[str, Readings]] = {"dr": ("drive", "doctor"), "st": ("street", "saint")}
"""The same letters at the end of an address."""
UNITS: Final[dict[str, str]] = {
    "km": "kilometers",
    "cm": "centimeters",
    "mm": "millimeters",
    "kg": "kilograms",
    "ml": "milliliters",
    "lb": "pounds",
    "lbs": "pounds",
    "oz": "ounces",
    "ft": "feet",
    "mph": "miles per hour",
}
"""Read so after a number."""
ROMAN: Final[dict[str, Readings]] = {
    "II": ("two", "the second"),
    "III": ("three", "the third"),
    "IV": ("four", "the fourth"),
    "VI": ("six", "the sixth"),
    "VII": ("seven", "the seventh"),
    "VIII": ("eight", "the eighth"),
    "IX": ("nine", "the ninth"),
}

_MONEY: Final = {"$": ("dollar", "cents"), "£": ("pound", "pence"), "€": ("euro", "cents")}
_PARTS: Final = {2: "half", 4: "quarter"}
_VULGAR_FRACTIONS: Final = dict(zip(VULGAR, ("1/2", "1/4", "3/4", "1/3", "2/3"), strict=True))
_YEARS: Final = range(1100, 2100)


def readings(kind: str, text: str) -> Readings:
    """Every usual way to read a token of a kind that needs no look at its neighbours.

    Args:
        kind: a group name of `TOKEN`, but `word`.
        text: what it matched.
    """
    return tuple(dict.fromkeys(_READERS[kind](text)))


def initials(letters: str) -> str:
    """ "U.S.A." and "USA" → "u s a"."""
    return " ".join(letter for letter in letters.lower() if letter.isalpha())


def _money(text: str) -> Readings:
    unit, cents = _MONEY[text[0]]
    amount, _, scale = text[1:].strip().partition(" ")
    if scale:
        return tuple(f"{reading} {scale.lower()} {unit}s" for reading in _number(amount))
    whole, _, part = amount.replace(",", "").partition(".")
    if len(part) != 2 or not _is_readable(whole):
        return tuple(f"{reading} {_counted(unit, reading)}" for reading in _number(amount))
    return _money_and_cents(int(whole), int(part), unit, cents)


def _money_and_cents(whole: int, part: int, unit: str, cents: str) -> Readings:
    money = f"{cardinal(whole)} {_counted(unit, cardinal(whole))}"
    change = f"{cardinal(part)} {cents.removesuffix('s') if part == 1 else cents}"
    if part == 0:
        return (money,)
    if whole == 0:
        return (change,)
    return (f"{money} and {change}", f"{money} {change}", f"{cardinal(whole)} {cardinal(part)}")


def _counted(unit: str, reading: str) -> str:
    return unit if reading in ("one", "a") else f"{unit}s"


def _percent(text: str) -> Readings:
    return tuple(f"{reading} percent" for reading in _number(text.rstrip("% ")))


def _time(text: str) -> Readings:
    hours, minutes = (int(part) for part in text.split(":"))
    hour = cardinal(hours)
    if minutes == 0:
        return (f"{hour} o'clock", hour, f"{hour} hundred")
    if minutes < 10:
        return (f"{hour} oh {cardinal(minutes)}", f"{hour} {cardinal(minutes)}")
    return (f"{hour} {cardinal(minutes)}",)


def _fraction(text: str) -> Readings:
    above, below = text.split("/")
    if not (_is_readable(above) and _is_readable(below)):
        return (f"{digits(above)} over {digits(below)}",)
    over = f"{cardinal(int(above))} over {cardinal(int(below))}"
    if int(below) < 2:
        return (over,)
    part = _PARTS.get(int(below), ordinal(int(below)))
    if int(above) == 1:
        return (f"one {part}", f"a {part}", over)
    return (f"{cardinal(int(above))} {'halves' if part == 'half' else plural(part)}", over)


def _part(text: str) -> Readings:
    """ "½", "2½"."""
    whole, part = text[:-1].strip(), _fraction(_VULGAR_FRACTIONS[text[-1]])
    if not whole:
        return part
    part = part[1:2] if part[0].startswith("one ") else part[:1]  # "two and a half"
    return tuple(f"{reading} and {form}" for reading in _number(whole) for form in part)


def _ordinal(text: str) -> Readings:
    number = text[:-2]
    return (ordinal(int(number)),) if _is_readable(number) else (digits(number),)


def _decade(text: str) -> Readings:
    """ "1990s", "'90s", "7s"."""
    return tuple(plural(reading) for reading in _number(text.strip("'sS")))


def _number(text: str) -> Readings:
    if text.startswith("-"):
        return tuple(f"{word} {reading}" for reading in _number(text[1:]) for word in ("minus", "negative"))
    whole, *parts = text.replace(",", "").split(".")
    if not parts:
        return _integer(whole, is_plain="," not in text)
    tail = "".join(f" point {digits(part)}" for part in parts)
    heads = ("zero", "oh", "") if whole.strip("0") == "" else _integer(whole, is_plain=False)
    return tuple(f"{head}{tail}".strip() for head in heads)


def _integer(text: str, *, is_plain: bool) -> Readings:
    if not _is_readable(text):
        return (digits(text), digits(text).replace("zero", "oh"))
    number = int(text)
    if is_plain and number in _YEARS:
        return (year(number), *_cardinals(number))
    return _cardinals(number)


def _cardinals(number: int) -> Readings:
    usual = cardinal(number)
    with_and = re.sub(r"(hundred|thousand)(?= (?!hundred|thousand|million|billion|(?:\S+ )*(?:hundred|thousand)))",
                      r"\1 and", usual)  # fmt: skip
    forms = (usual, with_and)
    return forms + tuple(f"a {form[4:]}" for form in forms if form.startswith("one "))


def _is_readable(number: str) -> bool:
    """Whether a row of digits is read as a number and not digit by digit."""
    return (number == "0" or not number.startswith("0")) and int(number[:20] or 0) <= LARGEST


_READERS: Final[dict[str, Callable[[str], Readings]]] = {
    "money": _money,
    "percent": _percent,
    "time": _time,
    "fraction": _fraction,
    "part": _part,
    "ordinal": _ordinal,
    "decade": _decade,
    "number": _number,
    "initials": lambda text: (initials(text),),
    "symbol": lambda text: SYMBOLS[text],
}
