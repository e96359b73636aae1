"""What pages measure of the two ways, in batches: counts for the rollout, and nothing of a person."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from sounditout.accounts.throttle import Pace
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.flag import Standing
from sounditout.persistence.repositories import ChosenSettings
from sounditout.persistence.rollouts import Experience
from sounditout.routers.fair_use import TooMuch
from sounditout.routers.settings import usable
from sounditout.telemetry.measurements import Measurement, experience, record

_PER_MINUTE: Final = 60
"""Batches of one user: ten times what a page sends, for a few tabs and for those that send when they are hidden."""
_MAX_BATCH: Final = 100
_NOTHING: Final = Experience()


def _lifespan(clock: Callable[[], float]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.measuring = Pace(_PER_MINUTE, clock)
        yield

    return lifespan


router = APIRouter(prefix="/api/measurements", tags=["rollout"], lifespan=_lifespan(time.monotonic))


class Measurements(BaseModel):
    """What a page has measured since the last time."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stage: int = Field(ge=0, le=2**31 - 1, description="of the rollout, as the page's settings have said")
    measurements: Annotated[list[Measurement], Field(min_length=1, max_length=_MAX_BATCH)]


@router.post("", status_code=204)
async def take_measurements(
    request: Request, batch: Measurements, user: CurrentUser, services: ServicesDependency
) -> None:
    """Count what a page has measured; nothing of whose it is, or of what was read, is kept."""
    pace: Pace = request.app.state.measuring
    if wait := pace.take(user.user_id):
        raise TooMuch(wait)
    standing = await services.flag.standing()
    percentage = percentage_at(standing, batch.stage)
    for measurement in batch.measurements:
        record(services.metrics, measurement, percentage)
    lived = experience(batch.measurements)
    if batch.stage != standing.stage or lived == _NOTHING:
        return
    async with services.database.reading() as db:
        chosen = await ChosenSettings(db).of_user(user.user_id)
    await services.flag.note(user.user_id, usable(chosen).use_websocket, batch.stage, lived)


def percentage_at(standing: Standing, stage: int) -> int:
    """That of the stage which began with the change of this number; 0 for one that there was not."""
    return standing.history[stage - 1].percentage if 0 < stage <= len(standing.history) else 0
