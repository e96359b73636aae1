"""Practice sessions and the readings in them; each user sees their own."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sounditout.dependencies import Before, CurrentUser, Limit, OwnSession, ServicesDependency
from sounditout.persistence.repositories import PracticeSessions, Readings
from sounditout.persistence.tables import MAX_ACTIVITY_CHARACTERS

router = APIRouter(prefix="/api/sessions", tags=["practice sessions"])

Activity = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MAX_ACTIVITY_CHARACTERS, pattern=r"^[^\x00-\x1f]*$"),
]


class NewSession(BaseModel):
    activity: Activity | None = Field(None, description="what is practised, as the client calls it")


class SessionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    activity: str | None
    created_at: datetime


class ReadingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    request_id: str
    sentence: str
    created_at: datetime
    report: dict[str, Any] = Field(description="`analysis.data` as it was sent at the time")


@router.post("", status_code=201)
async def start_session(user: CurrentUser, services: ServicesDependency, new: NewSession | None = None) -> SessionOut:
    """Begin to practise."""
    async with services.database.transaction() as db:
        session = await PracticeSessions(db).create(user.user_id, new.activity if new else None)
    return SessionOut.model_validate(session)


@router.get("")
async def list_sessions(
    user: CurrentUser, services: ServicesDependency, limit: Limit = 50, before: Before = None
) -> list[SessionOut]:
    """One's own sessions, newest first."""
    async with services.database.reading() as db:
        sessions = await PracticeSessions(db).list(user.user_id, limit=limit, before=before)
    return [SessionOut.model_validate(session) for session in sessions]


@router.get("/{session_id}")
async def get_session(session: OwnSession) -> SessionOut:
    """One session."""
    return SessionOut.model_validate(session)


@router.get("/{session_id}/readings")
async def list_readings(
    session: OwnSession, services: ServicesDependency, limit: Limit = 50, before: Before = None
) -> list[ReadingOut]:
    """The readings of one session with their reports, newest first."""
    async with services.database.reading() as db:
        readings = await Readings(db).of_session(session.id, limit=limit, before=before)
    return [ReadingOut.model_validate(reading) for reading in readings]
