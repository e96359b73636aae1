"""What a browser heard: checked, and turned into what our own ears would have produced."""

import numpy as np
import pytest

from sounditout.analysis.client_hearing import (
    MAX_CLIENT_WORDS,
    MAX_WORD_PHONEMES,
    certain_posteriors,
    hearing_from_client,
    read_client_hearing,
)
from sounditout.analysis.models import ClientHearing
from sounditout.analysis.phonemes import BLANK, CLASSES, INDEX, PHONEMES
from sounditout.errors import InvalidMessage, NoSpeech


def test_phonemes_and_words_are_kept() -> None:
    heard = read_client_hearing([["K", "AE1", "T"], [], ["S", "AE0", "T"]], ["cat", "", "sat"])
    assert heard == ClientHearing((("K", "AE", "T"), (), ("S", "AE", "T")), ("cat", "", "sat"))


@pytest.mark.parametrize(
    "phonemes",
    [
        None,
        "K AE T",
        {"0": ["K"]},
        ["K", "AE"],
        [["K", 1]],
        [["K", None]],
        [["QX"]],
        [["k"]],
        [["AE12345"], ["1"]],
        [[""]],
        [["K"] * (MAX_WORD_PHONEMES + 1)],
        [["K"]] * (MAX_CLIENT_WORDS + 1),
    ],
)
def test_anything_else_is_refused(phonemes: object) -> None:
    with pytest.raises(InvalidMessage):
        read_client_hearing(phonemes)


@pytest.mark.parametrize("words", ["cat", [1], ["x" * 101], ["a"] * (MAX_CLIENT_WORDS + 1), {}])
def test_words_that_are_not_words_are_refused(words: object) -> None:
    with pytest.raises(InvalidMessage):
        read_client_hearing([["K"]], words)


@pytest.mark.parametrize("phonemes", [[], [[], []]])
def test_a_browser_that_heard_nothing_heard_no_speech(phonemes: object) -> None:
    with pytest.raises(NoSpeech):
        read_client_hearing(phonemes)


def test_posteriors_are_probabilities_and_say_exactly_the_phonemes() -> None:
    posteriors = certain_posteriors([*PHONEMES, "T", "T"])
    assert posteriors.dtype == np.float32
    assert posteriors.shape == (2 * (len(PHONEMES) + 2) + 1, CLASSES)
    np.testing.assert_allclose(np.exp(posteriors).sum(axis=1), 1, rtol=1e-5)
    best = [int(frame.argmax()) for frame in posteriors]
    assert [index for index in best if index != BLANK] == [INDEX[name] for name in (*PHONEMES, "T", "T")]
    assert best[::2] == [BLANK] * (len(PHONEMES) + 3), "equal neighbours stay two sounds"


def test_the_hearing_has_no_time_axis() -> None:
    hearing = hearing_from_client(ClientHearing((("K", "AE", "T"),)), 1.25)
    assert hearing.seconds_per_frame is None
    assert hearing.duration_seconds == 1.25
    assert hearing.evidence is None
