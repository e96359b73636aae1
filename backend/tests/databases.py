"""Databases that have all their tables already.

To migrate takes most of the time in which a server starts; tests of the migrations begin with an empty database.
"""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from sounditout.persistence.database import Database


async def migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.dispose()


@cache
def _migrated_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as outside_of_any_loop:
        file = Path(folder) / "new.db"
        outside_of_any_loop.submit(asyncio.run, migrate(f"sqlite:///{file}")).result()
        return file.read_bytes()


def new_sqlite(file: Path) -> str:
    """Put a database into a new file; its URL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated_sqlite())
    return f"sqlite:///{file}"
