"""What measurements count, on real databases: each batch once, nobody for more than a day, and only of readers."""

import asyncio
from datetime import date, timedelta

import pytest

from reports import read, report
from sounditout.persistence.database import Database
from sounditout.persistence.measurers import REMEMBERED_BATCHES, Measurers
from sounditout.persistence.repositories import PracticeSessions, Readings, UserGone, Users

TODAY = date(2026, 11, 30)
MOST = 10


async def a_user(database: Database) -> int:
    async with database.transaction() as db:
        return (await Users(db).create("ada", None)).id


async def admitted(
    database: Database, user_id: int, batch_id: str | None = None, size: int = 1, day: date = TODAY
) -> bool:
    async with database.transaction() as db:
        return await Measurers(db).admit(user_id, batch_id, size, day, MOST)


async def test_a_batch_counts_once(database: Database) -> None:
    user = await a_user(database)
    assert [await admitted(database, user, name) for name in ("a", "a", "b", "a")] == [True, False, True, False]


async def test_of_the_same_batch_in_several_processes_at_once_one_counts(
    database: Database, migrated_url: str
) -> None:
    user, other = await a_user(database), Database(migrated_url)
    results = await asyncio.gather(*(admitted(each, user, "a") for each in (database, other) * 4))
    assert sum(results) == 1
    await other.dispose()


async def test_batches_without_an_id_all_count(database: Database) -> None:
    user = await a_user(database)
    assert [await admitted(database, user) for _ in range(3)] == [True] * 3


async def test_nobody_counts_for_more_than_a_day_but_again_on_the_next(database: Database) -> None:
    user = await a_user(database)
    assert await admitted(database, user, "a", size=MOST - 1)
    assert not await admitted(database, user, "b", size=2)
    assert await admitted(database, user, "c", size=1)
    assert not await admitted(database, user, "d")
    assert await admitted(database, user, "d", day=TODAY + timedelta(days=1))


async def test_only_the_latest_batches_are_remembered(database: Database) -> None:
    user = await a_user(database)
    for number in range(REMEMBERED_BATCHES + 1):
        assert await admitted(database, user, str(number), size=0)
    assert not await admitted(database, user, "1", size=0)
    assert await admitted(database, user, "0", size=0)


async def test_who_reads_is_known_by_what_was_saved_or_failed(database: Database) -> None:
    user = await a_user(database)

    async def has_read() -> bool:
        async with database.reading() as db:
            return await Measurers(db).has_read(user)

    assert await admitted(database, user)
    assert not await has_read()
    async with database.transaction() as db:
        await Measurers(db).handed_in(user, TODAY)
    assert await has_read()
    assert await admitted(database, user)
    assert await has_read()


async def test_a_saved_reading_is_enough(database: Database) -> None:
    user = await a_user(database)
    async with database.transaction() as db:
        session = await PracticeSessions(db).create(user)
        kept = report(read("the"))
        await Readings(db).save_once(user_id=user, session_id=session.id, request_id="r-1", report=kept)
        assert await Measurers(db).has_read(user)
        assert not await Measurers(db).has_read(user + 1)


async def test_who_has_left_is_forgotten(database: Database) -> None:
    user = await a_user(database)
    assert await admitted(database, user, "a")
    async with database.transaction() as db:
        await Users(db).delete(user)
    with pytest.raises(UserGone):
        await admitted(database, user, "b")
