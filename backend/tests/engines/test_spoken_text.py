"""What a voice is given to say is bounded, carries no markup, and comes in phrases that stand for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.engines.spoken_text import MAX_CHARACTERS, phrases, prepare


@given(st.text(max_size=900))
def test_prepared_text_is_bounded_and_carries_no_markup(text: str) -> None:
    prepared = prepare(text)
    assert len(prepared) <= MAX_CHARACTERS
    assert not set(prepared) & set("[](){}<>_*#\n")
    assert prepare(prepared) == prepared


def test_a_long_text_ends_with_a_whole_sentence() -> None:
    assert prepare("One more. " * 100).endswith("One more.")
    assert prepare("word " * 200).endswith("word")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Well read!", ("Well read!",)),
        ("Almost there. Say it slowly with me: ship.", ("Almost there.", "Say it slowly with me:", "ship.")),
        ("“Is it you?” Yes… It is.", ("Is it you?", "Yes...", "It is.")),
        ('She said "Go." Then he went.', ('She said "Go.', "Then he went.")),
        ("Mr. Fox met Dr. J. K. Bear. They ran.", ("Mr. Fox met Dr. J. K. Bear.", "They ran.")),
        ("It costs 3.50 at 7:30 today.", ("It costs 3.50 at 7:30 today.",)),
        ("He ran... and fell.", ("He ran... and fell.",)),
        ("Go! ... ! : Stop.", ("Go!", "Stop.")),
        ("", ()),
    ],
)
def test_sentences_and_both_sides_of_a_colon_are_phrases(text: str, expected: tuple[str, ...]) -> None:
    assert phrases(prepare(text)) == expected


@given(st.text(max_size=400))
def test_phrases_hold_every_word_once_and_in_order(text: str) -> None:
    prepared = prepare(text)
    together = " ".join(phrases(prepared))
    assert [c for c in together if c.isalnum()] == [c for c in prepared if c.isalnum()]


@given(st.text(max_size=400))
def test_a_phrase_is_one_phrase(text: str) -> None:
    for phrase in phrases(prepare(text)):
        assert phrases(phrase) == (phrase,)
