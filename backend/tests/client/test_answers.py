import httpx
import pytest

from sounditout.client.answers import refusal, refused_event
from sounditout.client.errors import ConnectionFailed, Refused, UnreadableAnswer

PROBLEM = "application/problem+json"


def answer(status: int, body: object, content_type: str = PROBLEM, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={"Content-Type": content_type, **headers})


def test_a_problem_with_its_code_and_when_to_come_back() -> None:
    body = {"code": "overloaded", "detail": "Many people are reading.", "retryable": True}
    refused = refusal(answer(503, body, **{"Retry-After": "3"}))
    assert (refused.code, refused.message, refused.status) == ("overloaded", "Many people are reading.", 503)
    assert (refused.retryable, refused.retry_after) == (True, 3)


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", ""])
def test_a_time_to_come_back_that_is_no_number(value: str) -> None:
    assert refusal(answer(503, {"code": "overloaded"}, **{"Retry-After": value})).retry_after is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_whose_server_is_away(status: int) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        refusal(httpx.Response(status, text="<html>Bad Gateway</html>"))
    assert failed.value.retryable


@pytest.mark.parametrize("body", ["", "[]", '{"title": "no code"}', '{"code": 7}'])
def test_somebody_else_answers(body: str) -> None:
    with pytest.raises(UnreadableAnswer):
        refusal(httpx.Response(404, text=body))


def test_a_refusal_as_the_event_that_it_is_on_a_websocket() -> None:
    refused = Refused("overloaded", "Later.", status=503, retryable=True, retry_after=3)
    event = refused_event("r-1", refused)
    assert (event.request_id, event.seq) == ("r-1", 0)
    assert event.data.model_dump() == {
        "code": "overloaded",
        "message": "Later.",
        "retryable": True,
        "retry_after": 3,
        "stage": "receiving",
    }
