"""What pages measure is counted, over a real socket and in a real database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from transports import Reading

from saving import save
from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.accounts.throttle import Pace
from sounditout.engines.fakes import FakeRecognizer
from sounditout.persistence.repositories import ChosenSettings
from sounditout.rollout.evidence import Evidence
from sounditout.routers.measurements import MAX_A_DAY
from sounditout.settings import Settings
from speech import as_wav, tone

RECORDING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")
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


def send(
    server: RunningServer, learner: Learner, stage: int, batch: list[Any], batch_id: str | None = None
) -> httpx.Response:
    body = {"stage": stage, "measurements": batch} | ({"batch_id": batch_id} if batch_id else {})
    with server.client(learner.headers) as client:
        return client.post(PATH, json=body)


@pytest.fixture
def learner(server: RunningServer) -> Learner:
    """Somebody who has read before."""
    return a_reader(server)


def a_reader(server: RunningServer) -> Learner:
    reader = register(server)
    save(server, reader, "r-1")
    return reader


def readings(server: RunningServer) -> int:
    """How many are evidence."""
    found = evidence(server)
    return found.ws.readings.trials + found.sse.readings.trials


def counted(server: RunningServer) -> float:
    """Readings in the figures of the server."""
    figures = server.services.metrics.client_readings.collect()
    return sum(each.value for one in figures for each in one.samples if each.name.endswith("_total"))


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
        'sounditout_client_session_seconds_total{stage="10"} 60.0',
        'sounditout_client_session_closes_total{close_code="1000",stage="10"} 1.0',
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
    assert send(server, a_reader(server), stage + 1, BATCH).status_code == 204
    assert readings(server) == 0


def test_who_has_read_nothing_is_no_evidence_but_is_in_the_figures(server: RunningServer) -> None:
    stage, newcomer = begun(server), register(server)
    assert send(server, newcomer, stage, BATCH).status_code == 204
    assert (readings(server), counted(server)) == (0, 2)
    save(server, newcomer, "r-1")
    send(server, newcomer, stage, BATCH)
    assert (readings(server), counted(server)) == (2, 4)


def test_who_could_not_read_because_everything_fails_is_evidence(settings: Settings) -> None:
    broken = replace(tiny_engines(), recognizer=FakeRecognizer(before=lambda: 1 / 0))
    with serving(settings, broken) as server:
        stage, newcomer = begun(server), register(server)
        with server.client(newcomer.headers) as client:
            answer = client.post(RECORDING.endpoint, **RECORDING.as_form(newcomer))
        assert '"type":"error"' in answer.text
        send(server, newcomer, stage, [FAILED])
        assert readings(server) == 1


def test_who_said_nothing_has_not_read(settings: Settings) -> None:
    with serving(settings, tiny_engines()) as server:
        stage, newcomer = begun(server), register(server)
        with server.client(newcomer.headers) as client:
            silence = replace(RECORDING, audio=as_wav(tone(0.05).samples))
            answer = client.post(silence.endpoint, **silence.as_form(newcomer))
        assert "audio_too_short" in answer.text
        send(server, newcomer, stage, [FAILED])
        assert readings(server) == 0


def test_a_batch_that_comes_again_counts_once(server: RunningServer, learner: Learner) -> None:
    stage, batch_id = begun(server), str(uuid4())
    for _ in range(3):
        assert send(server, learner, stage, BATCH, batch_id).status_code == 204
    assert (readings(server), counted(server)) == (2, 2)
    send(server, learner, stage, BATCH, str(uuid4()))
    assert (readings(server), counted(server)) == (4, 4)


def test_a_batch_that_comes_again_to_another_process_counts_once(settings: Settings) -> None:
    with serving(settings, tiny_engines()) as one, serving(settings, tiny_engines()) as other:
        stage, reader, batch_id = begun(one), a_reader(one), str(uuid4())
        for server in (one, other):  # at its first request a server makes what both threads would warn of at once
            send(server, reader, stage, [BATCH[0]])
        with ThreadPoolExecutor(4) as threads:
            answers = threads.map(lambda server: send(server, reader, stage, BATCH, batch_id), [one, other] * 2)
            assert [answer.status_code for answer in answers] == [204] * 4
        assert readings(one) == counted(one) + counted(other) == 2


def test_the_same_id_of_another_user_is_another_batch(server: RunningServer, learner: Learner) -> None:
    stage, batch_id = begun(server), str(uuid4())
    for sender in (learner, a_reader(server)):
        send(server, sender, stage, BATCH, batch_id)
    assert readings(server) == 4


def test_nobody_counts_for_more_than_one_day_of_reading(server: RunningServer, learner: Learner) -> None:
    stage, hundred = begun(server), [READING] * 100
    assert [send(server, learner, stage, hundred).status_code for _ in range(7)] == [204] * 7
    assert readings(server) == counted(server) == MAX_A_DAY
    send(server, a_reader(server), stage, hundred)
    assert readings(server) == MAX_A_DAY + 100


def test_what_cannot_be_read_is_left_out_and_the_rest_is_taken(server: RunningServer, learner: Learner) -> None:
    strange = [{**READING, "words_ms": -1}, {"kind": "smell"}, None, 7]
    answer = send(server, learner, begun(server), [*strange, *BATCH])
    assert (answer.status_code, answer.json()) == (200, {"left_out": 4})
    assert readings(server) == 2


@pytest.mark.parametrize("batch_id", ["", "my name is Bo", "0" * 36, "c7918066-72b3-4298-937e-c0e14ecea6b70"])
def test_an_id_that_is_none_is_refused(server: RunningServer, learner: Learner, batch_id: str) -> None:
    with server.client(learner.headers) as client:
        body = {"stage": 0, "measurements": BATCH, "batch_id": batch_id}
        assert client.post(PATH, json=body).status_code == 422


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


def test_the_document_has_the_numbers() -> None:
    document = " ".join((Path(__file__).parents[3] / "docs" / "API.md").read_text().split())
    assert f"Of one user at most {MAX_A_DAY} measurements a day" in document
