"""Counts of cohorts: what they are worth when some people make many of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.rollout.evidence import (
    LATENCY_BINS,
    LATENCY_BOUNDS_MS,
    TRIALS_LIKENESS,
    Latencies,
    Tally,
    latency_bin,
)

ROWS = st.lists(st.integers(0, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=30)


@given(ROWS)
def test_a_tally_counts_what_there_is(rows: list[tuple[int, int]]) -> None:
    tally = Tally.of_users(rows)
    assert tally.trials == sum(trials for trials, _ in rows)
    assert tally.successes == sum(successes for _, successes in rows)
    assert tally.failures == tally.trials - tally.successes
    assert tally.users == sum(trials > 0 for trials, _ in rows)
    assert tally.worth <= tally.trials
    assert 0 <= tally.worth_failed <= tally.worth + 1e-9


@given(ROWS)
def test_the_order_of_users_says_nothing(rows: list[tuple[int, int]]) -> None:
    one, other = Tally.of_users(rows), Tally.of_users(reversed(rows))
    assert one.worth == pytest.approx(other.worth)
    assert one.design_effect == pytest.approx(other.design_effect)


def test_one_trial_each_is_worth_itself() -> None:
    tally = Tally.of_users([(1, 1)] * 90 + [(1, 0)] * 10)
    assert tally.worth == 100
    assert tally.design_effect == pytest.approx(1, abs=0.02)


def test_nobody_counts_for_more_than_a_few() -> None:
    assert Tally.of_users([(1_000_000, 1_000_000)]).worth == pytest.approx(1 / TRIALS_LIKENESS, rel=1e-3)


def test_failures_of_one_are_less_evidence_than_failures_of_many() -> None:
    spread = Tally.of_users([(10, 9)] * 10 + [(10, 10)] * 10)
    heaped = Tally.of_users([(10, 0)] + [(10, 10)] * 19)
    assert spread.failure_rate == heaped.failure_rate == 0.05
    assert spread.design_effect < 1 < 5 < heaped.design_effect


def test_the_design_effect_is_the_ratio_of_variances() -> None:
    """Of 4,000 made-up cohorts of 40 users, whose own rates vary with an intraclass correlation of 0.1."""
    rng = np.random.default_rng(8)
    rates = rng.beta(0.9, 8.1, (4000, 40))
    failed = rng.binomial(30, rates)
    tallies = [Tally.of_users((30, 30 - k) for k in row) for row in failed.tolist()]
    worth = tallies[0].worth
    seen = np.var([tally.worth_failed / tally.worth for tally in tallies])
    claimed = np.mean([tally.design_effect for tally in tallies]) * 0.1 * 0.9 / worth
    assert claimed == pytest.approx(seen, rel=0.1)


@given(st.floats(0, 1e6))
def test_a_latency_lies_within_the_bounds_of_its_bin(milliseconds: float) -> None:
    edges = [0.0, *LATENCY_BOUNDS_MS, float("inf")]
    here = latency_bin(milliseconds)
    assert edges[here] <= milliseconds < edges[here + 1]


def histogram(*milliseconds: float) -> list[int]:
    bins = [latency_bin(ms) for ms in milliseconds]
    return [bins.count(number) for number in range(LATENCY_BINS)]


def test_a_median_comes_from_the_bins() -> None:
    latencies = Latencies.of_users([histogram(800, 900, 1000), histogram(1100, 5000)])
    assert latencies.total == 5
    assert latencies.users == 2
    assert latencies.median_ms == pytest.approx(1000, rel=0.2)
    assert Latencies().median_ms is None


def test_users_without_a_reading_are_not_counted() -> None:
    assert Latencies.of_users([[0] * LATENCY_BINS]) == Latencies()
    assert Latencies.of_users([]) == Latencies()
    assert Tally.of_users([(0, 0)]) == Tally()


def test_the_variance_of_a_mean_is_that_between_users() -> None:
    """Ten users who are always quick and ten who are always slow: as uncertain as twenty single readings."""
    slow = np.arange(LATENCY_BINS) > latency_bin(1000)
    latencies = Latencies.of_users([histogram(*[500] * 50)] * 10 + [histogram(*[2000] * 50)] * 10)
    assert latencies.variance_of_mean(slow.astype(float)) == pytest.approx(0.25 / 19)
    assert Latencies.of_users([histogram(500)]).variance_of_mean(slow.astype(float)) == float("inf")
