"""How it goes: one's own readings over time, sound by sound, and what to practise."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from sounditout.analysis.phonemes import IPA
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.persistence.repositories import Readings
from sounditout.practice import progress
from sounditout.practice.phonics import sound
from sounditout.practice.progress import Reason, SoundState

router = APIRouter(prefix="/api/progress", tags=["progress"])

MAX_READINGS: Final = 500
"""The latest: a month of twenty minutes a day. Taking the counts out of so many reports takes the database 15 ms
(SQLite) to 150 ms (PostgreSQL), adding them up 5 ms."""


class DayOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    date: date
    readings: int
    phoneme_error_rate: float = Field(description="0 to 1; long sentences count for more")
    words_correct_per_minute: float = Field(description="mean")
    accuracy: float = Field(description="0 to 100, mean")


class SoundOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    sound: str = Field(description="ARPAbet")
    expected: int = Field(description="how often it was tried")
    wrong: int
    recent_expected: int = Field(description="the same of the latest readings, which `state` goes by")
    recent_wrong: int
    state: SoundState


class SuggestionOut(BaseModel):
    sound: str = Field(description="ARPAbet")
    ipa: str
    name: str = Field(description="what a child calls it")
    reason: Reason


class ProgressOut(BaseModel):
    readings: int = Field(description=f"that were looked at: the latest, at most {MAX_READINGS}")
    enough: bool = Field(description=f"at least {progress.ENOUGH_READINGS} readings: the numbers mean something")
    complete: bool = Field(description="false: there are more readings than are looked at, so `days` may begin late")
    days: list[DayOut] = Field(description="on which something was read, by the reader's clock, the oldest first")
    sounds: list[SoundOut] = Field(description="all 39, whatever `days` is")
    practise_next: list[SuggestionOut] = Field(description="at most 3, the most useful first")


@router.get("")
async def get_progress(
    user: CurrentUser,
    services: ServicesDependency,
    days: Annotated[int, Query(ge=1, le=366, description="of the last so many, today included")] = 90,
    utc_offset_minutes: Annotated[
        int, Query(ge=-840, le=840, description="of the reader's clock: 60 is an hour ahead of UTC")
    ] = 0,
) -> ProgressOut:
    """One's own progress, from saved readings."""
    async with services.database.reading() as db:
        past = await Readings(db).past(user.user_id, limit=MAX_READINGS)
    sounds = progress.sounds(past)
    ahead = timedelta(minutes=utc_offset_minutes)
    return ProgressOut(
        readings=len(past),
        enough=len(past) >= progress.ENOUGH_READINGS,
        complete=len(past) < MAX_READINGS,
        days=[DayOut.model_validate(day) for day in progress.days(past, _first_day(days, ahead), ahead)],
        sounds=[SoundOut.model_validate(one) for one in sounds],
        practise_next=[_suggestion(one) for one in progress.practise_next(sounds)],
    )


def _first_day(days: int, ahead: timedelta) -> date:
    return (datetime.now(UTC) + ahead).date() - timedelta(days=days - 1)


def _suggestion(one: progress.Suggestion) -> SuggestionOut:
    return SuggestionOut(sound=one.sound, ipa=IPA[one.sound], name=sound(one.sound).name, reason=one.reason)
