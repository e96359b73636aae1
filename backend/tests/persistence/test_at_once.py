"""Transactions that are one function: the same promises as the others give, on both databases."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, update

from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users
from sounditout.persistence.tables import User


def add(db: Connection, name: str = "ada") -> int:
    number = db.scalar(insert(User).values(username=name, username_key=name).returning(User.id))
    assert number is not None
    return int(number)


def count(db: Connection) -> int:
    return db.scalar(select(func.count(User.id))) or 0


async def test_what_was_written_is_kept_and_its_result_told(database: Database) -> None:
    number = await database.write_at_once(add)
    async with database.reading() as db:
        user = await Users(db).by_id(number)
    assert user is not None
    assert user.username == "ada"
    assert await database.read_at_once(count) == 1


async def test_an_error_leaves_nothing(database: Database) -> None:
    def fails(db: Connection) -> None:
        add(db)
        raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await database.write_at_once(fails)
    assert await database.read_at_once(count) == 0


async def test_what_is_changed_while_reading_is_lost(database: Database) -> None:
    await database.read_at_once(add)
    assert await database.read_at_once(count) == 0


async def test_writers_of_both_kinds_wait_for_each_other(database: Database) -> None:
    def one_more(db: Connection) -> None:
        version = db.scalar(select(User.token_version).with_for_update())
        assert version is not None
        db.execute(update(User).values(token_version=version + 1))

    async def one_more_by_statements() -> None:
        async with database.transaction() as db:
            await (await db.connection()).run_sync(one_more)

    await database.write_at_once(add)
    both = (work for _ in range(10) for work in (database.write_at_once(one_more), one_more_by_statements()))
    await asyncio.gather(*both)
    assert await database.read_at_once(lambda db: db.scalar(select(User.token_version))) == 21


async def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.transaction() as writer:
        await Users(writer).create("ada", None)
        async with asyncio.timeout(5):
            assert await database.read_at_once(count) == 0


async def test_a_caller_who_is_cancelled_leaves_a_whole_and_blocks_nobody(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    await database.migrate()
    begun, go_on = threading.Event(), threading.Event()

    def slow(db: Connection) -> None:
        add(db)
        begun.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(database.write_at_once(slow))
    await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    await asyncio.wait([writing])
    go_on.set()
    await database.write_at_once(lambda db: add(db, "bob"))
    assert await database.read_at_once(count) == 2
    await database.dispose()
