"""The guard with simulated schools: a small version of `python -m bench.rollout`, which tries a thousand of each."""

import numpy as np
import pytest
from bench.rollout import BEGAN, BOUND, BUILDS, one_rollout, simulate
from bench.simulated_school import Build, School

from sounditout.rollout.rules import Rules

BUILD = {build.name: build for build in BUILDS}
GOOD = [build for build in BUILDS if build.good]
BAD = [build for build in BUILDS if not build.good]


@pytest.mark.parametrize("build", GOOD, ids=lambda build: build.name)
def test_a_good_build_is_left_alone(build: Build) -> None:
    row = simulate(build, rollouts=3, users=300, seed=1)
    assert row.held == row.rolled_back == 0


@pytest.mark.parametrize("build", BAD, ids=lambda build: build.name)
def test_a_bad_build_never_passes_the_first_stage(build: Build) -> None:
    row = simulate(build, rollouts=10, users=300, seed=1)
    assert row.advanced == 0
    assert row.held + row.rolled_back >= 7


def test_five_failures_in_a_hundred_are_rolled_back_within_the_stated_bound() -> None:
    row = simulate(BUILD["errors, strong: 5 % for 1 %"], rollouts=60, users=300, seed=1)
    assert row.rolled_back == 60
    assert row.acted_readings is not None
    assert row.acted_readings.p95 <= BOUND


def test_a_good_build_comes_to_everybody_in_a_larger_school() -> None:
    ended = one_rollout(BUILD["good"], (3,), 1000, Rules(advance_by_itself=True))
    assert (ended.advanced, ended.stopped) == (100, None)


def test_the_same_seed_is_the_same_school() -> None:
    rules = Rules(advance_by_itself=True)
    build = BUILD["slower words, strong: twice"]
    assert one_rollout(build, (1, 2), 300, rules) == one_rollout(build, (1, 2), 300, rules)


def test_people_of_a_simulated_school_fail_as_often_as_it_says() -> None:
    school = School(np.random.default_rng(4), 2000, BUILD["errors, strong: 5 % for 1 %"], BEGAN)
    school.begin_stage(50)
    for _ in range(30):
        evidence = school.live()
    assert evidence.sse.readings.failure_rate == pytest.approx(0.01, abs=0.003)
    assert evidence.ws.readings.failure_rate == pytest.approx(0.05, abs=0.004)
    assert evidence.ws.readings.users == pytest.approx(1000, abs=100)
