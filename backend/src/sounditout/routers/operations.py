"""How the rollout goes, and leading it: for those who look after the server."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import APIRouter, FastAPI, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sounditout.accounts.throttle import Pace
from sounditout.dependencies import CurrentAdmin, ServicesDependency
from sounditout.flag import Standing
from sounditout.messages import Text
from sounditout.persistence.rollouts import MAX_REASON_CHARACTERS
from sounditout.rollout.decide import Switch
from sounditout.rollout.evidence import Cohort, Evidence
from sounditout.rollout.guard import GuardAction, Verdict
from sounditout.rollout.metrics import Finding, Metric
from sounditout.rollout.rules import MetricName, Minimums
from sounditout.rollout.stages import Action, Change, one_line, possible
from sounditout.routers.fair_use import TooMuch
from sounditout.services import Services
from sounditout.settings import Settings

_PER_MINUTE: Final = 10
"""Changes of one admin, but for rollbacks. Every process reads the history every second: it must not be flooded."""
_MAX_HISTORY: Final = 100
"""Years of a rollout that is led by people; all of it is in `sounditout rollout history`."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.leading = Pace(_PER_MINUTE, time.monotonic)
    yield


router = APIRouter(prefix="/api/operations/rollout", tags=["rollout"], lifespan=_lifespan)


class ChangeIn(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid", strict=True)

    action: Action
    reason: Annotated[Text, AfterValidator(one_line), Field(min_length=1, max_length=MAX_REASON_CHARACTERS)]
    after: int | None = Field(None, description="number of the latest change that the page shows, 0: none")


class GuardOut(BaseModel):
    """What the guard may do by itself, and what it thinks."""

    advances: bool
    stops: bool
    action: GuardAction = Field(description="what it does at its next look")
    advice: GuardAction = Field(description="what it would do if it were allowed to do everything")
    reason: str


class CohortOut(BaseModel):
    """What those whom the stage has dealt to one transport have lived through since it began."""

    value: float | None = Field(
        description="error_rate: share of readings that failed; first_event: share of later requests answered within "
        "500 ms; connections: share that stayed open; latency: median in milliseconds; null: nothing seen"
    )
    trials: int = Field(description="that the value is of")
    users: int = Field(description="with at least one of them")

    @classmethod
    def of(cls, name: MetricName, cohort: Cohort) -> Self:
        if name == "latency":
            waited = cohort.latencies
            return cls(value=waited.median_ms, trials=waited.total, users=waited.users)
        tried = {
            "error_rate": cohort.readings,
            "first_event": cohort.later_requests,
            "connections": cohort.connections,
        }[name]
        share = tried.failure_rate if name == "error_rate" else 1 - tried.failure_rate
        return cls(value=share if tried.trials else None, trials=tried.trials, users=tried.users)


class MetricOut(BaseModel):
    """One of the plan's four metrics, as the guard sees it."""

    name: MetricName
    websocket: CohortOut
    sse: CohortOut = Field(description="of connections there are none")
    estimate: float | None = Field(description="null: nothing seen yet")
    low: float = Field(description="end of the interval of the estimate, which is valid at all looks together")
    high: float
    target: float | None = Field(description="error_rate: to be below, the others: to be above; null: not known yet")
    n: int = Field(description="tried over WebSocket")
    verdict: Finding
    sentence: str

    @classmethod
    def of(cls, metric: Metric, evidence: Evidence) -> Self:
        low, high = metric.interval
        return cls(
            name=metric.name,
            websocket=CohortOut.of(metric.name, evidence.ws),
            sse=CohortOut.of(metric.name, evidence.sse),
            estimate=metric.estimate,
            low=low,
            high=high,
            target=metric.target,
            n=metric.n,
            verdict=metric.verdict,
            sentence=metric.because,
        )


class NeededOut(BaseModel):
    """Of each cohort that a metric looks at, before the guard says that it is good."""

    users: int
    trials: int
    days: float

    @classmethod
    def of(cls, least: Minimums) -> Self:
        return cls(users=least.users, trials=least.trials, days=least.days)


class ChangeOut(BaseModel):
    """One entry of the history."""

    number: int
    action: Action
    percentage: int
    held: bool
    who: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, number: int, change: Change) -> Self:
        return cls(
            number=number,
            action=change.action,
            percentage=change.percentage,
            held=change.held,
            who=change.who,
            reason=change.reason,
            at=change.at,
        )


class RolloutOut(BaseModel):
    """How the rollout stands, what was measured, and what can be done."""

    percentage: int
    held: bool
    since: datetime | None = Field(description="since when evidence counts; null: it has not begun")
    stage: int = Field(description="number of the change that began the stage; 0: it has not begun")
    switch: Switch
    sse_enabled: bool
    possible: list[Action]
    guard: GuardOut
    metrics: list[MetricOut]
    sse_is_past: bool = Field(description="nobody is dealt to SSE any more: its figures are of the stages before")
    needed: NeededOut
    history: list[ChangeOut] = Field(description=f"the newest first, at most {_MAX_HISTORY}")


@router.get("")
async def get_rollout(admin: CurrentAdmin, services: ServicesDependency) -> RolloutOut:
    """How far the WebSocket has been rolled out, how it does, and what the guard thinks."""
    del admin
    return await _out(services)


@router.post("")
async def change_rollout(
    request: Request, change: ChangeIn, admin: CurrentAdmin, services: ServicesDependency
) -> RolloutOut:
    """Lead the rollout, under one's own name. 409 for what has no meaning now, or was meant for another state."""
    pace: Pace = request.app.state.leading
    if change.action != "rollback" and (wait := pace.take(admin.user_id)):
        raise TooMuch(wait)
    await services.flag.change(change.action, admin.username, change.reason, change.after)
    return await _out(services)


async def _out(services: Services) -> RolloutOut:
    standing, verdict = await services.flag.verdict()
    return rollout_out(services.settings, standing, verdict, services.flag.rules.to_advance)


def rollout_out(settings: Settings, standing: Standing, verdict: Verdict, needed: Minimums) -> RolloutOut:
    """The rollout for its page."""
    state = standing.state
    newest = list(enumerate(standing.history, 1))[: -_MAX_HISTORY - 1 : -1]
    return RolloutOut(
        percentage=state.percentage,
        held=state.held,
        since=state.since,
        stage=standing.stage,
        switch=settings.use_websocket,
        sse_enabled=settings.sse_enabled,
        possible=list(possible(state)),
        guard=GuardOut(
            advances=settings.guard_advances,
            stops=settings.guard_stops,
            action=verdict.action,
            advice=verdict.advice,
            reason=verdict.reason,
        ),
        metrics=[MetricOut.of(metric, verdict.evidence) for metric in verdict.metrics],
        sse_is_past=verdict.evidence.sse_is_past,
        needed=NeededOut.of(needed),
        history=[ChangeOut.of(number, change) for number, change in newest],
    )
