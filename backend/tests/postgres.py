"""A PostgreSQL of the tests' own: a throw-away cluster behind a Unix socket, gone when the tests end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from databases import migrate

_DEBIAN = Path("/usr/lib/postgresql")
_OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -c max_connections=100"
)

_MIGRATED = "migrated"
"""The template of databases that have all tables; nobody is connected to it."""


class Postgres:
    """A cluster in a folder.

    Args:
        programs: the folder with `initdb` and `pg_ctl`.
        folder: for data, log and socket; PostgreSQL's user may write into it.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = str(folder / "data")
        self._has_migrated = False

    def create(self) -> None:
        self._call("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Returns when it accepts connections."""
        options = f"{_OPTIONS} -k {self._folder}"
        self._call("pg_ctl", "-D", self._data, "-l", str(self._folder / "log"), "-o", options, "-w", "start")

    def stop(self) -> None:
        """Cuts every connection; what was committed is there after the next start."""
        self._call("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop")

    def abandon(self) -> None:
        """Stops without writing anything to the disk, for the last time."""
        self._call("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        """As an operator would write it, without the asynchronous driver."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    async def create_database(self, name: str, template: str = "template1") -> str:
        """A new database, empty as PostgreSQL's own template is; returns its URL."""
        connection = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return self.url(name)

    async def migrated_database(self, name: str) -> str:
        """A new database that has all tables already; returns its URL."""
        if not self._has_migrated:
            await migrate(await self.create_database(_MIGRATED))
            self._has_migrated = True
        return await self.create_database(name, _MIGRATED)

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            (str(self._programs / program), *arguments),
            check=False,
            cwd=self._folder,
            env={"LC_ALL": "C", "PATH": os.defpath},
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            **_account(),
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout or self._log()}"

    def _log(self) -> str:
        log = self._folder / "log"
        return log.read_text() if log.exists() else ""


def find_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, or None when PostgreSQL is not installed."""
    on_path = shutil.which("pg_ctl")
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *sorted(_DEBIAN.glob("*/bin"), reverse=True)]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def running_postgres(programs: Path) -> Iterator[Postgres]:
    """Start a cluster, and remove it at the end."""
    # Directly under the system's folder for temporary files: pytest's own is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        account = _account()
        if account:
            os.chown(folder, account["user"], account["group"])
        cluster = Postgres(programs, folder)
        cluster.create()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.abandon()
    finally:
        shutil.rmtree(folder)


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: whom to become then."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
