"""Questions to the database, asked inside a transaction of the caller's."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from sounditout.analysis.models import ReadingReport
from sounditout.errors import InvalidMessage, Unauthorized
from sounditout.persistence.tables import PracticeSession, Reading, User

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


class Readings:
    """Every reading of everybody; who may see which is for the caller to check."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def save_once(self, *, user_id: int, session_id: int, request_id: str, report: ReadingReport) -> int:
        """Keep a report and return the reading's id; the first of several with the same request id stays.

        Safe when the same request is saved from several connections at once.

        Raises:
            UserGone: the user was deleted, perhaps at this moment; the transaction is over.
        """
        row = _row(user_id, session_id, request_id, report)
        with _owner_exists():
            saved: int | None = await self._db.scalar(self._insert_or_nothing(row))
        return await self._id_of(user_id, request_id) if saved is None else saved

    async def _id_of(self, user_id: int, request_id: str) -> int:
        query = select(Reading.id).where(Reading.user_id == user_id, Reading.request_id == request_id)
        found = await self._db.scalar(query)
        if found is None:  # it was there a moment ago: it went with its user
            raise UserGone(stage="saving")
        return found

    async def of_session(
        self, session_id: int, *, limit: int = MAX_PAGE, before: int | None = None
    ) -> Sequence[Reading]:
        """One page, newest first; `before` is the last id of the page before."""
        query = select(Reading).where(Reading.session_id == session_id)
        if before is not None:
            query = query.where(Reading.id < before)
        return (await self._db.scalars(query.order_by(Reading.id.desc()).limit(limit))).all()

    def _insert_or_nothing(self, row: dict[str, Any]) -> ReturningInsert[int]:
        if self._db.get_bind().dialect.name == "postgresql":
            return postgresql.insert(Reading).values(row).on_conflict_do_nothing().returning(Reading.id)
        return sqlite.insert(Reading).values(row).on_conflict_do_nothing().returning(Reading.id)


@contextmanager
def _owner_exists() -> Iterator[None]:
    """Around a write that depends on no other constraint than that its owner is there."""
    try:
        yield
    except IntegrityError as error:
        raise UserGone(stage="saving") from error


def _is_id(number: int) -> bool:
    """PostgreSQL refuses to compare its 32-bit ids with anything larger."""
    return 0 < number < 2**31


def _row(user_id: int, session_id: int, request_id: str, report: ReadingReport) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "session_id": session_id,
        "request_id": request_id,
        "sentence": report.sentence.replace("\0", ""),  # PostgreSQL has no such character in a text
        "report": report.model_dump(mode="json"),
        "accuracy": report.scores.accuracy,
        "phoneme_error_rate": report.scores.phoneme_error_rate,
        "words_correct_per_minute": report.scores.words_correct_per_minute,
    }
