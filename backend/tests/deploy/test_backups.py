"""The backups of docs/OPERATIONS.md, made from a running server by the very lines that stand there, and restored."""

import os
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from postgres import Postgres
from programs import needed
from saving import save
from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.settings import Settings

DOCUMENT: Final = (Path(__file__).resolve().parents[3] / "docs" / "OPERATIONS.md").read_text()
SECTION: Final = DOCUMENT.split("\n## Backups\n")[1].split("\n## ")[0]
BLOCKS: Final = re.findall(r"^```\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
BEFORE: Final = 20
"""Readings that are there when the backup begins."""


def block(with_: str) -> str:
    """The one block of commands that has this in it."""
    (found,) = (each for each in BLOCKS if with_ in each)
    return found


def typed(commands: str, folder: Path, **environment: str) -> None:
    """Run them in a shell, as the user who is here and below a folder."""
    for service, here in (
        ("runuser -u sounditout -- ", ""),
        ("-o sounditout -g sounditout ", ""),
        ("/var/lib/sounditout", str(folder / "lib")),
        ("/var/backups/sounditout", str(folder / "backups")),
    ):
        commands = commands.replace(service, here)
    lines = [line for line in commands.splitlines() if not line.startswith("systemctl ")]
    script = "set -euo pipefail\n" + "\n".join(lines)
    done = subprocess.run(
        ["/bin/bash", "-c", script], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def somebody_reads(server: RunningServer, learner: Learner) -> Iterator[None]:
    """One reading after the other is saved until the block ends; the first before it begins."""
    stopped, saved = threading.Event(), threading.Event()

    def work() -> None:
        number = 0
        while not stopped.is_set():
            save(server, learner, f"meanwhile {number}")
            number += 1
            saved.set()

    reader = threading.Thread(target=work)
    reader.start()
    try:
        assert saved.wait(20)
        yield
    finally:
        stopped.set()
        reader.join(20)


def request_ids(server: RunningServer, learner: Learner) -> set[str]:
    """Of the learner's readings, asked for with the token that the learner has."""
    with server.client(learner.headers) as client:
        answer = client.get("/api/users/me/export")
        assert answer.status_code == 200
        return {reading["request_id"] for reading in answer.json()["readings"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds `lib`, the data of a server, and `backups`."""
    (tmp_path / "lib").mkdir()
    typed(block("install -d"), tmp_path)
    return tmp_path


@pytest.fixture
def installed(folder: Path) -> Settings:
    lib = folder / "lib"
    url = f"sqlite:///{lib}/sounditout.db"
    return Settings(database_url=url, secret_file=lib / "secret.key", web_dir=folder)


KEY: Final = next(line for line in block("VACUUM INTO").splitlines() if "secret.key" in line)
SQLITE: Final = {"vacuum": block("VACUUM INTO"), "page by page": f"{block('.backup')}{KEY}"}


@pytest.mark.parametrize("backup", SQLITE.values(), ids=SQLITE)
def test_sqlite_is_saved_while_somebody_reads_and_restored(installed: Settings, folder: Path, backup: str) -> None:
    needed("sqlite3", "Debian: apt-get install sqlite3")
    before = {f"before {number}" for number in range(BEFORE)}
    with serving(installed, tiny_engines()) as server:
        learner = register(server)
        for request_id in before:
            save(server, learner, request_id)
        with somebody_reads(server, learner):
            typed(backup, folder)
        save(server, learner, "after")
    (copy,) = (folder / "backups").glob("*.db")
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    (folder / "lib" / "secret.key").unlink()
    typed(block("systemctl stop"), folder)
    with serving(installed, tiny_engines()) as server:
        restored = request_ids(server, learner)
        assert before < restored
        assert "after" not in restored
        save(server, learner, "later")
        assert "later" in request_ids(server, learner)


def test_the_server_is_stopped_before_its_files_change_and_started_again() -> None:
    lines = block("systemctl stop").splitlines()
    assert (lines[0], lines[-1]) == ("systemctl stop sounditout", "systemctl start sounditout")


async def test_postgresql_is_saved_while_somebody_reads_and_restored(
    postgres: Postgres, postgres_programs: Path, installed: Settings, folder: Path
) -> None:
    path = f"{postgres_programs}{os.pathsep}{os.environ['PATH']}"
    url, empty = await postgres.create_database("to_save"), await postgres.create_database("to_restore")
    before = {f"before {number}" for number in range(BEFORE)}
    with serving(installed.model_copy(update={"database_url": url}), tiny_engines()) as server:
        learner = register(server)
        for request_id in before:
            save(server, learner, request_id)
        with somebody_reads(server, learner):
            typed(block("pg_dump --format=custom --file"), folder, DATABASE_URL=url, PATH=path)
        save(server, learner, "after")
    for target in (empty, url):
        typed(block("pg_restore"), folder, DATABASE_URL=target, PATH=path)
        with serving(installed.model_copy(update={"database_url": target}), tiny_engines()) as server:
            restored = request_ids(server, learner)
        assert before < restored
        assert "after" not in restored
