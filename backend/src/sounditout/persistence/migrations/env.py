"""Alembic's entry: runs on the connection it is given by `Database.migrate`, or opens the configured one.

The second way is for developers: `cd backend && uv run alembic revision --autogenerate -m "why"`.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from sounditout.persistence.database import normalised
from sounditout.persistence.tables import Table
from sounditout.settings import Settings


def run(connection: Connection) -> None:
    """Run what alembic was asked for, inside the connection's transaction."""
    # render_as_batch: SQLite changes a table by rebuilding it.
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_on_configured_database() -> None:
    """Open the database of the settings for one command."""
    engine = create_async_engine(normalised(Settings().database_url))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given: Connection | None = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_on_configured_database())
else:
    run(given)
