"""What was counted of both ways, over a real socket."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serving import Learner, RunningServer, register
from sounditout.persistence.admins import Admins

PATH = "/api/operations/metrics"
READING = {"kind": "reading", "transport": "websocket", "later": True, "outcome": "complete", "first_event_ms": 40}


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {"use_websocket": "auto"}


@pytest.fixture
def admin(server: RunningServer) -> Learner:
    async def name() -> None:
        async with server.services.database.transaction() as db:
            await Admins(db).add("Ada")

    named = register(server, "Ada")
    server.run(name())
    return named


def test_what_pages_send_is_in_the_figures_of_its_stage(server: RunningServer, admin: Learner) -> None:
    with server.client(admin.headers) as client:
        before = client.get(PATH).raise_for_status().json()
        started = client.post("/api/operations/rollout", json={"action": "start", "reason": "a school begins"}).json()
        sent = [READING, {"kind": "fallback", "reason": "blocked"}]
        client.post("/api/measurements", json={"stage": started["stage"], "measurements": sent}).raise_for_status()
        after = client.get(PATH).raise_for_status().json()
    assert before["transports"] == before["fallbacks"] == []
    [counted] = after["transports"]
    assert (counted["transport"], counted["stage"], counted["readings"], counted["sessions"]) == (
        "websocket",
        10,
        1,
        1,
    )
    assert after["fallbacks"] == [{"reason": "blocked", "count": 1}]
    assert datetime.fromisoformat(after["since"]) <= datetime.now(UTC)


def test_figures_and_evidence_differ_by_those_who_have_chosen(server: RunningServer, admin: Learner) -> None:
    with server.client(admin.headers) as client:
        client.patch("/api/users/me/settings", json={"use_websocket": True}).raise_for_status()
        stage = client.post("/api/operations/rollout", json={"action": "start", "reason": "a start"}).json()["stage"]
        client.post("/api/measurements", json={"stage": stage, "measurements": [READING]}).raise_for_status()
        [counted] = client.get(PATH).json()["transports"]
        metrics = client.get("/api/operations/rollout").json()["metrics"]
    assert counted["readings"] == 1
    assert [metric["websocket"]["trials"] for metric in metrics] == [0, 0, 0, 0]
