"""What the guard sees of a simulated school is what it would see of a real one with these people, stage by stage."""

from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import pytest
from bench.rollout import BEGAN, BUILDS
from bench.simulated_school import Lived, School

from sounditout.flag import WebSocketFlag
from sounditout.persistence.database import Database
from sounditout.rollout.evidence import Cohort
from sounditout.rollout.experience import Experience
from sounditout.rollout.rules import Rules
from sounditout.rollout.stages import Action

USERS = 40
LOOKS = 3
BUILD = next(build for build in BUILDS if build.name.startswith("errors, strong"))
CHANGES: tuple[Action, ...] = ("start", "advance", "advance")


def experiences(lived: Lived) -> Iterator[Experience]:
    """Of each user, as a page would tell it."""
    counts = np.concatenate([lived.readings, lived.later_requests, lived.connections], axis=1)
    for row, bins in zip(counts.tolist(), lived.latencies.tolist(), strict=True):
        yield Experience(*row, latencies={number: count for number, count in enumerate(bins) if count})


def assert_same(kept: Cohort, simulated: Cohort) -> None:
    for name in ("readings", "later_requests", "connections"):
        assert astuple(getattr(kept, name)) == pytest.approx(astuple(getattr(simulated, name)))
    assert (kept.latencies.counts, kept.latencies.users) == (simulated.latencies.counts, simulated.latencies.users)
    assert np.allclose(kept.latencies.worth, simulated.latencies.worth)
    assert np.allclose(kept.latencies.worth_together, simulated.latencies.worth_together)


async def test_from_the_first_stage_to_the_last(database: Database) -> None:
    school = School(np.random.default_rng(7), USERS, BUILD, BEGAN)
    flag = WebSocketFlag(database, "a key that others do not know", "auto", Rules())
    for action in CHANGES:
        standing = await flag.change(action, "ada", "as planned")
        school.begin_stage(standing.state.percentage)
        for _ in range(LOOKS):
            simulated = school.live()
            for user_id, experience in zip(school.people.ids.tolist(), experiences(school.latest), strict=True):
                if experience != Experience():
                    await flag.note(user_id, None, standing.stage, experience)
        kept = await flag.evidence(standing)
        assert kept.ws.readings.users > 0
        assert kept.sse.readings.users > 0
        assert kept.sse_is_past == simulated.sse_is_past == (standing.state.percentage == 100)
        assert_same(kept.ws, simulated.ws)
        assert_same(kept.sse, simulated.sse)
