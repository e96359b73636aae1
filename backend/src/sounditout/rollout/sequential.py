"""Tests that may be looked at as often as one likes, and stopped whenever one has seen enough.

An ordinary test that is repeated after every reading is sure to find something in the end. These are *anytime-valid*:
each gives an e-value, a number whose mean is at most one, at any moment one may choose to look, as long as the
hypothesis holds. So it ever reaches 1/α with a probability of at most α (Ville 1939; Ramdas, Grünwald, Vovk and
Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38, 2023).

For rates, the e-value is a likelihood ratio: what happened, under a mixture of all rates (Robbins, "Statistical
methods related to the law of the iterated logarithm", 1970), over what happened, under the likeliest rates that the
hypothesis allows (Wasserman, Ramdas and Balakrishnan, "Universal inference", PNAS 117, 2020). For every pair of rates
that the hypothesis allows, mixture over likelihood is a martingale that begins at one, in whatever order the two
cohorts read; the denominator is the largest of these likelihoods, so the e-value is below all of the martingales.
Nothing is asymptotic.

For means whose error is known only by its estimated variance there is the normal mixture (`normal_radius`), which is
asymptotic: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences", Annals of Statistics 52 (2024).

Counts need not be whole: what is clustered comes divided by its design effect (`evidence.Tally.design_effect`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

GOOD: Final = (1.0, 100.0)
"""The mixture over failure rates of what is expected to be good, Beta(1, 100): mean 1 %. Any mixture is valid; one
that looks where rates are found needs fewer readings (Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform,
nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49, 2021, on the beta-binomial mixture)."""
BAD: Final = (1.0, 30.0)
"""Of what may be bad, Beta(1, 30): mean 3 %, most of it below 10 %."""
_STEPS: Final = 40
"""Halvings when a root is looked for: 10⁻¹² of the interval."""


@dataclass(frozen=True, slots=True)
class Count:
    """Failures of trials, which have been made independent (so neither has to be whole)."""

    failures: float
    trials: float

    @property
    def rate(self) -> float:
        return self.failures / self.trials if self.trials else 0.0


def log_e_above(count: Count, rate: float) -> float:
    """Evidence that the failure rate is above `rate`: log of the e-value against "it is at most that"."""
    return _log_mixture(count, BAD) - _log_likelihood(count, min(count.rate, rate))


def log_e_below(count: Count, rate: float) -> float:
    """Evidence that the failure rate is below `rate`: log of the e-value against "it is at least that"."""
    return _log_mixture(count, GOOD) - _log_likelihood(count, max(count.rate, rate))


def log_e_higher(one: Count, other: Count, margin: float = 0.0) -> float:
    """Evidence that `one` fails more often than `other` by more than the margin (a difference of rates, 0 <= margin <
    1)."""
    allowed = one.rate - other.rate <= margin
    mixture = _log_mixture(one, BAD) + _log_mixture(other, GOOD)
    return mixture - _log_likelihood_of_two(one, other, None if allowed else margin)


def log_e_not_higher(one: Count, other: Count, margin: float) -> float:
    """Evidence that `one` fails more often than `other` by less than the margin, or not at all: non-inferiority."""
    allowed = one.rate - other.rate >= margin
    mixture = _log_mixture(one, GOOD) + _log_mixture(other, GOOD)
    return mixture - _log_likelihood_of_two(one, other, None if allowed else margin)


def rate_interval(count: Count, alpha: float) -> tuple[float, float]:
    """All rates that have not been refuted: a confidence sequence, which holds the truth at all looks with 1 − α."""
    bound = _log_mixture(count, BAD) + math.log(alpha)

    def refuted(rate: float) -> bool:
        return _log_likelihood(count, rate) < bound

    lower = _edge(refuted, 0.0, count.rate) if refuted(0.0) else 0.0
    upper = _edge(refuted, 1.0, count.rate) if refuted(1.0) else 1.0
    return lower, upper


def normal_radius(variance: float, alpha: float, tuned_to: float) -> float:
    """Half the width of a confidence sequence for a mean, from the estimated variance of its estimate.

    Robbins' normal mixture in information time, where the information v = 1 / variance: the estimate's error times v
    is like a Brownian motion at time v, also with correlated readings and unequal users (Scharfstein, Tsiatis and
    Robins, "Semiparametric efficiency and its implication on the design and analysis of group-sequential studies",
    JASA 92, 1997), and stays within sqrt((v + w) log((v + w) / (w α²))) for ever with probability 1 − α (Howard et
    al. 2021, section 3.2).

    Args:
        variance: of the estimate, infinite when nothing is known.
        alpha: for both sides together.
        tuned_to: the variance at which it should be tightest.
    """
    if not math.isfinite(variance):
        return math.inf
    information = 1 / max(variance, 1e-12)
    weight = 1 / (tuned_to * (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))))
    total = information + weight
    return math.sqrt(total * math.log(total / (weight * alpha**2))) / information


def _log_likelihood_of_two(one: Count, other: Count, margin: float | None) -> float:
    """The largest of any two rates, or of two that differ by just the margin."""
    low = other.rate if margin is None else _likeliest(one, other, margin)
    high = one.rate if margin is None else low + margin
    return _log_likelihood(one, high) + _log_likelihood(other, low)


def _likeliest(one: Count, other: Count, margin: float) -> float:
    """The rate of `other` at which the likelihood is largest when that of `one` is higher by the margin (concave)."""
    if margin == 0:
        return (one.failures + other.failures) / (one.trials + other.trials)

    def falls(rate: float) -> bool:
        return _slope(one, rate + margin) + _slope(other, rate) < 0

    return _edge(falls, 1 - margin, 0.0)


def _slope(count: Count, rate: float) -> float:
    """The derivative of the log likelihood, 0 < rate < 1."""
    inside = min(max(rate, 1e-15), 1 - 1e-15)
    return count.failures / inside - (count.trials - count.failures) / (1 - inside)


def _edge(is_so: Callable[[float], bool], there: float, elsewhere: float) -> float:
    """Where a condition that is so `there`, and may not be `elsewhere`, ends to be so (with one change between)."""
    for _ in range(_STEPS):
        middle = (there + elsewhere) / 2
        there, elsewhere = (middle, elsewhere) if is_so(middle) else (there, middle)
    return there


def _log_mixture(count: Count, beta: tuple[float, float]) -> float:
    few, many = beta
    return _log_beta(few + count.failures, many + count.trials - count.failures) - _log_beta(few, many)


def _log_likelihood(count: Count, rate: float) -> float:
    failed = _times_log(count.failures, rate)
    return failed + _times_log(count.trials - count.failures, 1 - rate)


def _times_log(times: float, of: float) -> float:
    if times <= 0:
        return 0.0
    return times * math.log(of) if of > 0 else -math.inf


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
