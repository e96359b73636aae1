"""Questions to the database, asked inside a transaction of the caller's."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, cast

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.analysis.models import ReadingReport
from sounditout.errors import InvalidMessage, Unauthorized
from sounditout.persistence.tables import Objection, PracticeSession, Reading, Table, User, UserSettings
from sounditout.practice.progress import PastReading

MAX_PAGE = 200
"""A page of reports is about 1 MB then; no screen shows more at once."""

_MAX_IDS: Final = 500
"""Ids in one question: well below what both databases take, and the text of the statement stays short."""


class UsernameTaken(InvalidMessage):
    """Somebody else has this name already, perhaps in other capitals."""

    default_message = "This name is already taken. Please choose another one."


class UserGone(Unauthorized):
    """The user was deleted, and everything of theirs with them; nothing can be kept for them any more."""

    default_message = "This account was deleted."


def username_key(username: str) -> str:
    """What makes two names the same: spelling without case, in one Unicode form."""
    return unicodedata.normalize("NFKC", username.strip()).casefold()


class Users:
    """Everybody who practises."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def create(self, username: str, password_hash: str | None) -> User:
        """Add a user, without a password for a guest.

        Raises:
            UsernameTaken: the name is in use, whatever its case.
        """
        user = User(username=username, username_key=username_key(username), password_hash=password_hash)
        try:
            # A savepoint: the caller's transaction lives on after a collision.
            async with self._db.begin_nested():
                self._db.add(user)
        except IntegrityError as error:
            raise UsernameTaken from error
        return user

    async def settle(self, user_id: int, username: str, password_hash: str) -> bool:
        """Turn a guest into a user who can sign in, with everything that is theirs; False: there is no such guest.

        Raises:
            UsernameTaken: the name is in use, whatever its case.
        """
        values = {"username": username, "username_key": username_key(username), "password_hash": password_hash}
        guest = update(User).where(User.id == user_id, User.password_hash.is_(None))
        try:
            async with self._db.begin_nested():
                settled = await self._db.scalar(guest.values(values).returning(User.id))
        except IntegrityError as error:
            raise UsernameTaken from error
        return settled is not None

    async def by_username(self, username: str) -> User | None:
        return await self._db.scalar(select(User).where(User.username_key == username_key(username)))

    async def by_id(self, user_id: int) -> User | None:
        return await self._db.get(User, user_id) if _is_id(user_id) else None

    async def token_versions(self, user_ids: Collection[int]) -> dict[int, int]:
        """The version that tokens must have, by user id, of those who still exist; one query for 500 users."""
        ids = sorted(filter(_is_id, user_ids))
        versions: dict[int, int] = {}
        for start in range(0, len(ids), _MAX_IDS):
            query = select(User.id, User.token_version).where(User.id.in_(ids[start : start + _MAX_IDS]))
            versions.update((await self._db.execute(query)).all())
        return versions

    async def end_tokens(self, user_id: int) -> None:
        """Make every token worth nothing that the user has."""
        changed = update(User).where(User.id == user_id).values(token_version=User.token_version + 1)
        await self._db.execute(changed)

    async def delete(self, user_id: int) -> None:
        """Remove the user; practice sessions and readings go with them (`ON DELETE CASCADE`)."""
        await self._db.execute(delete(User).where(User.id == user_id))


