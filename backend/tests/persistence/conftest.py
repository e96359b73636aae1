"""Every test here runs on SQLite and on PostgreSQL."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from databases import new_sqlite
from postgres import Postgres
from sounditout.persistence.database import Database

_numbers = itertools.count(1)
_KINDS = ["sqlite", "postgresql"]


@pytest.fixture(params=_KINDS)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'test.db'}"
    cluster: Postgres = request.getfixturevalue("postgres")
    return await cluster.create_database(f"test_{next(_numbers)}")


@pytest.fixture(params=_KINDS)
async def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables."""
    if request.param == "sqlite":
        return await asyncio.to_thread(new_sqlite, tmp_path / "folder" / "test.db")
    cluster: Postgres = request.getfixturevalue("postgres")
    return await cluster.migrated_database(f"test_{next(_numbers)}")


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """A database with all tables, opened."""
    opened = Database(migrated_url)
    yield opened
    await opened.dispose()
