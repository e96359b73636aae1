"""How far a reader has come, from posteriors that leave no doubt and from such that are nothing but doubt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posteriors import COSTS, hearing, noise_posteriors, said, sentence_of, sentences, spelled
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import build_graph
from sounditout.analysis.models import Hearing, Pronunciation, Sentence
from sounditout.analysis.progress import WordBehind, words_behind
from sounditout.analysis.search import search
from sounditout.analysis.sounds import sound_log_probs
from sounditout.analysis.trellis import OpenEnds
from sounditout.errors import Cancelled
from thorough import examples

DOG_RAN = sentence_of([("DH", "AH")], [("D", "AO", "G")], [("R", "AE", "N")], [("HH", "OW", "M")])
PAUSE = " _ _ _ "


def slowly(text: str) -> Hearing:
    """Two frames for every sound, and a blank after it, as in speech."""
    return said(" ".join(f"{label} {label} _" for label in text.split()))


def statuses(text: str) -> list[str]:
    return [word.status for word in words_behind(slowly(text), DOG_RAN, COSTS)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("_ _ _", 0),
        ("DH AH", 0),
        ("DH AH" + PAUSE, 1),
        ("DH AH _ D AO" + PAUSE, 1),  # in the middle of "dog"
        ("DH AH _ D AO G", 1),  # its last sound is not over
        ("DH AH _ D AO G" + PAUSE, 2),
        ("DH AH _ D AO G _ R AE N _ HH OW M" + PAUSE, 4),
    ],
)
def test_a_word_counts_when_the_reader_has_left_it(text: str, read: int) -> None:
    assert statuses(text) == ["correct"] * read


def test_what_follows_a_known_word_is_understood_without_what_came_before_it() -> None:
    whole = slowly("DH AH _ D AO G" + PAUSE + "R AE N _ HH OW M" + PAUSE)
    every = words_behind(whole, DOG_RAN, COSTS)
    rest = Sentence(DOG_RAN.text, DOG_RAN.words[2:])

    assert words_behind(whole, rest, COSTS, after=every[1]) == every[2:]


def test_after_the_last_frame_there_is_nothing_to_find() -> None:
    hearing = slowly("DH AH _ D AO G")
    rest = Sentence(DOG_RAN.text, DOG_RAN.words[2:])

    assert words_behind(hearing, rest, COSTS, after=WordBehind("correct", 99.0)) == ()


def test_a_skipped_word_counts_with_what_follows() -> None:
    assert statuses("DH AH" + PAUSE + "R AE" + PAUSE) == ["correct"]
    assert statuses("DH AH" + PAUSE + "R AE N _ HH OW M" + PAUSE) == ["correct", "omitted", "correct", "correct"]


def test_a_misread_word_counts_with_what_follows_and_is_not_called_wrong() -> None:
    assert statuses("DH AH _ D AO P" + PAUSE) == ["correct"]
    assert statuses("DH AH _ D EH G _ R AE N" + PAUSE) == ["correct"]
    assert statuses("DH AH _ D EH G _ R AE N _ HH OW M" + PAUSE) == ["correct", "unsure", "correct", "correct"]


def test_reading_the_beginning_again_does_not_run_ahead() -> None:
    assert statuses("DH AH _ D AO G" + PAUSE + "DH AH _ D AO G" + PAUSE) == ["correct", "correct"]


def test_a_reading_whose_beginning_is_lost_is_found_where_it_fits() -> None:
    rest = slowly("_ R AE N _ HH OW M" + PAUSE)

    skipped, found = words_behind(rest, DOG_RAN, COSTS), words_behind(rest, DOG_RAN, COSTS, lost=True)

    assert [word.status for word in skipped] == ["omitted", "omitted", "correct", "correct"]
    assert [word.status for word in found] == ["unsure", "unsure", "correct", "correct"]
    moments = [word.last_sound_seconds for word in found]
    assert moments == sorted(moments)


def test_one_word_is_not_enough_to_find_a_lost_reader() -> None:
    assert words_behind(slowly("_ R AE N" + PAUSE), DOG_RAN, COSTS, lost=True) == ()


def test_words_of_another_sentence_do_not_count() -> None:
    assert statuses("M AY _ K AH Z AH N _ S EH D" + PAUSE) == []


def test_the_end_of_the_last_sound_is_known() -> None:
    the, dog = words_behind(slowly("DH AH _ D AO G" + PAUSE), DOG_RAN, COSTS)
    assert the.last_sound_seconds == pytest.approx(4 * 0.024)
    assert dog.last_sound_seconds == pytest.approx(16 * 0.024)


@given(st.lists(st.lists(st.sampled_from("BDKMNST").map(lambda sound: (sound, "AA")), min_size=1), min_size=1))
@examples(20)
def test_whoever_has_read_everything_has_left_every_word(accepted: list[list[Pronunciation]]) -> None:
    heard = hearing(["_", *(label for word in accepted for label in spelled(word[-1])), *["_"] * 8])
    behind = words_behind(heard, sentence_of(*accepted), COSTS)
    assert [word.status for word in behind] == ["correct"] * len(accepted)


@given(sentences, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_both_directions_find_the_same_best_way_to_an_open_end(
    accepted: list[list[Pronunciation]], frames: int, seed: int
) -> None:
    graph = build_graph(sentence_of(*accepted))
    sounds = sound_log_probs(noise_posteriors(frames, seed))

    ways = search(sounds, graph, COSTS, ends=OpenEnds())

    through = np.concatenate([ways.said, ways.replaced, ways.between], axis=1).max(axis=1)
    assert np.all(through <= ways.best + 1e-6)
    assert ways.intact.max() <= ways.best + 1e-6
    assert ways.best >= search(sounds, graph, COSTS).best - 1e-6
    assert ways.best == ways.ends.max()


@given(sentences, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_noise_leaves_words_in_their_places(accepted: list[list[Pronunciation]], frames: int, seed: int) -> None:
    heard = Hearing(noise_posteriors(frames, seed), 0.024, frames * 0.024)
    behind = words_behind(heard, sentence_of(*accepted), COSTS)
    assert len(behind) <= len(accepted)
    assert all(0 <= word.last_sound_seconds <= frames * 0.024 for word in behind)


def test_looking_can_be_stopped() -> None:
    stop = Cancellation()
    stop.request()
    with pytest.raises(Cancelled):
        words_behind(said("DH AH"), DOG_RAN, COSTS, stop)


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5))
@examples(20)
def test_how_long_a_silence_is_changes_when_words_were_read_but_not_which(pauses: list[int]) -> None:
    words = ("DH AH", "D AO G", "R AE N", "HH OW M")
    spoken = [f"{'. ' * pause}{word} _" for pause, word in zip(pauses, words, strict=False)]
    text = " ".join([*spoken, ". " * (7 + pauses[-1])])

    behind = words_behind(slowly(text), DOG_RAN, COSTS)

    assert [word.status for word in behind] == ["correct"] * 4
    frame, expected = 0, []
    for word, pause in zip(words, pauses, strict=False):
        frame += 3 * (pause + len(word.split()) + 1)
        expected.append(frame - 3)  # before the blank after it, in frames
    step = slowly(text).seconds_per_frame or 0.0
    for word, end in zip(behind, expected, strict=True):
        assert abs(word.last_sound_seconds / step - end) <= 3
