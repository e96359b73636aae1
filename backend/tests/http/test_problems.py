"""Every error has the same form, says what to do, and gives nothing away."""

import logging
from dataclasses import replace

import httpx
import pytest

from serving import RunningServer, serving, tiny_engines
from sounditout.analysis.models import RecognizerInfo
from sounditout.errors import SoundItOutError, all_codes
from sounditout.http.problems import problem
from sounditout.settings import Settings


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


def check(answer: httpx.Response, status: int, code: str) -> str:
    """The detail of a well-formed problem."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    content = answer.json()
    detail = content.pop("detail")
    assert set(content) == {"type", "title", "status", "code", "retryable"}
    assert (content["type"], content["status"], content["code"]) == ("about:blank", status, code)
    assert detail
    assert "Traceback" not in answer.text
    return str(detail)


@pytest.mark.parametrize("code", all_codes())
def test_every_error_can_be_answered(code: str) -> None:
    error: SoundItOutError = all_codes()[code]()
    answer = problem(error)
    assert 400 <= answer.status_code < 600
    assert error.code.encode() in answer.body


def test_unknown_address(server: RunningServer) -> None:
    with server.client() as client:
        check(client.get("/api/nothing"), 404, "invalid_message")


def test_wrong_method(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.delete("/api/auth/register")
    check(answer, 405, "invalid_message")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 422), (b"[]", 422), (b"", 422), (b'{"username": "ada"}', 422), (b"\xff", 400), (b"[" * 60_000, 400)],
)
def test_body_that_cannot_be_read(server: RunningServer, body: bytes, status: int) -> None:
    with server.client({"Content-Type": "application/json"}) as client:
        answer = client.post("/api/auth/register", content=body)
    check(answer, status, "invalid_message")


def test_refusal_names_the_field_and_repeats_no_value(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/register", json={"password": {"my": "secret words"}})
    detail = check(answer, 422, "invalid_message")
    assert detail.startswith("username: ")
    assert "password: " in detail
    assert "secret words" not in answer.text


class BrokenRecognizer:
    """Fails in a way nobody expected."""

    @property
    def info(self) -> RecognizerInfo:
        raise RuntimeError("boom")

    def listen(self, *_: object) -> None:
        raise NotImplementedError


def test_crash_is_a_plain_500_and_the_log_says_why(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    engines = replace(tiny_engines(), recognizer=BrokenRecognizer())  # type: ignore[arg-type]
    with serving(settings, engines) as server, server.client({"X-Request-ID": "the-crash"}) as client:
        answer = client.get("/readyz")
    check(answer, 500, "internal")
    assert "boom" not in answer.text
    assert answer.headers["X-Request-ID"] == "the-crash"
    assert "Content-Security-Policy" in answer.headers
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info
    assert "boom" in str(record.exc_info[1])
    assert record.__dict__["http_request_id"] == "the-crash"
