"""Who may look after the server, on both kinds of database."""

import pytest

from sounditout.persistence.admins import Admins, NoSuchAccount
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users


async def test_nobody_may_look_after_the_server_before_somebody_is_named(database: Database) -> None:
    async with database.transaction() as db:
        ada, bo = await Users(db).create("Ada", "hash"), await Users(db).create("Bo", "hash")
        assert await Admins(db).names() == []
        await Admins(db).add(" ADA ")
        await Admins(db).add("ada")
    async with database.reading() as db:
        assert await Admins(db).names() == ["Ada"]
        assert await Admins(db).contains(ada.id)
        assert not await Admins(db).contains(bo.id)
        assert not await Admins(db).contains(2**40)


async def test_who_is_removed_may_not_any_more(database: Database) -> None:
    async with database.transaction() as db:
        ada = await Users(db).create("Ada", "hash")
        await Admins(db).add("Ada")
    async with database.transaction() as db:
        await Admins(db).remove("ada")
    async with database.reading() as db:
        assert not await Admins(db).contains(ada.id)
        assert await Admins(db).names() == []


@pytest.mark.parametrize("name", ["nobody", "a guest"])
async def test_only_who_can_sign_in_can_be_named(database: Database, name: str) -> None:
    async with database.transaction() as db:
        await Users(db).create("a guest", None)
        with pytest.raises(NoSuchAccount):
            await Admins(db).add(name)
        with pytest.raises(NoSuchAccount):
            await Admins(db).remove(name)
