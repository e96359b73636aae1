"""What pages measure is counted, over a real socket and in a real database."""

from typing import Any

import httpx
import pytest

from serving import Learner, RunningServer, register
from sounditout.accounts.throttle import Pace
from sounditout.persistence.repositories import ChosenSettings
from sounditout.rollout.evidence import Evidence

PATH = "/api/measurements"
READING: dict[str, Any] = {
    "kind": "reading",
    "transport": "websocket",
    "later": True,
    "outcome": "complete",
    "code": None,
    "first_event_ms": 620,
    "words_ms": 900.5,
}
FAILED = {**READING, "outcome": "failed", "code": "internal", "first_event_ms": None, "words_ms": None}
BATCH: list[dict[str, Any]] = [
    {"kind": "connected", "transport": "websocket", "milliseconds": 80},
    READING,
    FAILED,
    {"kind": "session", "transport": "websocket", "seconds": 60, "broken": False, "close_code": 1000},
    {"kind": "fallback", "reason": "unreachable"},
    {"kind": "reconnected", "close_code": 1006, "milliseconds": 700},
]


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {"use_websocket": "auto"}


def send(server: RunningServer, learner: Learner, stage: int, batch: list[dict[str, Any]]) -> httpx.Response:
    with server.client(learner.headers) as client:
        return client.post(PATH, json={"stage": stage, "measurements": batch})


def begun(server: RunningServer) -> int:
    """A rollout at its first stage, whose number this is."""
    return server.run(server.services.flag.change("start", "ada", "a school begins")).stage


def evidence(server: RunningServer) -> Evidence:
    async def work() -> Evidence:
        flag = server.services.flag
        return await flag.evidence(await flag.standing())

    return server.run(work())


def test_what_a_page_has_lived_through_is_evidence_of_its_cohort(server: RunningServer, learner: Learner) -> None:
    stage = begun(server)
    assert send(server, learner, stage, BATCH).status_code == 204
    found = evidence(server)
    cohort = max((found.ws, found.sse), key=lambda each: each.readings.trials)
    assert (cohort.readings.trials, cohort.readings.failures) == (2, 1)
    assert (cohort.later_requests.trials, cohort.later_requests.failures) == (2, 2)
    assert (cohort.connections.trials, cohort.connections.failures) == (2, 1)
    assert cohort.latencies.total == 1


def test_what_a_page_has_measured_is_in_the_figures_of_its_stage(server: RunningServer, learner: Learner) -> None:
    send(server, learner, begun(server), BATCH)
    text = server.services.metrics.exposition().decode()
    for line in (
        'sounditout_client_ready_seconds_count{stage="10",transport="websocket"} 1.0',
        'sounditout_client_first_event_seconds_sum{later="true",stage="10",transport="websocket"} 0.62',
        'sounditout_client_words_seconds_count{stage="10",transport="websocket"} 1.0',
        'sounditout_client_readings_total{failed="true",outcome="failed",stage="10",transport="websocket"} 1.0',
        'sounditout_client_sessions_total{broken="false",stage="10",transport="websocket"} 1.0',
        'sounditout_client_fallbacks_total{reason="unreachable",stage="10"} 1.0',
        'sounditout_client_reconnects_total{close_code="1006",stage="10"} 1.0',
    ):
        assert line in text


def test_who_has_chosen_or_knows_another_stage_is_no_evidence(server: RunningServer, learner: Learner) -> None:
    stage = begun(server)

    async def choose() -> None:
        async with server.services.database.transaction() as db:
            await ChosenSettings(db).merge(learner.user_id, {"use_websocket": True})

    server.run(choose())
    assert send(server, learner, stage, BATCH).status_code == 204
    assert send(server, register(server), stage + 1, BATCH).status_code == 204
    found = evidence(server)
    assert found.ws.readings.trials == found.sse.readings.trials == 0


@pytest.mark.parametrize(
    "measurement",
    [
        {**READING, "sentence": "The cat sat."},
        {**READING, "code": "No Such Code!"},
        {**READING, "words_ms": -1},
        {**READING, "transport": "pigeon"},
        {"kind": "fallback", "reason": "my name is Bo"},
        {"kind": "session", "transport": "sse", "seconds": 1, "broken": False, "close_code": None},
    ],
)
def test_nothing_else_is_taken(server: RunningServer, learner: Learner, measurement: dict[str, Any]) -> None:
    assert send(server, learner, 0, [measurement]).status_code == 422


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_is_bounded(server: RunningServer, learner: Learner, count: int) -> None:
    assert send(server, learner, 0, [READING] * count).status_code == 422


def test_sixty_batches_a_minute_and_others_are_not_kept_waiting(server: RunningServer, learner: Learner) -> None:
    now = 0.0
    server.app.state.measuring = Pace(60, lambda: now)
    with server.client(learner.headers) as client:
        body = {"stage": 0, "measurements": [BATCH[0]]}
        codes = [client.post(PATH, json=body).status_code for _ in range(60)]
        refused = client.post(PATH, json=body)
        now = 1.0
        assert client.post(PATH, json=body).status_code == 204
    assert codes == [204] * 60
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert send(server, register(server), 0, [READING]).status_code == 204


def test_only_users(server: RunningServer) -> None:
    with server.client() as client:
        assert client.post(PATH, json={"stage": 0, "measurements": [READING]}).status_code == 401
