"""The tables. A change here needs a new version in `migrations/versions`; a test compares the two."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

MAX_USERNAME_CHARACTERS = 64
MAX_ACTIVITY_CHARACTERS = 200
MAX_REQUEST_ID_CHARACTERS = 128
MAX_PSEUDONYM_CHARACTERS = 32


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always timezone-aware and in UTC; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _now() -> datetime:
    return datetime.now(UTC)


class Table(DeclarativeBase):
    """Base of all tables; names every constraint, so that migrations can name it too."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, float: Double}  # noqa: RUF012  (SQLAlchemy reads it so)


# AUTOINCREMENT: SQLite would otherwise give the number of a deleted row to the next one, and an old
# token would open a stranger's account.
_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class User(Table):
    """Somebody who practises."""

    __tablename__ = "users"
    __table_args__ = (_NEVER_REUSE_IDS,)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(MAX_USERNAME_CHARACTERS))
    """As the user wrote it."""
    username_key: Mapped[str] = mapped_column(String(4 * MAX_USERNAME_CHARACTERS), unique=True)
    """Case-folded, which can make it longer: two names that differ only in case are the same."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    """None: a guest, who cannot sign in again."""
    token_version: Mapped[int] = mapped_column(default=1)
    """Tokens of another version are refused."""
    is_admin: Mapped[bool] = mapped_column(default=False, server_default=false())
    """May look after the server, not only practise."""
    created_at: Mapped[datetime] = mapped_column(default=_now)


class PracticeSession(Table):
    """One sitting of one user."""

    __tablename__ = "practice_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    activity: Mapped[str | None] = mapped_column(String(MAX_ACTIVITY_CHARACTERS))
    created_at: Mapped[datetime] = mapped_column(default=_now)

    __table_args__ = (Index(None, "user_id", "id"), _NEVER_REUSE_IDS)


class Reading(Table):
    """One reading of one sentence, with everything that was heard in it."""

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("practice_sessions.id", ondelete="CASCADE"))
    request_id: Mapped[str] = mapped_column(String(MAX_REQUEST_ID_CHARACTERS))
    sentence: Mapped[str] = mapped_column(Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`analysis.data` as it was sent; its `schema_version` says how to read it."""
    accuracy: Mapped[float]
    """0..100, from the report, as are the next two: for questions over many readings."""
    phoneme_error_rate: Mapped[float]
    """0..1."""
    words_correct_per_minute: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=_now)

    __table_args__ = (
        UniqueConstraint("user_id", "request_id"),
        Index(None, "session_id", "id"),
        Index(None, "user_id", "id"),
        _NEVER_REUSE_IDS,
    )


class UserSettings(Table):
    """What one user has chosen; there is no row before the first choice."""

    __tablename__ = "user_settings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Only what was chosen: a default that changes later reaches everybody who left it alone."""


class Objection(Table):
    """A reader who says that a word was read right after all."""

    __tablename__ = "objections"

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"))
    word_index: Mapped[int]
    """`index` of the word in the report."""
    created_at: Mapped[datetime] = mapped_column(default=_now)

    __table_args__ = (UniqueConstraint("reading_id", "word_index"), _NEVER_REUSE_IDS)


class Measurer(Table):
    """Somebody whose page sends measurements, or whose reading failed here."""

    __tablename__ = "measurers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date]
    """The latest on which they sent any, in UTC."""
    taken: Mapped[int]
    """Measurements that were taken on it."""
    batches: Mapped[list[str]] = mapped_column(JSON)
    """Ids of the latest ones, which count no second time."""
    handed_in: Mapped[bool]
    """A reading of theirs came here and failed; those that went well are in `readings`."""


class RolloutChange(Table):
    """One entry in the history of the rollout, which only grows. How it stands is what the last one says."""

    __tablename__ = "rollout_changes"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2, 3 …: of two processes that change something at once, one is the second."""
    action: Mapped[str] = mapped_column(String(16))
    percentage: Mapped[int]
    held: Mapped[bool]
    who: Mapped[str] = mapped_column(String(MAX_USERNAME_CHARACTERS))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class RolloutCount(Table):
    """What one user has lived through at one stage of the rollout, counted: readings, later requests, sessions, and
    how many of them went wrong."""

    __tablename__ = "rollout_counts"

    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Number of the change that began it."""
    pseudonym: Mapped[str] = mapped_column(String(MAX_PSEUDONYM_CHARACTERS), primary_key=True)
    """Of a user, in this rollout; who it is cannot be found without the server's key."""
    use_websocket: Mapped[bool]
    """The cohort."""
    readings: Mapped[int]
    failed_readings: Mapped[int]
    later_requests: Mapped[int]
    slow_later_requests: Mapped[int]
    sessions: Mapped[int]
    broken_sessions: Mapped[int]


class RolloutLatency(Table):
    """One bin of the histogram of one user's latencies at one stage."""

    __tablename__ = "rollout_latencies"

    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pseudonym: Mapped[str] = mapped_column(String(MAX_PSEUDONYM_CHARACTERS), primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    use_websocket: Mapped[bool]
    count: Mapped[int]
