from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.numerals import LARGEST, cardinal, digits, ordinal, plural, year

if TYPE_CHECKING:
    import inflect


@cache
def oracle() -> "inflect.engine":
    """Another implementation. Typeguard would compile it anew to check every call, which takes it six seconds."""
    with patch("typeguard.typechecked", lambda target: target):
        import inflect
    return inflect.engine()


def plain(words: str) -> str:
    return words.replace("-", " ").replace(",", "")


@given(st.integers(0, LARGEST) | st.integers(0, 2000))
def test_cardinals_agree_with_an_independent_implementation(number: int) -> None:
    assert cardinal(number) == plain(str(oracle().number_to_words(number, andword=""))).replace("  ", " ")


@given(st.integers(0, 10_000))
def test_ordinals_agree_with_an_independent_implementation(number: int) -> None:
    assert ordinal(number) == plain(oracle().ordinal(cardinal(number)))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1984, "nineteen eighty four"),
        (2000, "two thousand"),
        (2004, "two thousand four"),
        (2024, "twenty twenty four"),
    ],
)
def test_years(number: int, words: str) -> None:
    assert year(number) == words


def test_plurals() -> None:
    assert [plural(word) for word in ("twenty", "six", "seven")] == ["twenties", "sixes", "sevens"]


def test_digits() -> None:
    assert digits("007") == "zero zero seven"
