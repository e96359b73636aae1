"""May the rollout go on, must it stop, or does it have to wait? Pure: the same counts get the same answer.

* Worse than SSE (failures, latency): roll back. Readers are better off with what they had.
* A target of the WebSocket's own missed (first event, connections): hold. Nobody loses a reading by it, SSE may be no
  better, and a person has to look.
* Everything surely good, for long enough: advance.
* Else wait. Not to know is no reason to go on, and none to stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sounditout.rollout.evidence import Evidence
from sounditout.rollout.metrics import Metric, judge
from sounditout.rollout.rules import MetricName, Minimums, Rules
from sounditout.rollout.stages import PERCENTAGES, RolloutState

GuardAction = Literal["wait", "advance", "hold", "rollback"]

_AGAINST_SSE: frozenset[MetricName] = frozenset({"error_rate", "latency"})


@dataclass(frozen=True, slots=True)
class Verdict:
    action: GuardAction
    """What is to be done now, without asking."""
    reason: str
    """For a person, without statistics."""
    metrics: tuple[Metric, ...]
    advice: GuardAction
    """What the guard would do if it may do everything by itself: what a person is shown."""
    evidence: Evidence
    """What it has judged."""


def judge_rollout(state: RolloutState, evidence: Evidence, rules: Rules) -> Verdict:
    """Judge a stage by what was seen since it began. At stage 0 there is nothing to judge, and it waits."""
    metrics = judge(evidence, rules, state.percentage, _days(state, evidence))
    advice, reason = _advise(state, evidence, rules, metrics)
    return Verdict(advice if _may(advice, rules) else "wait", reason, metrics, advice, evidence)


def _may(advice: GuardAction, rules: Rules) -> bool:
    return rules.advance_by_itself if advice == "advance" else rules.stop_by_itself


def _advise(
    state: RolloutState, evidence: Evidence, rules: Rules, metrics: Sequence[Metric]
) -> tuple[GuardAction, str]:
    if state.percentage == 0:
        return "wait", "Nobody is moved to the WebSocket."
    worse = [metric for metric in metrics if metric.verdict == "worse"]
    if worse:
        return _stop(state, worse)
    if state.held:
        return "wait", f"The rollout is held at {state.percentage} % until somebody resumes it."
    if state.percentage == PERCENTAGES[-1]:
        return "wait", "Everybody has the WebSocket, and nothing shows that it is worse."
    return _go_on(state, evidence, rules, metrics)


def _stop(state: RolloutState, worse: Sequence[Metric]) -> tuple[GuardAction, str]:
    against = next((metric for metric in worse if metric.name in _AGAINST_SSE), None)
    if against:
        return "rollback", against.because
    return "wait" if state.held else "hold", worse[0].because


def _go_on(
    state: RolloutState, evidence: Evidence, rules: Rules, metrics: Sequence[Metric]
) -> tuple[GuardAction, str]:
    lacking = _lacking(state, evidence, rules.to_advance)
    if lacking:
        return "wait", lacking
    open_question = next((metric for metric in metrics if metric.verdict != "better"), None)
    if open_question:
        return "wait", open_question.because
    return "advance", f"All four metrics are good, and no accident: {metrics[0].sentence}."


def _lacking(state: RolloutState, evidence: Evidence, least: Minimums) -> str | None:
    """What there is not enough of to advance, in a sentence."""
    readings = evidence.ws.readings
    if readings.users < least.users:
        return f"{readings.users} people have read over WebSocket; it takes {least.users} to say anything of all."
    if readings.trials < least.trials:
        return f"{readings.trials} readings have come over WebSocket; it takes {least.trials} to say anything of all."
    if _days(state, evidence) < least.days:
        return f"The stage has not lasted {least.days:g} days yet."
    return None


def _days(state: RolloutState, evidence: Evidence) -> float:
    """Of the stage, when this was counted."""
    return (evidence.until - state.since) / timedelta(days=1) if state.since else 0.0