class PracticeSessions:
    """Every sitting of everybody; who may see which is for the caller to check."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def create(self, user_id: int, activity: str | None = None) -> PracticeSession:
        """Begin a sitting.

        Raises:
            UserGone: the user was deleted; the transaction is over.
        """
        session = PracticeSession(user_id=user_id, activity=activity)
        self._db.add(session)
        with _owner_exists():
            await self._db.flush()
        return session

    async def get(self, session_id: int) -> PracticeSession | None:
        return await self._db.get(PracticeSession, session_id) if _is_id(session_id) else None

    async def list(
        self, user_id: int, *, limit: int = MAX_PAGE, before: int | None = None
    ) -> Sequence[PracticeSession]:
        """One page, newest first; `before` is the last id of the page before."""
        query = select(PracticeSession).where(PracticeSession.user_id == user_id)
        if before is not None:
            query = query.where(PracticeSession.id < before)
        return (await self._db.scalars(query.order_by(PracticeSession.id.desc()).limit(limit))).all()

    async def page(self, user_id: int, *, after: int, limit: int) -> Sequence[PracticeSession]:
        """One page, oldest first; `after` is the last id of the page before, 0 for the first."""
        query = select(PracticeSession).where(PracticeSession.user_id == user_id, PracticeSession.id > after)
        return (await self._db.scalars(query.order_by(PracticeSession.id).limit(limit))).all()


class Readings:
    """Every reading of everybody; who may see which is for the caller to check."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def save_once(self, *, user_id: int, session_id: int, request_id: str, report: ReadingReport) -> int:
        """As `save_reading`."""
        saving = partial(save_reading, user_id=user_id, session_id=session_id, request_id=request_id, report=report)
        connection = await self._db.connection()
        return await connection.run_sync(saving)

    async def of_session(
        self, session_id: int, *, limit: int = MAX_PAGE, before: int | None = None
    ) -> Sequence[Reading]:
        """One page, newest first; `before` is the last id of the page before."""
        query = select(Reading).where(Reading.session_id == session_id)
        if before is not None:
            query = query.where(Reading.id < before)
        return (await self._db.scalars(query.order_by(Reading.id.desc()).limit(limit))).all()

    async def get(self, reading_id: int) -> Reading | None:
        return await self._db.get(Reading, reading_id) if _is_id(reading_id) else None

    async def page(self, user_id: int, *, after: int, limit: int) -> Sequence[Reading]:
        """One page of all readings of a user, oldest first; `after` is the last id of the page before, or 0."""
        query = select(Reading).where(Reading.user_id == user_id, Reading.id > after)
        return (await self._db.scalars(query.order_by(Reading.id).limit(limit))).all()

    async def latest_sentence(self, user_id: int) -> str | None:
        """What the user read last; None before the first reading."""
        query = select(Reading.sentence).where(Reading.user_id == user_id)
        return await self._db.scalar(query.order_by(Reading.id.desc()).limit(1))

    async def past(self, user_id: int, *, limit: int) -> Sequence[PastReading]:
        """What progress is made of, newest first. The database takes the counts out of the reports."""
        query = (
            select(
                Reading.created_at,
                Reading.accuracy,
                Reading.phoneme_error_rate,
                Reading.words_correct_per_minute,
                Reading.report[("problems", "by_phoneme")],
            )
            .where(Reading.user_id == user_id)
            .order_by(Reading.id.desc())
            .limit(limit)
        )
        return [PastReading(*row) for row in (await self._db.execute(query)).all()]


class ChosenSettings:
    """What users have chosen. What it means, and what counts otherwise, is for the caller to know."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def of_user(self, user_id: int) -> dict[str, Any]:
        """The choices by name; empty before the first one."""
        chosen = await self._db.scalar(select(UserSettings.chosen).where(UserSettings.user_id == user_id))
        return chosen or {}

    async def merge(self, user_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Keep these choices beside the earlier ones, and return all. Of two at once none is lost.

        Raises:
            UserGone: the user was deleted.
        """
        # In line for the user: PostgreSQL would let two merge into the same old choices. Saving a reading
        # does not have to wait (`FOR NO KEY UPDATE`); SQLite has one writer anyway.
        query = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
        if await self._db.scalar(query) is None:
            raise UserGone
        row = await self._db.get(UserSettings, user_id)
        if row is None:
            row = UserSettings(user_id=user_id, chosen={})
            self._db.add(row)
        row.chosen = {**row.chosen, **changes}
        await self._db.flush()
        return row.chosen


