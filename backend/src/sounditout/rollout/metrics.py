"""The plan's four metrics, each judged: what was seen, how sure that is, and a sentence about it. Pure.

| metric | better (enough to advance) | worse (enough to stop) |
|---|---|---|
| error rate | surely less than the margin above SSE's | surely above SSE's, and seen above the margin |
| first event | surely less than 5 % + margin are late | surely more than 5 % are late, and seen above the margin |
| connections | surely less than 5 % + margin break | surely more than 5 % break, and seen above the margin |
| latency | surely quicker in 45 of 100 pairs | surely slower in half of them, and seen below 45 |

"Surely" is an anytime-valid test of `sequential` on counts that were divided by their design effect. That a stop also
wants a difference that matters makes it rarer, and so no less sure: after half a million readings any difference is
sure.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sounditout.rollout import sequential
from sounditout.rollout.evidence import Evidence, Latencies, Tally
from sounditout.rollout.rules import MetricName, Minimums, Rules
from sounditout.rollout.sequential import Count

Finding = Literal["better", "worse", "undecided"]

_TUNED_TO: Final = 0.04**2
"""Variance of the share of quicker readings: a standard error of 0.04 is what thirty users beside 270 come to."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the WebSocket cohort."""

    name: MetricName
    estimate: float | None
    """error_rate: share of readings that failed; first_event: share of later requests answered within 500 ms;
    connections: share that stayed open; latency: share of pairs in which the WebSocket is quicker than SSE. None:
    nothing seen."""
    interval: tuple[float, float]
    """Of the estimate, valid at all looks together."""
    target: float | None
    """error_rate: SSE's, and to be below; the others: to be above. None: not known."""
    n: int
    """Trials in the WebSocket cohort."""
    verdict: Finding
    sentence: str
    """What was counted, for a person; without its end, for which see `because`."""

    @property
    def because(self) -> str:
        """The sentence with its verdict."""
        return f"{self.sentence}{_ENDS[self.verdict]}"


_ENDS: Final[dict[Finding, str]] = {
    "worse": "; that is worse than chance explains.",
    "better": "; that is good enough, and no accident.",
    "undecided": "; that may still be chance.",
}


def judge(evidence: Evidence, rules: Rules, percentage: int, days: float) -> tuple[Metric, ...]:
    """All four, in the plan's order, after so many days of a stage."""
    return (
        _error_rate(evidence, rules, percentage, days),
        _share("first_event", evidence.ws.later_requests, rules, percentage),
        _share("connections", evidence.ws.connections, rules, percentage),
        _latency(evidence, rules, percentage, days),
    )


def _error_rate(evidence: Evidence, rules: Rules, percentage: int, days: float) -> Metric:
    ws, sse = evidence.ws.readings, evidence.sse.readings
    ours, theirs = _independent(ws, sse), _independent(sse)
    alpha = rules.stop_alpha("error_rate", percentage)
    margin = rules.error_margin_at(percentage)
    past = evidence.sse_is_past
    tolerated = rules.first_error_margin if past else rules.error_margin
    higher = sequential.log_e_higher(ours, theirs, tolerated if past else 0.0)
    not_higher = sequential.log_e_not_higher(ours, theirs, margin)
    verdict = _finding(
        worse=higher >= _bar(alpha) and ours.rate > theirs.rate + tolerated,
        better=not_higher >= _bar(rules.advance_mistakes),
        to_stop=_both_enough(ws, sse, rules.to_stop) and (days >= rules.past_days or not past),
        to_advance=_both_enough(ws, sse, rules.to_advance),
    )
    interval = sequential.rate_interval(ours, alpha)
    sentence = f"{_of(ws)} readings over WebSocket failed, {_of(sse)} over SSE"
    return Metric("error_rate", _seen(ws), interval, _seen(sse), ws.trials, verdict, sentence + _past(evidence))


_SHARES: Final = {
    "first_event": "later requests over WebSocket waited 500 ms or longer for their first event",
    "connections": "sessions lost their WebSocket connection",
}


