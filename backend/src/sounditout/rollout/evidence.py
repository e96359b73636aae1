"""What the guard looks at: what each cohort has lived through since the stage began. Counts, and no persons.

Who counts, and where:

* Only users whom the stage has dealt (`Decision.reason` is `stage`). Who chose a transport, or has had it chosen by
  the kill switch, says something about those who choose: people with a bad network try the other setting.
* Only users of whom the server knows by itself that they read (`persistence.measurers`): what pages say, anybody can
  say, but to read aloud takes somebody.
* By the cohort they were dealt to, whatever carried the reading in the end. A reading that fell back from the
  WebSocket to SSE is one of the WebSocket cohort's ("intention to treat"); otherwise a WebSocket that never opens
  would have no failures at all, and its slow fallbacks would be held against SSE.
* Readings of one person are alike: one bad network can make ten failures, which are less evidence than ten failures
  of ten people. So every count brings along how it is spread over users, as sums of products over users, which is all
  that a cluster-robust variance needs, and from which nobody can be told.

Everything is a sum of what was saved since a moment, so a restart of the server, or another process, changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

LATENCY_BOUNDS_MS: Final = tuple(round(100 * 2 ** (step / 4)) for step in range(33))
"""Where one bin of the histogram ends and the next begins: 100 ms to 25.6 s, four to an octave (19 % apart), which is
less than the difference between two readings of the same user."""
LATENCY_BINS: Final = len(LATENCY_BOUNDS_MS) + 1


def latency_bin(milliseconds: float) -> int:
    """The bin of a latency: the first holds what is below the first bound, the last what is above the last."""
    return bisect_right(LATENCY_BOUNDS_MS, milliseconds)


TRIALS_LIKENESS: Final = 0.02
"""How alike two outcomes of the same user are (intraclass correlation), for whether something fails. Schools have
0.01 to 0.05 in most that is counted there (Donner and Klar, "Design and analysis of cluster randomization trials",
2000). What is more than this is seen, and allowed for (`Tally.design_effect`)."""
LATENCY_LIKENESS: Final = 0.2
"""The same for latencies: a network is slow every day."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was tried and went well, and what that is worth."""

    trials: int = 0
    successes: int = 0
    users: int = 0
    """With at least one trial."""
    worth: float = 0.0
    """In independent trials: n trials of a user are worth n / (1 + (n − 1) · likeness) of them, so that the hundredth
    says less than the first, and nobody more than 1 / likeness others. (The weights of least variance, ibid.)"""
    worth_failed: float = 0.0
    """Of that, the failures' part."""
    worth_squared: float = 0.0
    """The sum over users of their worth squared; the next two likewise."""
    worth_failed_squared: float = 0.0
    worth_by_failed: float = 0.0

    @classmethod
    def of_users(cls, rows: Iterable[tuple[int, int]]) -> Self:
        """From (trials, successes) of each user."""
        return cls.of_table(np.array(list(rows), dtype=float).reshape(-1, 2))

    @classmethod
    def of_table(cls, table: NDArray[np.float64]) -> Self:
        """The same, (users, 2)."""
        trials, successes = table[table[:, 0] > 0].T
        worth = trials / (1 + (trials - 1) * TRIALS_LIKENESS)
        failed = worth * (trials - successes) / trials
        sums = [worth.sum(), failed.sum(), worth @ worth, failed @ failed, worth @ failed]
        return cls(int(trials.sum()), int(successes.sum()), len(trials), *map(float, sums))

    @property
    def failures(self) -> int:
        return self.trials - self.successes

    @property
    def failure_rate(self) -> float:
        """0..1; 0 when nothing was tried."""
        return self.failures / self.trials if self.trials else 0.0

    @property
    def design_effect(self) -> float:
        """By how much the rate varies more than that of as many independent trials as this is worth; 1 while unknown.

        The cluster-robust (sandwich, ratio) variance of a proportion over that of a binomial one: Rao and Scott, "A
        simple method for the analysis of clustered binary data", Biometrics 48 (1992), with the usual G / (G − 1).
        """
        if self.users < 2 or not 0 < self.worth_failed < self.worth:
            return 1.0
        rate = self.worth_failed / self.worth
        squares = self.worth_failed_squared - 2 * rate * self.worth_by_failed + rate**2 * self.worth_squared
        return squares * self.users / (self.users - 1) / (self.worth * rate * (1 - rate))


