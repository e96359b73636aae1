"""Everything that is kept of a user, as one file, over a real socket."""

import json
from typing import Any

import httpx
import pytest

from reports import read, report, some_report
from saving import save, save_many
from serving import PASSWORD, Learner, RunningServer, register
from sounditout.persistence.tables import Table
from sounditout.routers.privacy import Export

PATH = "/api/users/me/export"

WHERE = {
    "users": {"id", "username", "created_at", "username_key", "password_hash", "token_version", "is_admin"},
    "user_settings": {"user_id", "chosen"},
    "practice_sessions": {"id", "user_id", "activity", "created_at"},
    "readings": {
        *("id", "user_id", "session_id", "request_id", "sentence", "report", "created_at"),
        *("accuracy", "phoneme_error_rate", "words_correct_per_minute"),
    },
    "objections": {"id", "reading_id", "word_index", "created_at"},
    "measurers": {"user_id", "day", "taken", "batches", "handed_in"},
    "rollout_changes": {"number", "action", "percentage", "held", "who", "reason", "at"},
    "rollout_counts": {
        *("stage", "pseudonym", "use_websocket", "readings", "failed_readings", "later_requests"),
        *("slow_later_requests", "sessions", "broken_sessions"),
    },
    "rollout_latencies": {"stage", "pseudonym", "bin", "use_websocket", "count"},
}
"""What the export was written for. The hash and the version of tokens are secrets, `username_key` and the scores
beside the report say nothing new; the rollout is the server's business, and its counts are nobody's: they cannot be
found by user. What is remembered of a page's latest measurements only keeps them from being counted twice. All the
rest is in it."""


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


def export(server: RunningServer, learner: Learner) -> httpx.Response:
    with server.client(learner.headers) as client:
        return client.get(PATH).raise_for_status()


def test_whoever_adds_a_column_thinks_of_the_export() -> None:
    assert {name: set(table.columns.keys()) for name, table in Table.metadata.tables.items()} == WHERE


def test_file_holds_everything_and_nothing_of_others(server: RunningServer, learner: Learner) -> None:
    save(server, register(server), "theirs")
    kept = report(read("the"), read("ship", "SH IH P"), sentence='The shíp ✓ "quoted" \\')
    number = save(server, learner, "mine", kept)
    with server.client(learner.headers) as client:
        client.patch("/api/users/me/settings", json={"theme": "dark"})
        client.post(f"/api/sessions/{learner.session_id}/readings/{number}/objections", json={"word_index": 1})
        session = client.get("/api/sessions").json()[0]
        me = client.get("/api/users/me").json()
        reading = client.get(f"/api/sessions/{learner.session_id}/readings").json()[0]
    answer = export(server, learner)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sound-it-out.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    Export.model_validate(body)
    assert body["user"] == me
    assert body["settings"]["theme"] == "dark"
    assert body["sessions"] == [session]
    (exported,) = body["readings"]
    (objection,) = exported.pop("objections")
    assert objection["word_index"] == 1
    assert reading.pop("objections") == [1]
    assert exported == {**reading, "session_id": learner.session_id}
    assert PASSWORD not in answer.text
    assert "$argon2" not in answer.text


def test_many_readings_come_in_order_and_once(server: RunningServer, learner: Learner) -> None:
    save_many(server, learner, 123, some_report())
    body = export(server, learner).json()
    numbers = [reading["request_id"] for reading in body["readings"]]
    assert numbers == [f"one of many {number}" for number in range(123)]


def test_who_has_read_nothing_gets_a_file_too(server: RunningServer) -> None:
    with server.client() as client:
        token = client.post("/api/auth/guest").json()["access_token"]
        body = client.get(PATH, headers={"Authorization": f"Bearer {token}"}).json()
    assert (body["sessions"], body["readings"]) == ([], [])
    assert body["user"]["guest"] is True


def test_file_is_sent_in_pieces(server: RunningServer, learner: Learner) -> None:
    save_many(server, learner, 120, some_report())
    with server.client(learner.headers) as client, client.stream("GET", PATH) as answer:
        assert "Content-Length" not in answer.headers
        pieces = list(answer.iter_raw())
    assert len(pieces) > 3
    assert len(json.loads(b"".join(pieces))["readings"]) == 120


def test_again_and_again_has_to_wait(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        answers = [client.get(PATH) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10


def test_file_is_for_those_who_signed_in(server: RunningServer) -> None:
    with server.client() as client:
        assert client.get(PATH).status_code == 401


def test_nothing_is_left_to_take_away_for_who_has_left(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        client.request("DELETE", "/api/users/me", json={"password": PASSWORD}).raise_for_status()
        assert client.get(PATH).status_code == 401
