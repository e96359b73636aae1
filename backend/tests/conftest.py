"""Fixtures that several tests share.

A test that wants the server with the real engines, or with other settings, overrides `server_engines` or
`server_options` in its module:

    @pytest.fixture
    def server_engines(engines: Engines) -> Engines:
        return engines

The app is imported where it is started, so that tests of pure parts need none of it.
"""

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import structlog

if TYPE_CHECKING:
    from postgres import Postgres
    from serving import Learner, RunningServer
    from sounditout.analysis.ports import Engines
    from sounditout.settings import Settings


def pytest_configure() -> None:
    """Let pytest catch our log and show it with the test that failed, and Python keep what it compiles.

    Test processes and the servers that they start would otherwise compile everything anew, again and again; also
    Hypothesis, in which pytest rewrites assertions, and which is therefore imported after that.
    """
    gc.disable()  # what is imported from here on stays
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    from thorough import load_profile

    load_profile()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.render_to_log_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def pytest_collection_finish() -> None:
    """Tests and modules stay: let no collection of garbage look through them again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Load them once: a client that is not told which to trust takes a twentieth of a second for them."""
    from httpx._transports import default

    with patch.object(default, "create_ssl_context", cache(default.create_ssl_context)):
        yield


@pytest.fixture(scope="session")
def engines() -> "Iterator[Engines]":
    """The real engines, loaded once for all tests."""
    from sounditout.app import build_engines, close_engines
    from sounditout.settings import Settings

    loaded = build_engines(Settings())
    yield loaded
    close_engines(loaded)


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """Where PostgreSQL's programs are; where there are none, tests that need them are skipped, except on CI."""
    from postgres import find_programs

    programs = find_programs()
    if programs is None:
        message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return programs


@pytest.fixture(scope="session")
def postgres(postgres_programs: Path) -> "Iterator[Postgres]":
    """A real PostgreSQL that runs as long as the tests."""
    from postgres import running_postgres

    with running_postgres(postgres_programs) as cluster:
        yield cluster


@pytest.fixture
def settings(tmp_path: Path, server_options: dict[str, Any]) -> "Settings":
    """Settings of a server that keeps everything in a temporary folder."""
    from databases import new_sqlite
    from sounditout.settings import Settings

    own = {
        "database_url": new_sqlite(tmp_path / "test.db"),
        "secret_file": tmp_path / "secret.key",
        "web_dir": tmp_path / "web",
    }
    return Settings(**{**own, **server_options})


@pytest.fixture
def server_options() -> dict[str, Any]:
    """Settings that differ from the defaults."""
    return {}


@pytest.fixture
def server_engines() -> "Engines":
    """The engines of `server`: tiny ones."""
    from serving import tiny_engines

    return tiny_engines()


@pytest.fixture
def server(settings: "Settings", server_engines: "Engines") -> "Iterator[RunningServer]":
    """A running server with a database of its own."""
    from serving import serving

    with serving(settings, server_engines) as running:
        yield running


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[RunningServer]":
    """One server with tiny engines for many tests, for those that leave no traces outside their own users."""
    from serving import serving, tiny_engines
    from sounditout.settings import Settings

    folder = tmp_path_factory.mktemp("server")
    url = f"sqlite:///{folder / 'test.db'}"
    settings = Settings(database_url=url, secret_file=folder / "secret.key", web_dir=folder / "web")
    with serving(settings, tiny_engines()) as running:
        yield running


@pytest.fixture
def learner(server: "RunningServer") -> "Learner":
    """Somebody registered at `server`, with a token and a session."""
    from serving import register

    return register(server)