@dataclass(frozen=True, slots=True)
class Latencies:
    """A histogram over `LATENCY_BINS` bins, and what it is worth."""

    counts: tuple[int, ...] = (0,) * LATENCY_BINS
    users: int = 0
    worth: tuple[float, ...] = (0.0,) * LATENCY_BINS
    """The counts, those of each user divided by 1 + (n − 1) · likeness, as in `Tally.worth`."""
    worth_together: tuple[tuple[float, ...], ...] = ((0.0,) * LATENCY_BINS,) * LATENCY_BINS
    """The sum over users of the products of the worths of any two of their bins."""

    @classmethod
    def of_users(cls, rows: Iterable[Sequence[int]]) -> Self:
        """From the histogram of each user."""
        return cls.of_table(np.array(list(rows), dtype=float).reshape(-1, LATENCY_BINS))

    @classmethod
    def of_table(cls, rows: NDArray[np.float64]) -> Self:
        """The same, (users, LATENCY_BINS)."""
        table = rows[rows.any(axis=1)]
        worth = table / (1 + (table.sum(axis=1, keepdims=True) - 1) * LATENCY_LIKENESS)
        counts = table.sum(axis=0).astype(int).tolist()
        together = tuple(map(tuple, (worth.T @ worth).tolist()))
        return cls(tuple(counts), len(table), tuple(worth.sum(axis=0).tolist()), together)

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def median_ms(self) -> float | None:
        """Of all, evenly spread within a bin; None when there are none."""
        if not self.total:
            return None
        edges = np.array([LATENCY_BOUNDS_MS[0] / 2, *LATENCY_BOUNDS_MS, LATENCY_BOUNDS_MS[-1] * 2], dtype=float)
        below = np.concatenate([[0], np.cumsum(self.counts)])
        return float(np.interp(self.total / 2, below, edges))

    def shares(self) -> NDArray[np.float64]:
        """Of each bin, by worth: (LATENCY_BINS,), which sum to one; all zero when there are none."""
        return np.array(self.worth) / (sum(self.worth) or 1.0)

    def variance_of_mean(self, scores: NDArray[np.float64]) -> float:
        """Cluster-robust variance of the mean, by worth, of a score that is given by bin: (LATENCY_BINS,)."""
        if self.users < 2:
            return float("inf")
        off = scores - self.shares() @ scores
        squares = float(off @ np.array(self.worth_together) @ off)
        return squares / sum(self.worth) ** 2 * self.users / (self.users - 1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """What users who were dealt to one transport have lived through."""

    readings: Tally = field(default_factory=Tally)
    """Success: it ended in `complete`, or in an error that is the reader's to mend (nothing could be heard). Failure:
    an error that is the service's fault, or no end that arrived."""
    later_requests: Tally = field(default_factory=Tally)
    """The second and later requests of a connection, or of a page over SSE. Success: first event within 500 ms."""
    connections: Tally = field(default_factory=Tally)
    """Sessions that were to have a WebSocket. Success: one connection stayed open until the page left. Having to fall
    back is a failure; so is a connection that was replaced by a new one. Nothing for SSE."""
    latencies: Latencies = field(default_factory=Latencies)
    """End of recording to first coloured words, time with a hidden page left out."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both cohorts since `RolloutState.since`."""

    ws: Cohort
    sse: Cohort
    """At the last stage nobody is dealt to SSE any more: here is then what its cohort did at the stages before, which
    `sse_is_past` says."""
    until: datetime
    """When it was counted."""
    sse_is_past: bool = False
