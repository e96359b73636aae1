"""Does the guard of the rollout find what is bad, and leave alone what is good? Simulated rollouts, seeded.

    uv run --project backend python -m bench.rollout [--rollouts 1000] [--users 300] [--seed N] [--only NAME]
    [--processes 1] [--json FILE]

Each rollout is a school with its people (`bench.simulated_school`) and a build that is good, or bad in one way. It
starts at 10 %, the guard looks every hour of a school day and may do everything by itself: advance, hold, roll back.
After a month at a stage without a decision it is "still waiting", which is for a person to end. A build that is bad
must not be advanced past 10 % more than once in a hundred rollouts; one that is good must not be stopped more than
once in twenty, from the first stage to a fortnight with everybody.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from typing import Final, Literal

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.results import Figure, figure, machine, write_json
from bench.simulated_school import LOOKS_A_DAY, Build, School
from sounditout.rollout.guard import Verdict, judge_rollout
from sounditout.rollout.rules import Rules
from sounditout.rollout.stages import PERCENTAGES, Change, change, state_of

BAD_ADVANCED: Final = 0.01
GOOD_STOPPED: Final = 0.05
BOUND: Final = 1000
"""Readings over WebSocket after which failures of 5 %, beside 1 % over SSE, are rolled back in 95 of 100 rollouts."""
DAYS_AT: Final = {10: 20, 50: 20, 100: 10}
"""School days after which a stage without a decision is given up."""
BEGAN: Final = datetime(2026, 9, 7, 8, tzinfo=UTC)

BUILDS: Final = (
    Build("good", good=True),
    Build("good, no quicker than SSE", slower=1.0, good=True),
    Build("good, server with bad hours", bad_days=True, good=True),
    Build("errors, mild: 3.5 % for 1 %", failures=0.025),
    Build("errors, strong: 5 % for 1 %", failures=0.04),
    Build("errors of every third user: 15 %", failures=0.14, of_users=1 / 3),
    Build("slow first events, mild: 12 %", late=0.105),
    Build("slow first events, strong: 40 %", late=0.39),
    Build("dropped connections, mild: 12 %", broken=0.1),
    Build("dropped connections, strong: 30 %", broken=0.28),
    Build("slower words, mild: by a quarter", slower=1.25),
    Build("slower words, strong: twice", slower=2.0),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one rollout went."""

    advanced: int
    """The furthest percentage."""
    stopped: Literal["hold", "rollback"] | None
    at: int
    """The percentage at which it ended."""
    days: float
    """School days of the stage of 10 % until the guard acted."""
    readings: int
    """Over WebSocket, of this stage until then."""
    reason: str


def one_rollout(build: Build, seed: Sequence[int], users: int, rules: Rules) -> Ended:
    """From the start until it is stopped, or nothing more happens."""
    school = School(np.random.default_rng(seed), users, build, BEGAN)
    history: list[Change] = [change(state_of([]), "start", "bench", "A simulated rollout.", BEGAN)]
    first: tuple[float, int] | None = None
    while True:
        looks, verdict = _one_stage(school, history, rules)
        first = first or (looks / LOOKS_A_DAY, school.ws_readings)
        at = history[-1].percentage
        if verdict.action != "advance":
            stopped = None if verdict.action == "wait" else verdict.action
            return Ended(at, stopped, at, *first, verdict.reason)
        history.append(change(state_of(history), "advance", "guard", verdict.reason, school.now))


def _one_stage(school: School, history: Sequence[Change], rules: Rules) -> tuple[int, Verdict]:
    """Look until the guard acts or the time is over; how many looks it took."""
    state = state_of(history)
    school.begin_stage(state.percentage)
    most = DAYS_AT[state.percentage] * LOOKS_A_DAY
    looks, verdict = 1, judge_rollout(state, school.live(), rules)
    while verdict.action == "wait" and looks < most:
        looks, verdict = looks + 1, judge_rollout(state, school.live(), rules)
    return looks, verdict


