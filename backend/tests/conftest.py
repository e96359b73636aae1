"""Fixtures that several tests share.

A test that wants the server with the real engines, or with other settings, overrides `server_engines` or
`server_options` in its module:

    @pytest.fixture
    def server_engines(engines: Engines) -> Engines:
        return engines
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.analysis.ports import Engines
from sounditout.app import build_engines, close_engines
from sounditout.settings import Settings


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The real engines, loaded once for all tests."""
    loaded = build_engines(Settings())
    yield loaded
    close_engines(loaded)


@pytest.fixture
def settings(tmp_path: Path, server_options: dict[str, Any]) -> Settings:
    """Settings of a server that keeps everything in a temporary folder."""
    own = {
        "database_url": f"sqlite:///{tmp_path / 'test.db'}",
        "secret_file": tmp_path / "secret.key",
        "web_dir": tmp_path / "web",
    }
    return Settings(**{**own, **server_options})


@pytest.fixture
def server_options() -> dict[str, Any]:
    """Settings that differ from the defaults."""
    return {}


@pytest.fixture
def server_engines() -> Engines:
    """The engines of `server`: tiny ones."""
    return tiny_engines()


@pytest.fixture
def server(settings: Settings, server_engines: Engines) -> Iterator[RunningServer]:
    """A running server with a database of its own."""
    with serving(settings, server_engines) as running:
        yield running


@pytest.fixture
def learner(server: RunningServer) -> Learner:
    """Somebody registered at `server`, with a token and a session."""
    return register(server)
