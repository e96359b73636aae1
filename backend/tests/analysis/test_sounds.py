"""Which sounds count as the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.phonemes import BLANK, CLASSES, INDEX, PHONEMES
from sounditout.analysis.sounds import SOUND, SOUNDS, alike, sound_log_probs, with_accents

pronunciations = st.lists(st.sampled_from(PHONEMES), min_size=1, max_size=8).map(tuple)


@pytest.mark.parametrize(("one", "other"), [("AA", "AO"), ("SH", "ZH"), ("AH", "IH")])
def test_merged_sounds_are_alike(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


def test_everything_else_is_not() -> None:
    same = {(one, other) for one in PHONEMES for other in PHONEMES if alike(one, other) and one != other}

    assert len(same) == 6
    assert len(PHONEMES) - 3 == SOUNDS


def test_probabilities_of_merged_sounds_add_up() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(CLASSES), 5)

    merged = np.exp(sound_log_probs(np.log(probabilities).astype(np.float32)))

    assert merged.shape == (5, 1 + SOUNDS)
    assert np.allclose(merged.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(merged[:, 0], probabilities[:, BLANK], atol=1e-6)
    both = probabilities[:, INDEX["AA"]] + probabilities[:, INDEX["AO"]]
    assert np.allclose(merged[:, 1 + SOUND["AA"]], both, atol=1e-5)


def test_what_is_not_merged_keeps_its_very_value() -> None:
    log_probs = np.log(np.random.default_rng(0).dirichlet(np.ones(CLASSES), 5)).astype(np.float32)

    merged = sound_log_probs(log_probs)

    assert merged.dtype == np.float32
    for phoneme in PHONEMES:
        if not any(alike(phoneme, other) for other in PHONEMES if other != phoneme):
            assert np.array_equal(merged[:, 1 + SOUND[phoneme]], log_probs[:, INDEX[phoneme]])


@pytest.mark.parametrize(
    ("dictionary", "accent"),
    [
        ("P AA R K", "P AA K"),
        ("K AA R", "K AA"),
        ("B AH T ER", "B AH D ER"),
        ("L IH T AH L", "L IH D AH L"),
    ],
)
def test_accents_are_accepted(dictionary: str, accent: str) -> None:
    assert tuple(accent.split()) in with_accents((tuple(dictionary.split()),))


@pytest.mark.parametrize("word", ["R EH D", "V EH R IY", "T EH N", "S IH T", "S T AA P"])
def test_other_sounds_of_the_same_letters_are_not_dropped(word: str) -> None:
    assert with_accents((tuple(word.split()),)) == (tuple(word.split()),)


@given(st.lists(pronunciations, min_size=1, max_size=3))
def test_what_the_dictionary_says_comes_first_and_nothing_is_empty(
    dictionary: list[tuple[str, ...]],
) -> None:
    accepted = with_accents(tuple(dictionary))

    assert accepted[: len(set(dictionary))] == tuple(dict.fromkeys(dictionary))
    assert all(accepted)
    assert len(set(accepted)) == len(accepted)