@dataclass(frozen=True, slots=True)
class Row:
    """All rollouts of one build."""

    build: Build
    rollouts: int
    advanced: int
    """Past 10 %."""
    everybody: int
    held: int
    rolled_back: int
    waiting: int
    """Still at 10 %."""
    acted_readings: Figure | None
    """Over WebSocket at 10 %, until the guard did what is right: advanced a good build, stopped a bad one."""
    acted_days: Figure | None
    """The same in school days."""
    reason: str
    """What the guard said when it first stopped one."""

    @property
    def proven(self) -> bool:
        """The promise for such a build holds."""
        if self.build.good:
            return self.held + self.rolled_back <= GOOD_STOPPED * self.rollouts
        return self.advanced <= BAD_ADVANCED * self.rollouts


def simulate(build: Build, rollouts: int, users: int, seed: int, each: "Each" = map) -> Row:
    """Many rollouts of one build; the same whichever other builds are simulated, and in whichever processes."""
    one = partial(_one_of_many, build, users, seed)
    ended = track(each(one, range(rollouts)), build.name, rollouts, console=Console(stderr=True), transient=True)
    return summarise(build, list(ended))


Each = Callable[[Callable[[int], Ended], Iterable[int]], Iterable[Ended]]
"""Calls a function with each, in order: `map`, or that of several processes."""


def _one_of_many(build: Build, users: int, seed: int, rollout: int) -> Ended:
    return one_rollout(build, (seed, BUILDS.index(build), rollout), users, Rules(advance_by_itself=True))


@contextmanager
def in_processes(count: int) -> Iterator[Each]:
    """`map` in so many processes."""
    if count == 1:
        yield map
        return
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=5)


def summarise(build: Build, ended: Sequence[Ended]) -> Row:
    """Count."""
    first = PERCENTAGES[1]
    passed = [one for one in ended if one.advanced > first]
    right = passed if build.good else [one for one in ended if one.stopped and one.at == first]
    stops = Counter(one.stopped for one in ended)
    return Row(
        build,
        len(ended),
        len(passed),
        sum(one.advanced == PERCENTAGES[-1] for one in ended),
        stops["hold"],
        stops["rollback"],
        sum(one.stopped is None and one.at == first for one in ended),
        _figure([float(one.readings) for one in right]),
        _figure([one.days for one in right]),
        next((one.reason for one in ended if one.stopped), ""),
    )


def _figure(values: list[float]) -> Figure | None:
    return figure(values) if values else None


def table(rows: Sequence[Row], users: int) -> Table:
    """How each ended, and when."""
    view = Table(
        "build", "past 10 %", "at 100 %", "held", "rolled back", "still at 10 %", "acted after readings", "days", "",
        title=f"{rows[0].rollouts} rollouts of each build in a school of {users}",
    )  # fmt: skip
    for row in rows:
        ends = (row.advanced, row.everybody, row.held, row.rolled_back, row.waiting)
        proof = "proven" if row.proven else "[red]not proven[/red]"
        view.add_row(row.build.name, *map(str, ends), _both(row.acted_readings), _both(row.acted_days), proof)
    return view


def _both(sample: Figure | None) -> str:
    return f"{sample.median:.4g} (p95 {sample.p95:.4g})" if sample else "–"


def main() -> None:
    """Simulate, print and keep; fails when a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollouts", type=int, default=1000, help="of each build")
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", choices=[build.name for build in BUILDS], help="one build")
    parser.add_argument("--json", default="bench/results/rollout.json", help="where to write the figures")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    builds = [build for build in BUILDS if options.only in {None, build.name}]
    with in_processes(options.processes) as each:
        rows = [simulate(build, options.rollouts, options.users, options.seed, each) for build in builds]
    console = Console(width=None if sys.stdout.isatty() else 170)
    console.print(machine())
    console.print(table(rows, options.users))
    for row in rows:
        console.print(f"{row.build.name}: {row.reason}" if row.reason else "", soft_wrap=True)
    write_json(options.json, {"machine": machine(), "users": options.users, "seed": options.seed, "rows": rows})
    sys.exit(not all(row.proven for row in rows))


if __name__ == "__main__":
    main()
