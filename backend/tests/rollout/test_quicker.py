"""Which of two cohorts is quicker: ranks from histograms, with users who are alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sounditout.rollout.evidence import LATENCY_BINS, Latencies
from sounditout.rollout.metrics import chance_of_quicker

HISTOGRAMS = st.lists(
    st.lists(st.integers(0, 3), min_size=LATENCY_BINS, max_size=LATENCY_BINS).filter(any), min_size=2, max_size=6
)


def one_each(bins: list[int]) -> Latencies:
    """Everybody has read once."""
    return Latencies.of_table(np.eye(LATENCY_BINS)[bins])


@given(
    st.lists(st.integers(0, LATENCY_BINS - 1), min_size=2, max_size=12),
    st.lists(st.integers(0, LATENCY_BINS - 1), min_size=2, max_size=12),
)
def test_the_chance_is_the_share_of_pairs(ours: list[int], theirs: list[int]) -> None:
    pairs = [(a, b) for a in ours for b in theirs]
    share = sum((a < b) + (a == b) / 2 for a, b in pairs) / len(pairs)
    assert chance_of_quicker(one_each(ours), one_each(theirs))[0] == pytest.approx(share)


@given(HISTOGRAMS, HISTOGRAMS)
def test_one_is_as_often_quicker_as_the_other_is_slower(ours: list[list[int]], theirs: list[list[int]]) -> None:
    one, other = Latencies.of_users(ours), Latencies.of_users(theirs)
    forward, backward = chance_of_quicker(one, other), chance_of_quicker(other, one)
    assert forward[0] + backward[0] == pytest.approx(1)
    assert forward[1] == pytest.approx(backward[1])


def cohort(rng: np.random.Generator, users: int) -> Latencies:
    """Some people are always slower than others, and some read ten times as much."""
    habits = rng.normal(16, 2, users)
    readings = rng.integers(3, 30, users)
    bins = [
        np.clip(np.rint(rng.normal(habit, 2, n)), 0, LATENCY_BINS - 1)
        for habit, n in zip(habits, readings, strict=True)
    ]
    return Latencies.of_table(np.array([np.bincount(own.astype(int), minlength=LATENCY_BINS) for own in bins], float))


def test_the_claimed_variance_is_that_of_many_rollouts() -> None:
    rng = np.random.default_rng(6)
    compared = [chance_of_quicker(cohort(rng, 30), cohort(rng, 270)) for _ in range(400)]
    chances: NDArray[np.float64] = np.array(compared)[:, 0]
    claimed = np.array(compared)[:, 1].mean()
    assert chances.mean() == pytest.approx(0.5, abs=0.01)
    assert claimed == pytest.approx(chances.var(), rel=0.25)


def test_nobody_is_surer_than_as_many_independent_readings() -> None:
    """Few users who happen to agree are no proof."""
    quick, slow = one_each([5] * 8), one_each([20] * 200)
    assert chance_of_quicker(quick, slow) == pytest.approx((1.0, 1 / 96 + 1 / 2400))
