import inflect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.numerals import LARGEST, cardinal, digits, ordinal, plural, year

ORACLE = inflect.engine()


def plain(words: str) -> str:
    return words.replace("-", " ").replace(",", "")


@given(st.integers(0, LARGEST) | st.integers(0, 2000))
def test_cardinals_agree_with_an_independent_implementation(number: int) -> None:
    assert cardinal(number) == plain(str(ORACLE.number_to_words(number, andword=""))).replace("  ", " ")


@given(st.integers(0, 10_000))
def test_ordinals_agree_with_an_independent_implementation(number: int) -> None:
    assert ordinal(number) == plain(ORACLE.ordinal(cardinal(number)))


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
