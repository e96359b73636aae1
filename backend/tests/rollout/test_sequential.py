"""Tests that may be looked at at any time: how often they err, and that they agree with what is known of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sounditout.rollout.sequential import (
    Count,
    log_e_above,
    log_e_below,
    log_e_higher,
    log_e_not_higher,
    normal_radius,
    rate_interval,
)

ALPHA = 0.05
STREAMS, LOOKS = 400, 60


@st.composite
def counts(draw: st.DrawFn) -> Count:
    trials = draw(st.integers(1, 5000))
    return Count(draw(st.integers(0, trials)), trials)


def streams(rate: float, a_look: int) -> NDArray[np.int64]:
    """Failures until each look, in each stream: (STREAMS, LOOKS)."""
    rng = np.random.default_rng(round(rate * 1e6) + a_look)
    return rng.binomial(a_look, rate, (STREAMS, LOOKS)).cumsum(axis=1)


def found(e_values: list[list[float]]) -> int:
    """In how many streams somebody who looks every time ever finds something."""
    return sum(any(e >= -math.log(ALPHA) for e in stream) for stream in e_values)


def test_looking_all_the_time_finds_no_more_than_it_may_in_one_rate() -> None:
    failures = streams(0.05, 20)
    for evidence in (log_e_above, log_e_below):
        e_values = [[evidence(Count(k, 20 * n), 0.05) for n, k in enumerate(row, 1)] for row in failures.tolist()]
        assert found(e_values) <= ALPHA * STREAMS


@pytest.mark.parametrize(("ws", "margin"), [(0.01, 0.0), (0.03, 0.02)])
def test_looking_all_the_time_finds_no_more_than_it_may_between_two_rates(ws: float, margin: float) -> None:
    """On the edge of the hypothesis, from either side, with a cohort nine times as large as the other."""
    pairs = [
        list(zip(*rows, strict=True))
        for rows in zip(streams(ws, 20).tolist(), streams(0.01, 180).tolist(), strict=True)
    ]
    for evidence in (log_e_higher, log_e_not_higher):
        e_values = [
            [evidence(Count(k, 20 * n), Count(j, 180 * n), margin) for n, (k, j) in enumerate(row, 1)]
            for row in pairs
        ]
        assert found(e_values) <= ALPHA * STREAMS


def test_what_is_there_is_found_soon() -> None:
    """5 % beside 1 %: in most streams within 600 readings, with an error of 1 in 80."""
    pairs = zip(streams(0.05, 600)[:, 0].tolist(), streams(0.01, 5400)[:, 0].tolist(), strict=True)
    seen = sum(log_e_higher(Count(k, 600), Count(j, 5400)) >= math.log(80) for k, j in pairs)
    assert seen > 0.9 * STREAMS


@given(counts(), counts(), st.floats(0.0, 0.5))
def test_nobody_can_be_sure_of_opposites(one: Count, other: Count, margin: float) -> None:
    """What was seen fits one of the two hypotheses, against which nothing speaks then."""
    assert min(log_e_higher(one, other, margin), log_e_not_higher(one, other, margin)) <= 0


@given(counts(), counts(), st.floats(0.001, 0.4))
def test_a_wider_margin_never_makes_it_harder_to_be_no_worse(one: Count, other: Count, margin: float) -> None:
    assert log_e_not_higher(one, other, margin) <= log_e_not_higher(one, other, margin + 0.1) + 1e-6
    assert log_e_higher(one, other, margin) >= log_e_higher(one, other, margin + 0.1) - 1e-6


@given(counts(), counts(), st.floats(0.01, 0.5))
def test_the_likeliest_rates_that_are_allowed_are_as_likely_as_any_on_a_grid(
    one: Count, other: Count, margin: float
) -> None:
    """Only then is the e-value one: a smaller likelihood below the line would make it too large."""
    if one.rate - other.rate <= margin:
        return
    grid = np.linspace(1e-9, 1 - margin - 1e-9, 400)
    likelihood = (
        one.failures * np.log(grid + margin)
        + (one.trials - one.failures) * np.log1p(-grid - margin)
        + other.failures * np.log(grid)
        + (other.trials - other.failures) * np.log1p(-grid)
    )
    free = log_e_higher(one, other, 0.999999)  # such a margin allows any two rates
    most = _likelihood(one) + _likelihood(other)
    assert log_e_higher(one, other, margin) <= free + most - likelihood.max() + 1e-6


def _likelihood(count: Count) -> float:
    failed, went_well = count.failures, count.trials - count.failures
    return sum(n * math.log(n / count.trials) for n in (failed, went_well) if n)


@given(counts())
def test_an_interval_holds_what_was_seen_and_narrows_with_less_caution(count: Count) -> None:
    low, high = rate_interval(count, 0.01)
    inner_low, inner_high = rate_interval(count, 0.2)
    assert 0 <= low <= inner_low <= count.rate <= inner_high <= high <= 1


def test_an_interval_ends_where_a_test_begins_to_refute() -> None:
    count = Count(30, 300)
    low, high = rate_interval(count, ALPHA)
    assert log_e_above(count, low) == pytest.approx(-math.log(ALPHA), abs=1e-6)
    assert high > 0.1 > low


def test_no_reading_says_nothing() -> None:
    nothing = Count(0, 0)
    assert rate_interval(nothing, ALPHA) == (0, 1)
    assert log_e_above(nothing, 0.05) == log_e_below(nothing, 0.05) == 0
    assert log_e_higher(nothing, nothing) == log_e_not_higher(nothing, nothing, 0.02) == 0
    assert normal_radius(math.inf, ALPHA, 0.01) == math.inf


def test_a_mean_stays_within_its_radius_at_all_looks() -> None:
    rng = np.random.default_rng(5)
    readings = np.arange(1, 1001)
    means = rng.normal(0, 1, (STREAMS, 1000)).cumsum(axis=1) / readings
    radii = np.array([normal_radius(1 / n, ALPHA, 1 / 200) for n in readings.tolist()])
    assert (np.abs(means) > radii).any(axis=1).sum() <= ALPHA * STREAMS
    assert radii[199] < 3.3 / math.sqrt(200)  # a single look would need 1.96 standard errors


@given(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0))
def test_more_information_never_widens_the_radius(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert normal_radius(less, ALPHA, 0.01) <= normal_radius(more, ALPHA, 0.01)