class Objections:
    """Which words readers say they read right after all."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add_once(self, reading_id: int, word_index: int) -> Objection:
        """Keep an objection, and return it; the first of several to the same word stays.

        Raises:
            UserGone: the reading went with its user, perhaps at this moment; the transaction is over.
        """
        row = {"reading_id": reading_id, "word_index": word_index, "created_at": datetime.now(UTC)}
        with _owner_exists():
            await self._db.execute(_insert_or_nothing(self._db, Objection, row))
        query = select(Objection).where(Objection.reading_id == reading_id, Objection.word_index == word_index)
        found = await self._db.scalar(query)
        if found is None:
            raise UserGone
        return found

    async def of_readings(self, reading_ids: Collection[int]) -> dict[int, list[Objection]]:
        """The objections to each reading, in the order of the words; readings without any are left out."""
        query = select(Objection).where(Objection.reading_id.in_(reading_ids)).order_by(Objection.word_index)
        found: dict[int, list[Objection]] = {}
        for objection in await self._db.scalars(query):
            found.setdefault(objection.reading_id, []).append(objection)
        return found


# What every reading waits for, as functions for `Database.read_at_once` and `write_at_once`.


def admission(db: Connection, session_id: int) -> tuple[int, dict[str, Any]] | None:
    """Whose session it is, and what that user has chosen; None where there is none. One short question."""
    if not _is_id(session_id):
        return None
    row = db.execute(_ADMISSION, {"session_id": session_id}).one_or_none()
    return None if row is None else (row.user_id, row.chosen or {})


def save_reading(db: Connection, *, user_id: int, session_id: int, request_id: str, report: ReadingReport) -> int:
    """Keep a report and return the reading's id; the first of several with the same request id stays.

    Safe when the same request is saved from several connections at once.

    Raises:
        UserGone: the user was deleted, perhaps at this moment; the transaction is over.
    """
    row = _row(user_id, session_id, request_id, report)
    with _owner_exists():
        saved: int | None = db.scalar(_SAVE[db.dialect.name], row)
    return _id_of(db, user_id, request_id) if saved is None else saved


def _id_of(db: Connection, user_id: int, request_id: str) -> int:
    query = select(Reading.id).where(Reading.user_id == user_id, Reading.request_id == request_id)
    found = db.scalar(query)
    if found is None:  # it was there a moment ago: it went with its user
        raise UserGone(stage="saving")
    return found


@contextmanager
def _owner_exists() -> Iterator[None]:
    """Around a write that depends on no other constraint than that its owner is there."""
    try:
        yield
    except IntegrityError as error:
        raise UserGone(stage="saving") from error


def _insert_or_nothing(db: AsyncSession, table: type[Table], row: dict[str, Any]) -> SqliteInsert | PostgresInsert:
    """Insert a row unless it collides with one that is there."""
    if db.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(row).on_conflict_do_nothing()
    return sqlite.insert(table).values(row).on_conflict_do_nothing()


# Made once: every reading waits for these two, and to put such a statement together takes longer than to run it.
_ADMISSION: Final = (
    select(PracticeSession.user_id, UserSettings.chosen)
    .outerjoin(UserSettings, UserSettings.user_id == PracticeSession.user_id)
    .where(PracticeSession.id == bindparam("session_id"))
)
_READINGS: Final = cast("SqlTable", Reading.__table__)
_SAVE: Final = {
    "sqlite": sqlite.insert(_READINGS).on_conflict_do_nothing().returning(_READINGS.c.id),
    "postgresql": postgresql.insert(_READINGS).on_conflict_do_nothing().returning(_READINGS.c.id),
}


def _is_id(number: int) -> bool:
    """PostgreSQL refuses to compare its 32-bit ids with anything larger."""
    return 0 < number < 2**31


def _row(user_id: int, session_id: int, request_id: str, report: ReadingReport) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "session_id": session_id,
        "request_id": request_id,
        "sentence": report.sentence.replace("\0", ""),  # PostgreSQL has no such character in a text
        "report": report,
        "accuracy": report.scores.accuracy,
        "phoneme_error_rate": report.scores.phoneme_error_rate,
        "words_correct_per_minute": report.scores.words_correct_per_minute,
    }
