"""What pages measure of the two ways, in batches: counts for the rollout, and nothing of a person."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import SkipJsonSchema

from sounditout.accounts.throttle import Pace
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.flag import Standing
from sounditout.persistence.measurers import Measurers
from sounditout.persistence.repositories import ChosenSettings
from sounditout.rollout.experience import Experience
from sounditout.routers.fair_use import TooMuch
from sounditout.routers.settings import usable
from sounditout.services import Services
from sounditout.telemetry.measurements import Measurement, experience, record

_PER_MINUTE: Final = 60
"""Batches of one user: ten times what a page sends, for a few tabs and for those that send when they are hidden."""
_MAX_BATCH: Final = 100
MAX_A_DAY: Final = 500
"""Measurements of one user that count: more than a child reads from morning to evening. What is more is no child's,
and of one user the five hundredth says nothing new (see `evidence.Tally.worth`)."""
_UUID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_NOTHING: Final = Experience()


def _lifespan(clock: Callable[[], float]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.measuring = Pace(_PER_MINUTE, clock)
        yield

    return lifespan


router = APIRouter(prefix="/api/measurements", tags=["rollout"], lifespan=_lifespan(time.monotonic))


def _if_readable(item: object, validate: ValidatorFunctionWrapHandler) -> object:
    """The measurement, or None: a page of another version must not lose the others by it."""
    try:
        return validate(item)
    except ValidationError:
        return None


def _not_only_unreadable(measurements: list[Measurement | None]) -> list[Measurement | None]:
    if not any(measurements):
        raise ValueError("none of the measurements can be read")
    return measurements


_Item = Annotated[Measurement | SkipJsonSchema[None], WrapValidator(_if_readable)]


class Measurements(BaseModel):
    """What a page has measured since the last time."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stage: int = Field(ge=0, le=2**31 - 1, description="of the rollout, as the page's settings have said")
    batch_id: Annotated[str, Field(pattern=_UUID)] | None = Field(
        None, description="a UUID, by which a batch that is sent again counts once"
    )
    measurements: Annotated[
        list[_Item], Field(min_length=1, max_length=_MAX_BATCH), AfterValidator(_not_only_unreadable)
    ]

    @property
    def readable(self) -> list[Measurement]:
        return [measurement for measurement in self.measurements if measurement is not None]

    @property
    def left_out(self) -> int:
        return len(self.measurements) - len(self.readable)


class LeftOut(BaseModel):
    """Some of a batch could not be read."""

    left_out: int = Field(description="how many; the others are taken")


@router.post("", status_code=204, response_class=Response, responses={200: {"model": LeftOut}})
async def take_measurements(
    request: Request, batch: Measurements, user: CurrentUser, services: ServicesDependency
) -> Response:
    """Count what a page has measured, once and within measure; nothing of what was read is kept.

    204: all of it was taken, or need not be sent again; 200 says how many could not be read.
    """
    pace: Pace = request.app.state.measuring
    if wait := pace.take(user.user_id):
        raise TooMuch(wait)
    standing = await services.flag.standing()
    if await _is_kept(services, standing, user.user_id, batch):
        percentage = percentage_at(standing, batch.stage)
        for measurement in batch.readable:
            record(services.metrics, measurement, percentage)
    return JSONResponse({"left_out": batch.left_out}) if batch.left_out else Response(status_code=204)


async def _is_kept(services: Services, standing: Standing, user_id: int, batch: Measurements) -> bool:
    """Whether it counts; what is evidence is kept in the same transaction that remembers its id."""
    lived, flag = experience(batch.readable), services.flag
    async with services.database.transaction() as db:
        measurers = Measurers(db)
        today = datetime.now(UTC).date()
        if not await measurers.admit(user_id, batch.batch_id, len(batch.measurements), today, MAX_A_DAY):
            return False
        can_be_evidence = lived != _NOTHING and flag.gathers(standing, batch.stage)
        if can_be_evidence and await measurers.has_read(user_id):
            choice = usable(await ChosenSettings(db).of_user(user_id)).use_websocket
            await flag.note_in(db, standing, user_id, choice, batch.stage, lived)
    return True


def percentage_at(standing: Standing, stage: int) -> int:
    """That of the stage which began with the change of this number; 0 for one that there was not."""
    return standing.history[stage - 1].percentage if 0 < stage <= len(standing.history) else 0
