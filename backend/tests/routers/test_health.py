"""What an orchestrator is told."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from postgres import running_postgres
from serving import RunningServer, register, serving, tiny_engines
from sounditout.analysis.workers import Workers
from sounditout.settings import Settings


def test_alive(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_says_what_was_checked(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.get("/readyz")
    assert answer.status_code == 200
    ready = answer.json()
    assert ready["status"] == "ready"
    assert set(ready["checks"]) == {"database", "recognizer", "speaker", "queue", "accepting"}
    assert all(check["ok"] for check in ready["checks"].values())
    assert ready["checks"]["recognizer"]["detail"] == "fake 1 is loaded"
    assert ready["checks"]["speaker"]["detail"] == "is loaded"
    assert ready["checks"]["queue"]["detail"] == "0 being listened to, 0 waiting, room for 66"


def test_not_ready_while_stopping(server: RunningServer) -> None:
    server.run(server.services.drain.run())
    with server.client() as client:
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["status"] == "not_ready"
    assert answer.json()["checks"]["accepting"] == {"ok": False, "detail": "stopping"}


def test_not_ready_while_one_more_reading_would_be_refused(settings: Settings) -> None:
    gate = threading.Event()
    small = settings.model_copy(update={"workers": 1, "max_waiting": 1})
    with serving(small, tiny_engines()) as server, server.client() as client:
        work = [server.run(begin(server.services.workers, gate.wait)) for _ in range(2)]
        full: Any = client.get("/readyz")
        gate.set()
        server.run(asyncio.wait(work))
        assert client.get("/readyz").json()["checks"]["queue"]["ok"]
    assert full.status_code == 503
    assert full.json()["checks"]["queue"] == {"ok": False, "detail": "1 being listened to, 1 waiting, room for 2"}


async def begin(workers: Workers, work: Callable[[], object]) -> asyncio.Task[object]:
    """One more call that runs or waits."""
    task = asyncio.create_task(workers.run(1, work))
    await asyncio.sleep(0)  # it has its place in the line
    return task


def test_not_ready_without_a_database_and_ready_again_with_it(postgres_programs: Path, tmp_path: Path) -> None:
    with running_postgres(postgres_programs) as cluster:
        url = asyncio.run(cluster.create_database("coach"))
        settings = Settings(database_url=url, secret_file=tmp_path / "key", web_dir=tmp_path)
        with serving(settings, tiny_engines()) as server, server.client() as client:
            assert register(server).user_id == 1
            cluster.stop()
            answer: Any = client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["checks"]["database"] == {"ok": False, "detail": "does not answer"}
            assert client.get("/healthz").status_code == 200
            cluster.start()
            assert client.get("/readyz").status_code == 200
            assert register(server).user_id > 1
