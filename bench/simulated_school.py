"""A school that reads to the program, for the simulated rollouts: people with habits, and builds with faults.

Everybody has their own: how often they sit down, how much they then read, how far away the server is, and how bad
their network. So what one person lives through is alike, and differs from what others do, as it is in life; that a
few people with a bad network can be dealt to one cohort is what makes a rollout hard to judge.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from sounditout.rollout.decide import bucket
from sounditout.rollout.evidence import LATENCY_BINS, LATENCY_BOUNDS_MS, Cohort, Evidence, Latencies, Tally

LOOKS_A_DAY: Final = 6
"""One each hour of a school day."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Who = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Build:
    """What is different over the WebSocket, from what each user has over SSE."""

    name: str
    failures: float = 0.0
    """Added to the share of readings that fail."""
    late: float = 0.0
    """Added to the share of later requests whose first event comes after 500 ms."""
    broken: float = 0.0
    """Added to the share of sessions that lose their connection."""
    slower: float = 0.85
    """Factor on the time to the first words: a good build saves the opening of a connection, and sends while one
    speaks."""
    of_users: float = 1.0
    """The share of users whom the faults meet."""
    bad_days: bool = False
    """Now and then the server itself fails every tenth reading, over both transports."""
    good: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """(users,) each."""

    ids: Ints
    place: Floats
    """Where the stages find them, 0..100."""
    sessions: Floats
    """Probability of one, per look."""
    readings: Floats
    """In a session, after the first."""
    failing: Floats
    late: Floats
    breaking: Floats
    log_ms: Floats
    fault: NDArray[np.bool_]

    @classmethod
    def of_a_school(cls, rng: np.random.Generator, users: int, build: Build) -> Self:
        """On average: 13 readings a day, 1 % fail, 1.5 % are late, 2 % of sessions lose their connection."""
        flaky = rng.random(users) < 0.05
        first_id = int(rng.integers(1, 10**9))
        ids = range(first_id, first_id + users)
        return cls(
            ids=np.array(ids),
            place=np.array([bucket(user) for user in ids]),
            sessions=np.minimum(1.6 / LOOKS_A_DAY * np.exp(rng.normal(-0.125, 0.5, users)), 1.0),
            readings=7 * np.exp(rng.normal(-0.125, 0.5, users)),
            failing=_alike(rng, 0.008, users) + 0.04 * flaky,
            late=_alike(rng, 0.01, users) + 0.1 * flaky,
            breaking=_alike(rng, 0.0125, users) + 0.15 * flaky,
            log_ms=np.log(1200) + rng.normal(0, 0.25, users) + 0.4 * flaky,
            fault=rng.random(users) < build.of_users,
        )


def _alike(rng: np.random.Generator, mean: float, users: int) -> Floats:
    """Probabilities of users, most below the mean and a few far above: intraclass correlation 0.01."""
    together = 99.0
    return rng.beta(mean * together, (1 - mean) * together, users)


@dataclass(frozen=True, slots=True)
class Lived:
    """What everybody has lived through since a moment: (users, 2) each, how often and how often in vain."""

    readings: Ints
    later_requests: Ints
    connections: Ints
    latencies: Ints
    """(users, LATENCY_BINS)"""

    @classmethod
    def nothing(cls, users: int) -> Self:
        readings, later_requests, connections = np.zeros((3, users, 2), dtype=np.int64)
        return cls(readings, later_requests, connections, np.zeros((users, LATENCY_BINS), dtype=np.int64))

    def add(self, other: Self, who: Who) -> None:
        """More of some of them."""
        for kept, new in zip(self._all(), other._all(), strict=True):
            kept[who] += new[who]

    def cohort(self, who: Who) -> Cohort:
        """As the guard sees it."""
        return Cohort(
            _tally(self.readings[who]),
            _tally(self.later_requests[who]),
            _tally(self.connections[who]),
            Latencies.of_table(self.latencies[who].astype(float)),
        )

    def _all(self) -> tuple[Ints, ...]:
        return self.readings, self.later_requests, self.connections, self.latencies


class School:
    """One rollout's world: it lives from look to look."""

    def __init__(self, rng: np.random.Generator, users: int, build: Build, began: datetime) -> None:
        self._rng = rng
        self._build = build
        self.people = People.of_a_school(rng, users, build)
        self._users = users
        self._stage, self._over_sse = Lived.nothing(users), Lived.nothing(users)
        self._sse = np.ones(users, dtype=bool)
        self._looks = 0
        self._began = began
        self.ws_readings = 0
        """Of this stage."""
        self.latest = Lived.nothing(users)
        """Since the look before."""

    @property
    def now(self) -> datetime:
        days, looks = divmod(self._looks, LOOKS_A_DAY)
        return self._began + timedelta(days=days, hours=looks)

    def begin_stage(self, percentage: int) -> None:
        """Deal everybody anew, which only adds users to the WebSocket, and count from here."""
        self._sse = self.people.place >= percentage
        self._stage = Lived.nothing(self._users)
        self.ws_readings = 0

    def live(self) -> Evidence:
        """Until the next look."""
        self._looks += 1
        self.latest = lived = self._an_hour()
        self._stage.add(lived, np.ones_like(self._sse))
        self._over_sse.add(lived, self._sse)
        self.ws_readings += int(lived.readings[~self._sse, 0].sum())
        return self._evidence()

    def _evidence(self) -> Evidence:
        past = not self._sse.any()
        sse = self._over_sse.cohort(np.ones_like(self._sse)) if past else self._stage.cohort(self._sse)
        return Evidence(self._stage.cohort(~self._sse), sse, self.now, sse_is_past=past)

    def _an_hour(self) -> Lived:
        rng, people, build = self._rng, self.people, self._build
        fault: Floats = (~self._sse & people.fault).astype(np.float64)
        trouble = 0.1 if build.bad_days and rng.random() < 0.05 else 0.0
        sessions = (rng.random(self._users) < people.sessions).astype(np.int64)
        later = sessions * rng.poisson(people.readings)
        failed = rng.binomial(sessions + later, _or(people.failing, build.failures * fault + trouble))
        late = rng.binomial(later, _or(people.late, build.late * fault + trouble / 2))
        broken = rng.binomial(sessions, _or(people.breaking, build.broken * fault))
        read = np.stack([sessions + later, failed], axis=1)
        latencies = self._latencies(sessions + later - failed, people.log_ms + np.log(build.slower) * fault)
        return Lived(read, np.stack([later, late], axis=1), np.stack([sessions, broken], axis=1), latencies)

    def _latencies(self, readings: Ints, log_ms: Floats) -> Ints:
        """A latency for each reading that did not fail, in its bin: (users, LATENCY_BINS)."""
        whose = np.repeat(np.arange(self._users), readings)
        ms = np.exp(log_ms[whose] + self._rng.normal(0, 0.35, len(whose)))
        counts = np.zeros((self._users, LATENCY_BINS), dtype=np.int64)
        np.add.at(counts, (whose, np.searchsorted(LATENCY_BOUNDS_MS, ms, side="right")), 1)
        return counts


def _or(one: Floats, other: Floats) -> Floats:
    """The probability of either."""
    return 1 - (1 - one) * (1 - other)


def _tally(table: Ints) -> Tally:
    trials, failures = table.T
    return Tally.of_table(np.column_stack([trials, trials - failures]).astype(float))
