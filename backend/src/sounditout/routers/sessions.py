"""Practice sessions and the readings in them; each user sees their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sounditout.dependencies import Before, CurrentUser, Limit, OwnSession, ServicesDependency
from sounditout.errors import InvalidMessage, UnknownRequest
from sounditout.persistence.repositories import Objections, PracticeSessions, Readings
from sounditout.persistence.tables import MAX_ACTIVITY_CHARACTERS, Objection, Reading

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


class StoredReading(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    request_id: str
    sentence: str
    created_at: datetime
    report: dict[str, Any] = Field(description="`analysis.data` as it was sent at the time")


class ReadingOut(StoredReading):
    objections: list[int] = Field([], description="`index` of the words that the reader says were read right")


class NewObjection(BaseModel):
    word_index: int = Field(strict=True, ge=0, le=2**31 - 1, description="`index` of the word in the report")


class ObjectionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    word_index: int
    created_at: datetime


class UnknownReading(UnknownRequest):
    """It is not in this session, or not any more."""

    default_message = "There is no such reading in this practice session."
    retryable = False


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
        objections = await Objections(db).of_readings([reading.id for reading in readings])
    return [_reading_out(reading, objections.get(reading.id, [])) for reading in readings]


def _reading_out(reading: Reading, objections: Sequence[Objection]) -> ReadingOut:
    indexes = [objection.word_index for objection in objections]
    return ReadingOut.model_validate(reading).model_copy(update={"objections": indexes})


@router.post("/{session_id}/readings/{reading_id}/objections", status_code=201)
async def object_to(
    session: OwnSession,
    reading_id: Annotated[int, Path()],
    new: NewObjection,
    services: ServicesDependency,
) -> ObjectionOut:
    """Say that one was right. The verdict stays; the objection is kept beside it, once however often it is sent."""
    async with services.database.transaction() as db:
        reading = await Readings(db).get(reading_id)
        if reading is None or reading.session_id != session.id:
            raise UnknownReading
        if new.word_index not in _indexes(reading.report):
            raise InvalidMessage("The sentence has no such word.")
        objection = await Objections(db).add_once(reading_id, new.word_index)
    return ObjectionOut.model_validate(objection)


def _indexes(report: dict[str, Any]) -> set[int]:
    """Which words of the sentence the report tells of."""
    return {word["index"] for word in report["words"] if word["index"] is not None}
