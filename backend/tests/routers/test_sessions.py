"""Practice sessions over a real socket: made, listed, and closed to strangers."""

import json
from typing import Any

import httpx
import pytest

from reports import some_report
from saving import save
from serving import Learner, RunningServer, register


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


def get(server: RunningServer, learner: Learner, path: str) -> httpx.Response:
    with server.client(learner.headers) as client:
        return client.get(path)


@pytest.mark.parametrize(
    ("body", "activity"),
    [({"activity": " Short a "}, "Short a"), ({"activity": None}, None), ({}, None), (None, None)],
)
def test_session_is_made(server: RunningServer, learner: Learner, body: Any, activity: str | None) -> None:  # noqa: ANN401
    with server.client(learner.headers) as client:
        made = client.post("/api/sessions", json=body) if body is not None else client.post("/api/sessions")
        assert made.status_code == 201
        assert made.json()["activity"] == activity
        assert isinstance(made.json()["id"], int)
        assert client.get(f"/api/sessions/{made.json()['id']}").json() == made.json()


@pytest.mark.parametrize("activity", ["x" * 201, "a\0b", "line\nbreak", 7])
def test_unusable_activity_is_refused(server: RunningServer, learner: Learner, activity: object) -> None:
    with server.client(learner.headers) as client:
        answer = client.post("/api/sessions", json={"activity": activity})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("activity: ")


def test_sessions_are_listed_newest_first_and_only_ones_own(server: RunningServer, learner: Learner) -> None:
    register(server)
    with server.client(learner.headers) as client:
        ids = [client.post("/api/sessions").json()["id"] for _ in range(3)]
        assert [session["id"] for session in client.get("/api/sessions").json()] == [*ids[::-1], learner.session_id]
        page = client.get("/api/sessions", params={"limit": 2, "before": ids[2]}).json()
        assert [session["id"] for session in page] == [ids[1], ids[0]]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=0", "before=99999999999"])
def test_unusable_page_is_refused(server: RunningServer, learner: Learner, query: str) -> None:
    assert get(server, learner, f"/api/sessions?{query}").status_code == 422


def test_readings_come_with_their_whole_report(server: RunningServer, learner: Learner) -> None:
    first, second = save(server, learner, "r1"), save(server, learner, "r2", some_report("Übung ✓"))
    readings = get(server, learner, f"/api/sessions/{learner.session_id}/readings").json()
    assert [reading["id"] for reading in readings] == [second, first]
    assert readings[0]["request_id"] == "r2"
    assert readings[0]["sentence"] == "Übung ✓"
    assert json.dumps(readings[0]["report"]) == json.dumps(json.loads(some_report("Übung ✓").model_dump_json()))
    page = get(server, learner, f"/api/sessions/{learner.session_id}/readings?limit=1&before={second}").json()
    assert [reading["id"] for reading in page] == [first]


@pytest.mark.parametrize("path", ["", "/readings"])
def test_session_of_somebody_else_is_closed(server: RunningServer, learner: Learner, path: str) -> None:
    stranger = register(server)
    answer = get(server, stranger, f"/api/sessions/{learner.session_id}{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("number", ["999999", "0", "-1", str(2**31), str(2**80)])
@pytest.mark.parametrize("path", ["", "/readings"])
def test_unknown_session_is_not_found(server: RunningServer, learner: Learner, number: str, path: str) -> None:
    answer = get(server, learner, f"/api/sessions/{number}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_session")


@pytest.mark.parametrize("path", ["/api/sessions", "/api/sessions/1", "/api/sessions/1/readings"])
def test_sessions_are_for_those_who_signed_in(server: RunningServer, path: str) -> None:
    with server.client() as client:
        assert client.get(path).status_code == 401
        assert client.post("/api/sessions").status_code == 401
