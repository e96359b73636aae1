"""Objections to a verdict are kept beside the report, over a real socket."""

import httpx
import pytest

from reports import extra, read, report, said
from saving import save
from serving import Learner, RunningServer, register

REPORT = report(read("the"), extra("a"), said("ship", "SH IH P", "S IH P"), said("sat", "S AE T", "S AE P"))


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


@pytest.fixture
def readings(learner: Learner) -> str:
    return f"/api/sessions/{learner.session_id}/readings"


def test_objections_are_listed_with_their_reading(server: RunningServer, learner: Learner, readings: str) -> None:
    first, second = (save(server, learner, name, REPORT) for name in "ab")
    with server.client(learner.headers) as client:
        for word in (2, 0, 2):
            answer = client.post(f"{readings}/{first}/objections", json={"word_index": word})
            assert answer.status_code == 201
            assert answer.json()["word_index"] == word
        listed = {reading["id"]: reading for reading in client.get(readings).json()}
    assert listed[first]["objections"] == [0, 2]
    assert listed[second]["objections"] == []
    assert listed[first]["report"] == listed[second]["report"]  # the verdict stays


def test_the_same_objection_twice_is_one(server: RunningServer, learner: Learner, readings: str) -> None:
    path = f"{readings}/{save(server, learner, 'a', REPORT)}/objections"
    with server.client(learner.headers) as client:
        answers = [client.post(path, json={"word_index": 1}).json() for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("word", [3, 2**31 - 1])
def test_word_that_is_not_in_the_sentence_is_refused(
    server: RunningServer, learner: Learner, readings: str, word: int
) -> None:
    path = f"{readings}/{save(server, learner, 'a', REPORT)}/objections"
    with server.client(learner.headers) as client:
        answer = client.post(path, json={"word_index": word})
        assert (answer.status_code, answer.json()["detail"]) == (400, "The sentence has no such word.")


@pytest.mark.parametrize("word", [-1, 2**31, "1", 1.5, None, True])
def test_what_is_no_word_at_all_is_refused(
    server: RunningServer, learner: Learner, readings: str, word: object
) -> None:
    with server.client(learner.headers) as client:
        assert client.post(f"{readings}/1/objections", json={"word_index": word}).status_code == 422


def object_to(server: RunningServer, learner: Learner, path: str) -> httpx.Response:
    with server.client(learner.headers) as client:
        return client.post(path, json={"word_index": 0})


@pytest.mark.parametrize("number", ["0", "-1", "999999", str(2**31), str(2**80)])
def test_unknown_reading_is_not_found(server: RunningServer, learner: Learner, readings: str, number: str) -> None:
    answer = object_to(server, learner, f"{readings}/{number}/objections")
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (404, "invalid_message", False)


def test_reading_of_another_session_is_not_found(server: RunningServer, learner: Learner, readings: str) -> None:
    theirs = save(server, register(server), "a", REPORT)
    assert object_to(server, learner, f"{readings}/{theirs}/objections").status_code == 404


def test_session_of_somebody_else_is_closed(server: RunningServer, learner: Learner, readings: str) -> None:
    path = f"{readings}/{save(server, learner, 'a', REPORT)}/objections"
    assert object_to(server, register(server), path).status_code == 403
    with server.client() as client:
        assert client.post(path, json={"word_index": 0}).status_code == 401
