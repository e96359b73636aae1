"""Transactions on SQLite that take one change of threads.

The asynchronous driver changes threads for every call, and a statement is several calls: opened, executed, fetched,
closed. With as many as a transaction has, changing threads takes longer than what is done in them. What every reading
waits for is therefore one function, run as a whole where it may block.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

T = TypeVar("T")

_THREADS: Final = 2
"""SQLite has one writer; the other thread is for those who only read."""
_READ_ONLY: Final = "sounditout_read_only"


class AtOnce:
    """Opened lazily.

    Args:
        url: of a file.
        prepare: is called with every new connection.
        options: of the engine.
    """

    def __init__(
        self, url: URL, prepare: Callable[[DBAPIConnection, object], None], options: Mapping[str, Any]
    ) -> None:
        self._engine = create_engine(url.set(drivername="sqlite"), **options)
        event.listen(self._engine, "connect", prepare)
        event.listen(self._engine, "begin", _begin)
        self._readers = self._engine.execution_options(**{_READ_ONLY: True})
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sounditout-database")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Commit what `work` does, or nothing of it when it raises. A caller who is cancelled changes nothing."""

        def whole() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await self._in_thread(whole)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds in one consistent state; what it changes is lost."""

        def whole() -> T:
            with self._readers.connect() as connection:
                return work(connection)

        return await self._in_thread(whole)

    async def _in_thread(self, whole: Callable[[], T]) -> T:
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, whole))

    async def dispose(self) -> None:
        """Let what was begun end, and close every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    driver: Any = connection.connection.dbapi_connection
    driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
