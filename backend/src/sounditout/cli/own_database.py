"""What a command asks of the database of this installation."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sounditout.persistence.database import Database
    from sounditout.settings import Settings

T = TypeVar("T")


def in_database(settings: "Settings", ask: "Callable[[Database], Coroutine[Any, Any, T]]") -> T:
    """The answer; the database is made, or brought up to date, where it has to be.

    Raises:
        CommandFailed: it cannot be used.
    """
    from sounditout.cli.database import check_database
    from sounditout.persistence.database import Database

    async def work() -> T:
        database = Database(settings.database_url)
        try:
            await database.migrate()
            return await ask(database)
        finally:
            await database.dispose()

    check_database(settings.database_url)
    return asyncio.run(work())
