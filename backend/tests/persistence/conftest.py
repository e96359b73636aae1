"""Every test here runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from postgres import Postgres
from sounditout.persistence.database import Database

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'test.db'}"
    cluster: Postgres = request.getfixturevalue("postgres")
    return await cluster.create_database(f"test_{next(_numbers)}")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with all tables."""
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.dispose()