def _share(name: Literal["first_event", "connections"], tally: Tally, rules: Rules, percentage: int) -> Metric:
    """A metric with a target of its own, for which SSE does not matter."""
    count, alpha = _independent(tally), rules.stop_alpha(name, percentage)
    allowed = rules.late if name == "first_event" else rules.broken
    tolerated = allowed + rules.share_margin
    verdict = _finding(
        worse=sequential.log_e_above(count, allowed) >= _bar(alpha) and count.rate > tolerated,
        better=sequential.log_e_below(count, tolerated) >= _bar(rules.advance_mistakes),
        to_stop=_enough(tally, rules.to_stop),
        to_advance=_enough(tally, rules.to_advance),
    )
    low, high = sequential.rate_interval(count, alpha)
    seen = None if not tally.trials else 1 - tally.failure_rate
    sentence = f"{_of(tally)} {_SHARES[name]}, and {allowed:.0%} may".replace("%", " %")
    return Metric(name, seen, (1 - high, 1 - low), 1 - allowed, tally.trials, verdict, sentence)


def _latency(evidence: Evidence, rules: Rules, percentage: int, days: float) -> Metric:
    ws, sse = evidence.ws.latencies, evidence.sse.latencies
    if not (ws.total and sse.total):
        return Metric("latency", None, (0.0, 1.0), 0.5, ws.total, "undecided", "No latencies can be compared yet")
    past = evidence.sse_is_past
    quicker, variance = chance_of_quicker(ws, sse)
    to_stop = sequential.normal_radius(variance, 2 * rules.stop_alpha("latency", percentage), _TUNED_TO)
    to_advance = sequential.normal_radius(variance, 2 * rules.advance_mistakes, _TUNED_TO)
    tolerated = 0.5 - rules.latency_margin
    verdict = _finding(
        worse=quicker + to_stop < (tolerated if past else 0.5) and quicker < tolerated,
        better=quicker - to_advance > tolerated,
        to_stop=_both_enough(ws, sse, rules.to_stop) and (days >= rules.past_days or not past),
        to_advance=_both_enough(ws, sse, rules.to_advance),
    )
    interval = max(quicker - to_stop, 0.0), min(quicker + to_stop, 1.0)
    sentence = (
        f"Half of the readings had their first words after {_seconds(ws)} over WebSocket, {_seconds(sse)} over SSE"
    )
    return Metric("latency", quicker, interval, 0.5, ws.total, verdict, sentence + _past(evidence))


def chance_of_quicker(one: Latencies, other: Latencies) -> tuple[float, float]:
    """The probability that a reading of `one` is quicker than one of `other` (half when both are in the same bin).

    The Mann-Whitney statistic and its variance by placements (DeLong, DeLong and Clarke-Pearson, Biometrics 44,
    1988), with users as clusters (Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics 53,
    1997).

    Returns:
        The probability, 0..1, and the variance of this estimate: never below that of as many independent readings as
        these are worth, which few users would otherwise seem to beat.
    """
    ours, theirs = one.shares(), other.shares()
    slower_others = 1 - np.cumsum(theirs) + theirs / 2
    quicker_ours = np.cumsum(ours) - ours / 2
    clustered = one.variance_of_mean(slower_others) + other.variance_of_mean(quicker_ours)
    independent = sum(1 / (12 * sum(cohort.worth)) for cohort in (one, other))
    return float(ours @ slower_others), max(clustered, independent)


def _independent(tally: Tally, other: Tally | None = None) -> Count:
    """As many failures of as many trials as would say the same if no two were of the same user (Rao and Scott).

    The design effect is the larger of what is seen here and in the other cohort: a few failures cannot show how alike
    they are, and those who are dealt to one cohort are like those in the other.
    """
    effect = max(tally.design_effect, other.design_effect if other else 1.0, 1.0)
    return Count(tally.worth_failed / effect, tally.worth / effect)


def _finding(*, worse: bool, better: bool, to_stop: bool, to_advance: bool) -> Finding:
    if worse and to_stop:
        return "worse"
    return "better" if better and to_advance else "undecided"


def _both_enough(ws: Tally | Latencies, sse: Tally | Latencies, minimums: Minimums) -> bool:
    return _enough(ws, minimums) and _enough(sse, minimums)


def _enough(counted: Tally | Latencies, minimums: Minimums) -> bool:
    trials = counted.trials if isinstance(counted, Tally) else counted.total
    return counted.users >= minimums.users and trials >= minimums.trials


def _bar(alpha: float) -> float:
    """What the logarithm of an e-value must reach."""
    return -math.log(alpha)


def _seen(tally: Tally) -> float | None:
    return tally.failure_rate if tally.trials else None


def _of(tally: Tally) -> str:
    return f"{tally.failures:,} of {tally.trials:,}"


def _seconds(latencies: Latencies) -> str:
    return f"{(latencies.median_ms or 0) / 1000:.1f} s"


def _past(evidence: Evidence) -> str:
    return " at the stages before" if evidence.sse_is_past else ""
