"""The connection to SQLite or PostgreSQL, and the transactions on it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from alembic import command
from alembic.config import Config
from pydantic_core import to_json
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool, Pool

from sounditout.file_lock import file_lock
from sounditout.persistence.at_once import AtOnce

T = TypeVar("T")

MIGRATIONS: Final = Path(__file__).with_name("migrations")

_BUSY_SECONDS: Final = 10
"""How long a writer waits for the others on SQLite; our transactions take about 1 ms each."""
_MIGRATION_SECONDS: Final = 120
"""How long a process waits for another one to migrate; then its start fails loudly."""
_MIGRATION_LOCK: Final = 0x50554E44
"""Any number that no other program takes on the same PostgreSQL database."""
_READ_ONLY: Final = "sounditout_read_only"

_DRIVERS: Final = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


class Database:
    """One database, opened lazily.

    Args:
        url: SQLAlchemy URL; `postgresql://`, `postgres://` and `sqlite:///` get the asynchronous driver.

    Raises:
        ValueError: a database of another kind, or SQLite in memory (it would vanish between two connections).
    """

    def __init__(self, url: str) -> None:
        self._url = normalised(url)
        self._engine = _open(self._url)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writer = asyncio.Lock() if _is_sqlite(self._url) else None
        readers = self._engine.execution_options(**{_READ_ONLY: True})
        self._readers = async_sessionmaker(readers, expire_on_commit=False)
        self._at_once = AtOnce(self._url, _prepare_sqlite, _options(self._url)) if _is_sqlite(self._url) else None

    @property
    def description(self) -> str:
        """The URL without its password, for logs and `doctor`."""
        return self._url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Read and write: committed on success, rolled back on any error.

        Keep it short, and open no second one inside it: SQLite has one writer.

        Raises:
            TimeoutError: other writers of this process held SQLite for too long.
        """
        async with self._turn(), self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Read one consistent state; never waits for a writer on SQLite. Whatever is changed in it is lost."""
        async with self._readers() as session:
            yield session

    async def write_at_once(self, work: Callable[[Connection], T]) -> T:
        """As `transaction`, for a whole that is one function, and quicker for what every reading waits for.

        Raises:
            TimeoutError: other writers of this process held SQLite for too long.
        """
        if self._at_once is None:
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)
        async with self._turn():
            return await self._at_once.write(work)

    async def read_at_once(self, work: Callable[[Connection], T]) -> T:
        """As `reading`, for a whole that is one function, and quicker."""
        if self._at_once is None:
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)
        return await self._at_once.read(work)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        # SQLite lets whoever asks at the right moment write next; in line, nobody waits for ever.
        if self._writer is None:
            yield
            return
        async with asyncio.timeout(_BUSY_SECONDS):
            await self._writer.acquire()
        try:
            yield
        finally:
            self._writer.release()

    async def check(self) -> None:
        """Return when the database answers; raise what SQLAlchemy raises when it does not."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self) -> None:
        """Bring the tables to the newest version. Processes that start together do it one after the other.

        Raises:
            TimeoutError: another process holds the migration lock for too long (SQLite).
        """
        await asyncio.to_thread(_migrate, self._url)

    async def dispose(self) -> None:
        """Close every connection."""
        if self._at_once is not None:
            await self._at_once.dispose()
        await self._engine.dispose()


def normalised(url: str) -> URL:
    """The URL with an asynchronous driver; raises ValueError when there is none for it."""
    parsed = make_url(url)
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.drivername not in _DRIVERS.values():
        raise ValueError(f"cannot use a {parsed.drivername} database: give a sqlite or postgresql URL")
    if _is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise ValueError("cannot use SQLite in memory: give the URL of a file")
    return _with_asyncpg_names(parsed)


def _with_asyncpg_names(url: URL) -> URL:
    """Hosting providers hand out libpq's `sslmode`; asyncpg calls it `ssl`, with the same values."""
    if "sslmode" not in url.query:
        return url
    return url.update_query_dict({"ssl": url.query["sslmode"]}).difference_update_query(["sslmode"])


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _options(url: URL) -> dict[str, Any]:
    """Of every engine."""
    return {
        "json_serializer": _to_json,
        "connect_args": {"factory": _SqliteConnection} if _is_sqlite(url) else {},
        "hide_parameters": True,  # errors are logged, and parameters hold names and password hashes
        # A server that restarted leaves dead connections in the pool; asking first costs one round trip.
        "pool_pre_ping": not _is_sqlite(url),
        # Every transaction here is ended by whoever began it; to end it once more costs SQLite a change of threads.
        "pool_reset_on_return": None if _is_sqlite(url) else "rollback",
    }


def _to_json(value: object) -> str:
    """Of models as well: a report is a hundred of them, and takes four times as long by way of dictionaries."""
    return to_json(value).decode()


def _open(url: URL, poolclass: type[Pool] | None = None) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=poolclass, **_options(url))
    if _is_sqlite(url):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


class _SqliteConnection(sqlite3.Connection):
    """One that lets go of its transaction when it is closed.

    A statement that somebody was cancelled in may have rows left (`INSERT … RETURNING`). SQLite keeps a connection
    with such a statement, and its place as the writer, until Python has collected the cursor: others would wait.
    """

    def close(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # closed before
            self.rollback()
        super().close()


def _prepare_sqlite(connection: DBAPIConnection, _: object) -> None:
    # Without this the driver opens transactions by itself, too late: not before the first write.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {round(_BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # With WAL this can lose the last commits in a power cut, never the database.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _ignore_foreign_keys(connection: DBAPIConnection, _: object) -> None:
    # SQLite changes a table by making it anew; dropping the old one would delete what refers to it.
    connection.execute("PRAGMA foreign_keys = OFF")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes would fail at once, without waiting, if another wrote
    # in between: take the writer's place from the start.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    # In one change of threads: a cursor of SQLAlchemy's is opened, used and closed in three.
    driver = cast("AdaptedConnection", connection.connection.dbapi_connection)
    try:
        driver.run_async(lambda sqlite: sqlite.execute(statement))
    except BaseException as error:  # a cancelled caller as well: nobody can tell whether it has begun
        connection.invalidate(error)
        if isinstance(error, sqlite3.Error):
            raise OperationalError(statement, None, error) from error
        raise


def _migrate(url: URL) -> None:
    if not _is_sqlite(url):
        asyncio.run(_upgrade(url))
        return
    file = Path(str(url.database))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # other users have no business in it
    with file_lock(file.with_name(f"{file.name}.lock"), _MIGRATION_SECONDS):
        asyncio.run(_upgrade(url))


async def _upgrade(url: URL) -> None:
    engine = _open(url, poolclass=NullPool)
    if _is_sqlite(url):
        event.listen(engine.sync_engine, "connect", _ignore_foreign_keys)
    try:
        async with engine.begin() as connection:
            if not _is_sqlite(url):
                await connection.execute(text(f"SET LOCAL lock_timeout = '{_MIGRATION_SECONDS}s'"))
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            await connection.run_sync(_run_alembic)
    finally:
        await engine.dispose()


def _run_alembic(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
