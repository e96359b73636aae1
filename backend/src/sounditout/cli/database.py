"""How the database stands, without changing it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.cli.failure import BAD_INPUT, CommandFailed
from sounditout.persistence.database import MIGRATIONS, Database, normalised


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """One look at a database.

    Attributes:
        description: its URL without the password.
        missing_file: the SQLite file, where that has not been made yet.
        revision: of its tables; None when there are none.
        newest: the revision of this program.
        is_known: whether this program knows the revision and can migrate from it.
    """

    description: str
    newest: str | None
    missing_file: Path | None = None
    revision: str | None = None
    is_known: bool = True


def database_status(url: str) -> DatabaseStatus:
    """Look at the database.

    Raises:
        ValueError: a database of another kind.
        SQLAlchemyError, OSError: it does not answer.
    """
    parsed = normalised(url)
    description = parsed.render_as_string(hide_password=True)
    revisions = _revisions()
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return DatabaseStatus(description, revisions[0], missing_file=Path(str(parsed.database)).absolute())
    revision = asyncio.run(_revision(url))
    return DatabaseStatus(description, revisions[0], revision=revision, is_known=revision in (None, *revisions))


def check_database(url: str) -> None:
    """Say in one line what would otherwise be a traceback of who uses the database next.

    Raises:
        CommandFailed: it does not answer, or its tables are of a newer version of this program.
    """
    try:
        status = database_status(url)
    except (SQLAlchemyError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise CommandFailed(
            "no_database", f"The database cannot be used: {reason}. Set DATABASE_URL to one that answers."
        ) from error
    if not status.is_known:
        raise CommandFailed(
            "newer_database",
            f"The tables are of a newer version of this program ({status.revision}). Install that again, or restore "
            "the backup that was made before it.",
            BAD_INPUT,  # which is not tried again by itself
        )


async def _revision(url: str) -> str | None:
    database = Database(url)
    try:
        async with database.reading() as session:
            return await _current(session)
    finally:
        await database.dispose()


async def _current(session: AsyncSession) -> str | None:
    connection = await session.connection()
    return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def _revisions() -> list[str]:
    """All of this program's, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
