"""A PostgreSQL of the tests' own: a throw-away cluster behind a Unix socket, gone when the tests end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

_DEBIAN = Path("/usr/lib/postgresql")
_OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -c max_connections=100"
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running cluster."""

    socket_folder: Path

    def url(self, database: str) -> str:
        """As an operator would write it, without the asynchronous driver."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    async def create_database(self, name: str) -> str:
        """A new, empty database; returns its URL."""
        connection = await asyncpg.connect(host=str(self.socket_folder), user="postgres", database="postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.url(name)


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
    account = _account()
    if account:
        os.chown(folder, account["user"], account["group"])
    data = folder / "data"

    def call(*command: str) -> None:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            env={"LC_ALL": "C", "PATH": os.defpath},
            capture_output=True,
            text=True,
            **account,
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"

    try:
        call(f"{programs}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"{_OPTIONS} -k {folder}"
        call(f"{programs}/pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield Postgres(folder)
        finally:
            call(f"{programs}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: whom to become then."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
