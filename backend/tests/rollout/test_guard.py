"""What the guard says: to go on, to stop, to wait, and why, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.rollout.evidence import LATENCY_BINS, Cohort, Evidence, Latencies, Tally, latency_bin
from sounditout.rollout.guard import judge_rollout
from sounditout.rollout.rules import METRIC_SHARES, STAGE_SHARES, Rules
from sounditout.rollout.stages import PERCENTAGES, RolloutState

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY_ITSELF = Rules(advance_by_itself=True)


def at(percentage: int, *, held: bool = False) -> RolloutState:
    return RolloutState(percentage, held, NOON, 1)


def tally(trials: int, failures: int, users: int) -> Tally:
    """Everybody tries and fails about as often."""
    share = [(trials * (user + 1) // users) - (trials * user // users) for user in range(users)]
    failed = [(failures * (user + 1) // users) - (failures * user // users) for user in range(users)]
    return Tally.of_users((n, n - k) for n, k in zip(share, failed, strict=True))


def latencies(milliseconds: float, users: int, each: int = 20) -> Latencies:
    """Everybody's readings from 60 % to 170 % of it; some people's are all a little slower than others'."""
    rows = []
    for user in range(users):
        row = [0] * LATENCY_BINS
        for reading in range(each):
            row[latency_bin(milliseconds * (0.6 + reading / each) * (1 + 0.1 * (user % 3)))] += 1
        rows.append(row)
    return Latencies.of_users(rows)


def cohort(users: int, failures: int = 10, late: int = 10, broken: int = 5, ms: float = 1000) -> Cohort:
    """Sixty readings of everybody, in ten sessions."""
    return Cohort(
        tally(60 * users, failures, users),
        tally(50 * users, late, users),
        tally(10 * users, broken, users),
        latencies(ms, users),
    )


SSE = replace(cohort(360, failures=120, ms=1250), connections=Tally())
GOOD = Evidence(cohort(40), SSE, NOON + timedelta(days=4))


def test_everything_good_for_long_enough_goes_on() -> None:
    verdict = judge_rollout(at(10), GOOD, BY_ITSELF)
    assert verdict.action == "advance"
    assert {metric.verdict for metric in verdict.metrics} == {"better"}
    seen = "10 of 2,400 readings over WebSocket failed, 120 of 21,600 over SSE"
    assert verdict.reason == f"All four metrics are good, and no accident: {seen}."


def test_it_advances_only_when_it_was_allowed_to() -> None:
    verdict = judge_rollout(at(10), GOOD, Rules())
    assert verdict.action == "wait"
    assert verdict.advice == "advance"


FAULTS = {
    "failures": replace(cohort(40), readings=tally(2400, 120, 40)),
    "slow words": replace(cohort(40), latencies=latencies(2500, 40)),
    "late first events": replace(cohort(40), later_requests=tally(2000, 500, 40)),
    "broken connections": replace(cohort(40), connections=tally(400, 100, 40)),
}


@pytest.mark.parametrize(
    ("fault", "action", "reason"),
    [
        ("failures", "rollback", "120 of 2,400 readings over WebSocket failed, 120 of 21,600 over SSE"),
        (
            "slow words",
            "rollback",
            "Half of the readings had their first words after 2.9 s over WebSocket, 1.5 s over SSE",
        ),
        (
            "late first events",
            "hold",
            "500 of 2,000 later requests over WebSocket waited 500 ms or longer for their first event, and 5 % may",
        ),
        ("broken connections", "hold", "100 of 400 sessions lost their WebSocket connection, and 5 % may"),
    ],
)
@pytest.mark.parametrize("percentage", [10, 50])
def test_each_fault_stops_it_with_its_reason(fault: str, action: str, reason: str, percentage: int) -> None:
    verdict = judge_rollout(at(percentage), replace(GOOD, ws=FAULTS[fault]), BY_ITSELF)
    assert verdict.action == action
    assert verdict.reason == f"{reason}; that is worse than chance explains."


def test_it_does_not_stop_when_it_was_forbidden_to() -> None:
    verdict = judge_rollout(at(10), replace(GOOD, ws=FAULTS["failures"]), Rules(stop_by_itself=False))
    assert (verdict.action, verdict.advice) == ("wait", "rollback")


def test_a_held_rollout_can_still_be_rolled_back_and_is_not_held_again() -> None:
    held = at(10, held=True)
    assert judge_rollout(held, replace(GOOD, ws=FAULTS["failures"]), BY_ITSELF).action == "rollback"
    assert judge_rollout(held, replace(GOOD, ws=FAULTS["broken connections"]), BY_ITSELF).action == "wait"
    assert judge_rollout(held, GOOD, BY_ITSELF).reason == "The rollout is held at 10 % until somebody resumes it."


