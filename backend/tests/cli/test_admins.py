"""`sounditout admins`, on a database of its own."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sounditout.cli import app
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def admins(*arguments: str, exit_code: int = 0) -> str:
    result = RUNNER.invoke(app, ["admins", *arguments])
    assert result.exit_code == exit_code, result.output
    return result.output


async def _with_accounts(url: str, *names: str) -> None:
    database = Database(url)
    await database.migrate()
    async with database.transaction() as db:
        for name in names:
            await Users(db).create(name, "hash")
    await database.dispose()


def test_who_is_named_is_listed_until_they_are_removed(own_database: str) -> None:
    asyncio.run(_with_accounts(own_database, "Ada", "bo"))
    assert admins("list") == ""
    assert admins("add", "bo") == "bo may look after the server.\n"
    admins("add", "ada")
    assert admins("list") == "Ada\nbo\n"
    assert "not look after the server" in admins("remove", "BO")
    assert admins("list") == "Ada\n"


def test_who_has_no_account_cannot_be_named() -> None:
    assert "Nobody has an account with this name" in admins("add", "nobody", exit_code=2)
    assert "Nobody has an account with this name" in admins("remove", "nobody", exit_code=2)


def test_tables_of_a_newer_program_are_left_as_they_are(own_database: str) -> None:
    asyncio.run(_with_accounts(own_database, "Ada"))
    with sqlite3.connect(own_database.removeprefix("sqlite:///")) as tables:
        tables.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    said = admins("list", exit_code=2)
    assert "of a newer version of this program (from_the_future)" in said
    assert "(newer_database)" in said


def test_a_database_that_does_not_answer_is_said_to_be_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "(no_database)" in admins("list", exit_code=1)
