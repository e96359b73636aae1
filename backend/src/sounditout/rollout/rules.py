"""The guard's numbers, each with its reason. `bench/rollout.py` proves them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

MetricName = Literal["error_rate", "first_event", "connections", "latency"]

METRIC_SHARES: Final[Mapping[MetricName, float]] = {
    "error_rate": 0.5,
    "first_event": 0.15,
    "connections": 0.15,
    "latency": 0.2,
}
"""How the probability of stopping a good build is split over the metrics: failures are rare, so they need most of it
to be found soon, and they matter most."""
STAGE_SHARES: Final[Mapping[int, float]] = {10: 0.5, 50: 0.25, 100: 0.25}
"""How it is split over the stages: most bad builds should be found at the first. They sum to one, as do the others
(weighted Bonferroni)."""
FIRST_STAGES: Final = frozenset({0, 10})


@dataclass(frozen=True, slots=True)
class Minimums:
    """Below this nothing is said, however clear it looks."""

    users: int
    """Of the WebSocket cohort, with at least one trial."""
    trials: int
    """Of a metric, in the WebSocket cohort."""
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the guard may do, how sure it must be, and what counts as no worse."""

    advance_by_itself: bool = False
    stop_by_itself: bool = True
    stop_mistakes: float = 0.05
    """The probability that a good build is stopped at all, in a rollout from beginning to end. See `stop_alpha`."""
    advance_mistakes: float = 0.01
    """The probability that a stage ends by an advance of a build that is worse than a margin. Nothing is split: all
    metrics have to be good, so a bad build must deceive the one in which it is bad (intersection-union test: Berger,
    "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982)."""
    error_margin: float = 0.01
    """By less than this the rate of failures over WebSocket may exceed that over SSE: of a hundred readings one more.
    No number of readings shows that two rates are the same. To stop, more than this must have been seen."""
    first_error_margin: float = 0.02
    """The same to pass the stage of 10 %: it is what thirty of three hundred users can show within days. The stage of
    50 % then wants the smaller one."""
    late: float = 0.05
    """Of later requests so many may have their first event after 500 ms: the plan's target, for the 95th
    percentile."""
    broken: float = 0.05
    """Of sessions so many may lose their connection: the plan's target is more than 95 % that stay open."""
    share_margin: float = 0.02
    """So much above these two a rate may be, to pass: networks have bad days."""
    latency_margin: float = 0.05
    """A reading over WebSocket must be the quicker one of two in more than 45 of 100 pairs. Just 45 is about 6 %
    slower, which is less than anybody feels; the plan wants it quicker."""
    to_stop: Minimums = field(default=Minimums(users=8, trials=60))
    """One class with a bad access point is no reason to stop."""
    to_advance: Minimums = field(default=Minimums(users=20, trials=300, days=2.0))
    """Not on one school day's evidence: networks have their hours. A site with fewer users is advanced by a
    person."""
    past_days: float = 2.0
    """At the last stage there is no SSE cohort, and WebSocket is compared with what SSE did before. A bad hour of the
    server would look like a fault of the WebSocket, so it is not compared earlier than this, and only what is surely
    worse by more than `first_error_margin` counts. Until then there are the targets of the WebSocket's own, and the
    alerts."""

    def stop_alpha(self, metric: MetricName, percentage: int) -> float:
        """The part of `stop_mistakes` that one metric has at one stage."""
        return self.stop_mistakes * METRIC_SHARES[metric] * STAGE_SHARES.get(percentage, min(STAGE_SHARES.values()))

    def error_margin_at(self, percentage: int) -> float:
        """Within which the rate of failures must be to pass a stage."""
        return self.first_error_margin if percentage in FIRST_STAGES else self.error_margin