def test_nothing_is_said_of_nobody() -> None:
    nothing = Evidence(Cohort(), Cohort(), NOON)
    for percentage in PERCENTAGES:
        verdict = judge_rollout(at(percentage), nothing, BY_ITSELF)
        assert verdict.action == "wait"
        assert {metric.verdict for metric in verdict.metrics} == {"undecided"}
    assert judge_rollout(RolloutState(), nothing, BY_ITSELF).reason == "Nobody is moved to the WebSocket."


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (replace(GOOD, ws=cohort(12)), "12 people have read over WebSocket; it takes 20"),
        (replace(GOOD, ws=replace(cohort(40), readings=tally(200, 1, 40))), "200 readings have come over WebSocket"),
        (replace(GOOD, until=NOON + timedelta(days=1)), "The stage has not lasted 2 days yet."),
        (replace(GOOD, ws=replace(cohort(40), readings=tally(2400, 40, 40))), "that may still be chance"),
    ],
)
def test_it_waits_and_says_what_is_lacking(evidence: Evidence, reason: str) -> None:
    verdict = judge_rollout(at(10), evidence, BY_ITSELF)
    assert verdict.action == "wait"
    assert reason in verdict.reason


def test_one_class_with_a_bad_network_does_not_stop_it() -> None:
    few = Tally.of_users([(30, 10)] * 3 + [(60, 60)] * 37)
    assert judge_rollout(at(10), replace(GOOD, ws=replace(cohort(40), readings=few)), BY_ITSELF).action == "wait"


def test_a_later_stage_wants_more_certainty() -> None:
    """What may pass the stage of 10 %, where few readings tell little apart, does not pass that of 50 %."""
    evidence = replace(GOOD, ws=replace(cohort(200), readings=tally(12_000, 160, 200)))
    assert judge_rollout(at(10), evidence, BY_ITSELF).action == "advance"
    assert judge_rollout(at(50), evidence, BY_ITSELF).action == "wait"


def last_stage(ws: Cohort, *, days: float) -> Evidence:
    return Evidence(ws, SSE, NOON + timedelta(days=days), sse_is_past=True)


def test_at_the_last_stage_it_compares_with_what_sse_did_before() -> None:
    bad = replace(cohort(400), readings=tally(24_000, 1400, 400))
    verdict = judge_rollout(at(100), last_stage(bad, days=3), BY_ITSELF)
    assert verdict.action == "rollback"
    assert verdict.reason.startswith(
        "1,400 of 24,000 readings over WebSocket failed, 120 of 21,600 over SSE at the stages before;"
    )


def test_at_the_last_stage_a_bad_hour_is_not_yet_a_fault() -> None:
    bad_hour = replace(cohort(400), readings=tally(2000, 200, 400))
    assert judge_rollout(at(100), last_stage(bad_hour, days=0.1), BY_ITSELF).action == "wait"
    assert "Everybody has the WebSocket" in judge_rollout(at(100), last_stage(cohort(400), days=9), BY_ITSELF).reason


def test_at_the_last_stage_its_own_targets_count_from_the_beginning() -> None:
    broken = replace(cohort(400), connections=tally(400, 100, 400))
    assert judge_rollout(at(100), last_stage(broken, days=0.1), BY_ITSELF).action == "hold"


def test_the_metrics_are_those_of_the_plan() -> None:
    metrics = {metric.name: metric for metric in judge_rollout(at(10), GOOD, BY_ITSELF).metrics}
    assert list(metrics) == ["error_rate", "first_event", "connections", "latency"]
    assert metrics["error_rate"].estimate == pytest.approx(10 / 2400)
    assert metrics["error_rate"].target == pytest.approx(120 / 21_600)
    assert metrics["first_event"].target == metrics["connections"].target == 0.95
    for metric in metrics.values():
        assert metric.estimate is not None
        assert metric.interval[0] <= metric.estimate <= metric.interval[1]


def test_the_budget_of_mistakes_is_spent_once() -> None:
    spent = sum(Rules().stop_alpha(metric, stage) for metric in METRIC_SHARES for stage in STAGE_SHARES)
    assert spent == pytest.approx(Rules().stop_mistakes)
    assert set(STAGE_SHARES) == set(PERCENTAGES) - {0}


ROWS = st.lists(st.integers(0, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=20)
TALLIES = ROWS.map(Tally.of_users)
ANY_COHORT = st.builds(Cohort, TALLIES, TALLIES, TALLIES, st.integers(0, 30).map(lambda n: latencies(900, n)))


@given(ANY_COHORT, ANY_COHORT, st.sampled_from(PERCENTAGES), st.booleans(), st.booleans())
def test_it_has_an_answer_for_any_counts(ws: Cohort, sse: Cohort, percentage: int, held: bool, past: bool) -> None:
    evidence = Evidence(ws, sse, NOON + timedelta(days=5), sse_is_past=past)
    verdict = judge_rollout(at(percentage, held=held), evidence, BY_ITSELF)
    assert verdict.reason.endswith(".")
    assert not (held and verdict.action in {"advance", "hold"})
    assert percentage > 0 or verdict.action == "wait"
    assert all(0 <= metric.interval[0] <= metric.interval[1] <= 1 for metric in verdict.metrics)
    assert judge_rollout(at(percentage, held=held), evidence, BY_ITSELF) == verdict
