"""A user who is deleted while one of their readings is being listened to, over a real socket, on both databases."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from serving import PASSWORD, Learner, RunningServer, register, serving, tiny_engines
from sounditout.engines.fakes import FakeRecognizer
from sounditout.persistence.tables import PracticeSession, Reading, User
from sounditout.settings import Settings
from speech import as_wav, tone


class Gate:
    """Stops the recognizer in the middle."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        self.opened.wait(30)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path, gate: Gate) -> Iterator[RunningServer]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        url = asyncio.run(request.getfixturevalue("postgres").migrated_database("leaving"))
    settings = Settings(database_url=url, secret_file=tmp_path / "key", web_dir=tmp_path)
    engines = replace(tiny_engines(), recognizer=FakeRecognizer(before=gate))
    with serving(settings, engines) as running:
        yield running


def test_reading_of_a_user_who_leaves_ends_with_a_reason_and_is_not_kept(server: RunningServer, gate: Gate) -> None:
    learner = register(server)
    with ThreadPoolExecutor(1) as pool, server.client(learner.headers) as client:
        answer = pool.submit(read, server, learner)
        assert gate.reached.wait(30)
        leaving = client.request("DELETE", "/api/users/me", json={"password": PASSWORD})
        gate.opened.set()
        events = answer.result(timeout=30)
    assert leaving.status_code == 204
    assert [event["type"] for event in events if event["type"] != "progress"] == ["processing_started", "error"]
    assert events[-1]["data"]["code"] == "unauthorized"
    assert "deleted" in events[-1]["data"]["message"]
    assert server.run(count_rows(server)) == [0, 0, 0]


def read(server: RunningServer, learner: Learner) -> list[dict[str, Any]]:
    """The events of one reading."""
    with server.client(learner.headers) as client:
        answer: httpx.Response = client.post(
            "/api/ai/analyze-audio",
            files={"audio_file": ("reading.wav", as_wav(tone(1.0).samples), "audio/wav")},
            data={"attempted_sentence": "The cat sat.", "session_id": str(learner.session_id)},
        )
    lines = answer.raise_for_status().text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def count_rows(server: RunningServer) -> list[int | None]:
    """Users, practice sessions, readings."""
    async with server.services.database.reading() as db:
        return [await db.scalar(select(func.count(table.id))) for table in (User, PracticeSession, Reading)]
