"""The aligner on posteriors that leave no doubt, and on posteriors that are nothing but doubt."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posteriors import COSTS, hearing, noise_posteriors, said, sentence_of, sentences, spelled
from sounditout.analysis.align import Alignment, align
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import build_graph
from sounditout.analysis.models import Hearing, Pronunciation, Sentence
from sounditout.analysis.phonemes import PHONEMES
from sounditout.analysis.search import search
from sounditout.analysis.sounds import alike, sound_log_probs
from sounditout.errors import Cancelled, Stage


def fates(alignment: Alignment) -> list[str]:
    return [phoneme.fate for word in alignment.words for phoneme in word.phonemes]


CAT_SAT = sentence_of([("DH", "AH")], [("K", "AE", "T")], [("S", "AE", "T")])


@given(sentences)
def test_any_accepted_pronunciation_is_right(accepted: list[list[Pronunciation]]) -> None:
    chosen = [options[-1] for options in accepted]
    heard = hearing(["_", *(label for word in chosen for label in spelled(word))])

    alignment = align(heard, sentence_of(*accepted), COSTS)

    assert set(fates(alignment)) == {"said"}
    assert not alignment.strays
    for word, expected in zip(alignment.words, chosen, strict=True):
        assert all(map(alike, (phoneme.expected for phoneme in word.phonemes), expected))
        assert word.margin < COSTS.substitute


@given(sentences, st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_time_runs_forwards_whatever_was_heard(accepted: list[list[Pronunciation]], frames: int, seed: int) -> None:
    posteriors = noise_posteriors(frames, seed)

    alignment = align(Hearing(posteriors, 0.024, frames * 0.024), sentence_of(*accepted), COSTS)

    phonemes = [phoneme for word in alignment.words for phoneme in word.phonemes]
    assert all(0 <= one.start <= one.end <= frames for one in phonemes)
    peaks = [one.peak for one in phonemes]
    assert peaks == sorted(peaks)
    assert all(one.start <= two.start and one.end <= two.end for one, two in pairwise(phonemes))


@given(sentences, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_both_directions_find_the_same_best_way(accepted: list[list[Pronunciation]], frames: int, seed: int) -> None:
    """At every frame the best way passes through some state: forward and backward scores fit together."""
    graph = build_graph(sentence_of(*accepted))

    ways = search(sound_log_probs(noise_posteriors(frames, seed)), graph, COSTS)

    through = np.concatenate([ways.said, ways.replaced, ways.between], axis=1).max(axis=1)
    assert np.all(through <= ways.best + 1e-6)
    assert ways.intact.max() <= ways.best + 1e-6
    assert ways.skipped.max() <= ways.best + 1e-6


def test_a_replaced_sound_is_named() -> None:
    (_, cat, _) = align(said("DH AH _ K IH T _ S AE T"), CAT_SAT, COSTS).words

    assert [(one.expected, one.fate, one.heard) for one in cat.phonemes] == [
        ("K", "said", "K"),
        ("AE", "replaced", "IH"),
        ("T", "said", "T"),
    ]
    assert cat.margin > COSTS.substitute


def test_an_omitted_sound_is_found() -> None:
    (_, cat, _) = align(said("DH AH _ K AE _ S AE T"), CAT_SAT, COSTS).words

    assert [one.fate for one in cat.phonemes] == ["said", "said", "omitted"]
    assert cat.phonemes[-1].heard is None


def test_an_intruding_sound_is_found() -> None:
    (_, cat, _) = align(said("DH AH _ K L AE T _ S AE T"), CAT_SAT, COSTS).words

    assert [(one.after, one.heard) for one in cat.intruders] == [(0, "L")]


def test_a_skipped_word_is_omitted_and_its_neighbours_are_not() -> None:
    (the, cat, sat) = align(said("DH AH _ _ S AE T"), CAT_SAT, COSTS).words

    assert cat.omitted_fraction == 1.0
    assert the.omitted_fraction == sat.omitted_fraction == 0.0
    assert cat.skip_margin > COSTS.omit


def test_an_added_word_is_a_stray() -> None:
    (stray,) = align(said("DH AH _ B IH G _ K AE T _ S AE T"), CAT_SAT, COSTS).strays

    assert (stray.before_word, stray.phonemes) == (1, ("B", "IH", "G"))


def test_sounds_that_many_readers_merge_are_the_same() -> None:
    alignment = align(said("DH IH _ K AE T _ S AE T"), CAT_SAT, COSTS)

    assert set(fates(alignment)) == {"said"}


def test_a_dropped_r_and_a_tapped_t_are_accents() -> None:
    park, water = [("P", "AA", "R", "K")], [("W", "AO", "T", "ER")]

    alignment = align(said("P AA K _ W AO D ER"), sentence_of(park, water), COSTS)

    assert set(fates(alignment)) == {"said"}


def test_a_reading_that_stops_early_leaves_the_rest_omitted() -> None:
    alignment = align(said("DH AH _ K AE T _ _ _ _ _"), CAT_SAT, COSTS)

    assert [word.omitted_fraction for word in alignment.words] == [0.0, 0.0, 1.0]


def test_fewer_frames_than_sounds_do_no_harm() -> None:
    alignment = align(hearing(["K"]), CAT_SAT, COSTS)

    assert len(alignment.words) == 3


def test_the_search_can_be_stopped() -> None:
    stop = Cancellation()
    stop.request()
    with pytest.raises(Cancelled) as raised:
        align(said("DH AH"), CAT_SAT, COSTS, stop)
    assert raised.value.stage == "scoring"


class Watched(Cancellation):
    """Counts the processor time between two looks."""

    def __init__(self) -> None:
        super().__init__()
        self.longest, self._last = 0.0, time.thread_time()

    def check(self, stage: Stage) -> None:
        super().check(stage)
        self.longest = max(self.longest, time.thread_time() - self._last)
        self._last = time.thread_time()


def test_a_minute_and_the_most_words_are_searched_with_a_look_every_few_milliseconds() -> None:
    rng, watched = np.random.default_rng(0), Watched()
    sentence = sentence_of(*([tuple(rng.choice(PHONEMES, 2).tolist())] for _ in range(150)))

    align(Hearing(noise_posteriors(2500, 0), 0.024, 60.0), sentence, COSTS, watched)

    assert watched.longest < 0.1  # 15 ms on a quiet machine


def test_a_sentence_is_laid_out_once_while_it_is_read() -> None:
    assert build_graph(sentence_of([("K", "AE", "T")])) is build_graph(sentence_of([("K", "AE", "T")]))


def test_five_seconds_and_fifteen_words_take_about_ten_milliseconds() -> None:
    rng = np.random.default_rng(0)
    accepted = [[tuple(rng.choice(PHONEMES, 4).tolist()) for _ in range(1 + i % 2)] for i in range(15)]
    heard = Hearing(noise_posteriors(208, 0), 0.024, 5.0)

    durations = [timed(heard, sentence_of(*accepted)) for _ in range(7)]

    assert min(durations) < 0.05  # 5 ms on a quiet machine; the bound is for a busy one


def timed(heard: Hearing, sentence: Sentence) -> float:
    start = time.thread_time()
    align(heard, sentence, COSTS)
    return time.thread_time() - start
