"""Everything that is kept of a user, to take away. Deleting it is `DELETE /api/users/me`."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from sounditout.accounts.throttle import Pace
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.errors import Unauthorized
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import ChosenSettings, Objections, PracticeSessions, Readings, Users
from sounditout.persistence.tables import Objection
from sounditout.routers.auth import UserOut, user_out
from sounditout.routers.fair_use import TooMuch
from sounditout.routers.sessions import ObjectionOut, SessionOut, StoredReading

_PAGE: Final = 50
"""Rows that are held at once: about 0.3 MB of reports, however many there are in all."""
_PER_MINUTE: Final = 6
"""One may mistrust the first file; a script that wants more than that wants something else."""
_AS_FILE: Final = {"Content-Disposition": 'attachment; filename="sound-it-out.json"'}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.export_pace = Pace(_PER_MINUTE, time.monotonic)
    yield


async def get_pace(connection: HTTPConnection) -> Pace:
    """How often each user of the server that answers this connection may take everything away."""
    pace: Pace = connection.app.state.export_pace
    return pace


router = APIRouter(prefix="/api/users/me/export", tags=["privacy"], lifespan=_lifespan)


class ExportedReading(StoredReading):
    session_id: int
    objections: list[ObjectionOut] = Field([])


class About(BaseModel):
    """What there is once."""

    exported_at: datetime
    user: UserOut
    settings: dict[str, Any] = Field(description="what was chosen")


class Export(About):
    """The whole file."""

    sessions: list[SessionOut] = Field(description="the oldest first, as are the readings")
    readings: list[ExportedReading]


@router.get("", response_class=StreamingResponse, responses={200: {"model": Export}})
async def export(
    user: CurrentUser, services: ServicesDependency, pace: Annotated[Pace, Depends(get_pace)]
) -> StreamingResponse:
    """All that is stored about oneself but the password's hash, as one JSON file."""
    if wait := pace.take(user.user_id):
        raise TooMuch(wait)
    about = await _about(services.database, user.user_id)
    pieces = _file(about, services.database, user.user_id)
    return StreamingResponse(pieces, media_type="application/json", headers=_AS_FILE)


async def _about(database: Database, user_id: int) -> About:
    async with database.reading() as db:
        user = await Users(db).by_id(user_id)
        chosen = await ChosenSettings(db).of_user(user_id)
    if user is None:
        raise Unauthorized
    return About(exported_at=datetime.now(UTC), user=user_out(user), settings=chosen)


async def _file(about: About, database: Database, user_id: int) -> AsyncIterator[str]:
    """The JSON of `Export`, in pieces. No transaction is open while a slow client takes one."""
    yield about.model_dump_json().removesuffix("}")
    async for piece in _list("sessions", lambda after: _sessions(database, user_id, after)):
        yield piece
    async for piece in _list("readings", lambda after: _readings(database, user_id, after)):
        yield piece
    yield "}\n"


_Rows = Sequence[SessionOut] | Sequence[ExportedReading]


async def _list(name: str, page: Callable[[int], Awaitable[_Rows]]) -> AsyncIterator[str]:
    yield f',\n"{name}": ['
    rows, separator = await page(0), "\n"
    while rows:
        yield separator + ",\n".join(row.model_dump_json() for row in rows)
        rows, separator = await page(rows[-1].id), ",\n"
    yield "\n]"


async def _sessions(database: Database, user_id: int, after: int) -> list[SessionOut]:
    async with database.reading() as db:
        sessions = await PracticeSessions(db).page(user_id, after=after, limit=_PAGE)
    return [SessionOut.model_validate(session) for session in sessions]


async def _readings(database: Database, user_id: int, after: int) -> list[ExportedReading]:
    async with database.reading() as db:
        readings = await Readings(db).page(user_id, after=after, limit=_PAGE)
        objections = await Objections(db).of_readings([reading.id for reading in readings])
    return [
        ExportedReading.model_validate(reading).model_copy(
            update={"objections": _out(objections.get(reading.id, []))}
        )
        for reading in readings
    ]


def _out(objections: Sequence[Objection]) -> list[ObjectionOut]:
    return [ObjectionOut.model_validate(objection) for objection in objections]
