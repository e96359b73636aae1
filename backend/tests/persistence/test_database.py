"""Transactions, and the way from an empty database to the newest tables."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.config import main as alembic
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, text, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from sounditout.persistence.database import MIGRATIONS, Database, normalised
from sounditout.persistence.repositories import Readings, Users
from sounditout.persistence.tables import Table, User

MIGRATE = """\
import asyncio, sys
from sounditout.persistence.database import Database
asyncio.run(Database(sys.argv[1]).migrate())
"""
_FIRST_VERSION = "0001"
_FIRST_ROWS = (
    """INSERT INTO users (id, username, username_key, token_version, created_at)
    VALUES (1, 'ada', 'ada', 1, '2026-05-04 12:00:00')""",
    """INSERT INTO practice_sessions (id, user_id, created_at) VALUES (1, 1, '2026-05-04 12:00:00')""",
    """INSERT INTO readings (id, user_id, session_id, request_id, sentence, report, accuracy, phoneme_error_rate,
    words_correct_per_minute, created_at)
    VALUES (1, 1, 1, 'r', 'Ship.', '{"problems": {"by_phoneme": {"SH": {"wrong"\\: 0}}}}', 100, 0, 60,
    '2026-05-04 12:00:00')""",
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://ada:pw@db:5433/app", "postgresql+asyncpg://ada:pw@db:5433/app"),
        ("postgres://ada:pw@db/app", "postgresql+asyncpg://ada:pw@db/app"),
        ("postgresql+asyncpg://ada@db/app", "postgresql+asyncpg://ada@db/app"),
        ("postgresql://db/app?sslmode=require", "postgresql+asyncpg://db/app?ssl=require"),
        ("sqlite:////tmp/a.db", "sqlite+aiosqlite:////tmp/a.db"),
        ("sqlite+aiosqlite:///a.db", "sqlite+aiosqlite:///a.db"),
    ],
)
def test_url_gets_the_asynchronous_driver(given: str, expected: str) -> None:
    assert normalised(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("url", ["mysql://db/app", "sqlite://", "sqlite:///:memory:", "postgresql+psycopg://db/app"])
def test_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="cannot use"):
        Database(url)


def test_description_hides_the_password() -> None:
    assert Database("postgresql://ada:pw@db/app").description == "postgresql+asyncpg://ada:***@db/app"


async def test_errors_do_not_tell_what_was_to_be_written(database: Database) -> None:
    async def twice() -> None:
        async with database.transaction() as db:
            db.add_all(User(username="ada", username_key="ada", password_hash="$secret") for _ in range(2))

    with pytest.raises(SQLAlchemyError) as caught:
        await twice()
    assert "INSERT INTO users" in str(caught.value)
    assert "$secret" not in str(caught.value)


async def test_migrations_make_what_the_models_say(migrated_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))

    async with connected(migrated_url) as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_keeps_everything(database: Database) -> None:
    async with database.transaction() as db:
        await Users(db).create("ada", None)
    await database.migrate()
    async with database.reading() as db:
        assert await Users(db).by_username("ada")


async def test_database_of_the_first_version_keeps_everything(database_url: str) -> None:
    def upgrade_to_the_first(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, _FIRST_VERSION)
        for row in _FIRST_ROWS:
            connection.execute(text(row))
        connection.commit()

    Path(normalised(database_url).database or "").parent.mkdir(exist_ok=True)
    async with connected(database_url) as connection:
        await connection.run_sync(upgrade_to_the_first)
    database = Database(database_url)
    await database.migrate()
    async with database.reading() as db:
        (reading,) = await Readings(db).past(1, limit=9)
    assert reading.by_phoneme == {"SH": {"wrong": 0}}
    await database.dispose()


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    command = (sys.executable, "-c", MIGRATE, database_url)
    processes = [await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE) for _ in range(2)]
    errors = [(await process.communicate())[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors

    async with connected(database_url) as connection:
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        assert tables == {*Table.metadata.tables, "alembic_version"}
        assert (await connection.execute(text("SELECT count(*) FROM alembic_version"))).scalar() == 1


async def test_transaction_is_kept_as_a_whole(database: Database) -> None:
    async with database.transaction() as db:
        await Users(db).create("ada", None)
        await Users(db).create("bob", None)
    assert await count_users(database) == 2


async def test_transaction_with_an_error_leaves_nothing(database: Database) -> None:
    async def fails() -> None:
        async with database.transaction() as db:
            await Users(db).create("ada", None)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError):
        await fails()
    assert await count_users(database) == 0


async def test_what_is_changed_while_reading_is_lost(database: Database) -> None:
    async with database.reading() as db:
        db.add(User(username="ada", username_key="ada"))
        await db.flush()
    assert await count_users(database) == 0


async def test_many_writers_wait_for_each_other(database: Database) -> None:
    async def add_one() -> None:
        async with database.transaction() as db:
            version = await db.scalar(select(User.token_version).with_for_update())
            assert version is not None
            await db.execute(update(User).values(token_version=version + 1))

    async with database.transaction() as db:
        await Users(db).create("ada", None)
    await asyncio.gather(*(add_one() for _ in range(30)))
    async with database.reading() as db:
        assert await db.scalar(select(User.token_version)) == 31


async def test_writers_that_are_cancelled_at_any_moment_block_nobody(database: Database) -> None:
    async def add(name: str, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds), database.transaction() as db:
                await Users(db).create(name, None)
        except TimeoutError:
            return False
        return True

    async with asyncio.timeout(9):  # less than one of them would wait for a place that nobody gives back
        kept = sum([await add(f"user {number}", number / 4000) for number in range(40)])
    together = await asyncio.gather(*(add(f"other {number}", number / 2000) for number in range(40)))
    assert await add("the last one", 5)
    # One that was cancelled while it was being committed may be kept.
    assert kept + sum(together) + 1 <= await count_users(database) <= 81


async def test_readers_that_are_cancelled_at_any_moment_leave_no_old_state_behind(database: Database) -> None:
    for number in range(40):
        with suppress(TimeoutError):
            async with asyncio.timeout(number / 8000):
                await count_users(database)
    async with database.transaction() as db:
        await Users(db).create("ada", None)
    assert await asyncio.gather(*(count_users(database) for _ in range(10))) == [1] * 10


async def test_a_database_that_another_program_holds_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sounditout.persistence.database._BUSY_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()

    async def add() -> None:
        async with database.transaction() as db:
            await Users(db).create("ada", None)

    with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            await add()
    await add()
    await database.dispose()


async def test_a_statement_that_was_left_with_rows_blocks_nobody(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()
    insert = "INSERT INTO users (username_key, username, token_version, created_at) VALUES (1, 1, 1, 1) RETURNING id"
    async with database.transaction() as writer:
        connection = await writer.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        unread = await driver.execute(insert)  # type: ignore[union-attr]
        await connection.invalidate()
        await writer.invalidate()
    async with asyncio.timeout(5), database.transaction() as other:
        await Users(other).create("ada", None)
    assert await count_users(database) == 1
    del unread  # only now: Python would have tidied up
    await database.dispose()


async def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.transaction() as writer:
        await Users(writer).create("ada", None)
        async with asyncio.timeout(5):
            assert await count_users(database) == 0


async def test_check_says_whether_the_database_answers(database: Database) -> None:
    await database.check()
    absent = Database("postgresql://postgres@/nothing?host=/nowhere")
    with pytest.raises((SQLAlchemyError, OSError)):
        await absent.check()
    await absent.dispose()


def test_migrations_can_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As somebody does it with alembic's command, which finds its settings in pyproject.toml."""
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    for step in (["upgrade", "head"], ["check"], ["downgrade", "base"], ["upgrade", "head"]):
        alembic(step)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A plain connection, which knows nothing of our ways."""
    engine = create_async_engine(normalised(url))
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def count_users(database: Database) -> int:
    async with database.reading() as db:
        return await db.scalar(select(func.count(User.id))) or 0
