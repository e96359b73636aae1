"""What is around every request: an id, protective headers, a bound."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.settings import Settings

SMALL = 64 * 1024


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/users/me", "/api/nothing", "/api/openapi.json"])
def test_browsers_are_told_to_load_nothing_from_elsewhere(server: RunningServer, path: str) -> None:
    with server.client() as client:
        headers = client.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert (headers.get("Cache-Control") == "no-store") == (path.startswith("/api/") or path == "/")
    assert "Server" not in headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-proxy.gave_it-1", True), ("x" * 64, True), ("x" * 65, False), ("short", False), ('evil" id="', False)],
)
def test_request_has_an_id(server: RunningServer, given: str, kept: bool) -> None:
    with server.client({"X-Request-ID": given}) as client:
        answered = client.get("/healthz").headers["X-Request-ID"]
    assert (answered == given) == kept
    assert len(answered) >= 8


def test_log_has_one_harmless_line_per_request(server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with server.client() as client:
        client.get("/api/a%0a%1b[31mb?token=SECRET")
        client.get("/api/" + "x" * 5000)
        client.get("/healthz")
    records = [record.__dict__ for record in caplog.records if record.getMessage() == "request"]
    assert [(record["method"], record["path"][:20], record["status"]) for record in records] == [
        ("GET", "/api/a%0A%1B%5B31mb", 404),
        ("GET", "/api/xxxxxxxxxxxxxxx", 404),
    ]
    assert all(len(record["path"]) <= 200 and record["milliseconds"] >= 0 for record in records)


def in_pieces(size: int) -> Iterator[bytes]:
    """A body whose length is not announced."""
    for _ in range(size // 1024):
        yield b" " * 1024


@pytest.mark.parametrize("announced", [True, False])
def test_large_body_is_refused(server: RunningServer, announced: bool) -> None:
    body: Any = b" " * (SMALL + 1024) if announced else in_pieces(SMALL + 1024)
    with server.client({"Content-Type": "application/json"}) as client:
        answer = client.post("/api/auth/register", content=body)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "invalid_message"
        assert client.get("/healthz").status_code == 200


def test_body_of_the_allowed_size_is_read(server: RunningServer) -> None:
    with server.client({"Content-Type": "application/json"}) as client:
        assert client.post("/api/auth/register", content=in_pieces(SMALL)).status_code == 422


@pytest.mark.parametrize(("size", "refused"), [(SMALL * 2, False), (7 * 1024 * 1024, True)])
def test_upload_may_be_larger(server: RunningServer, learner: Learner, size: int, refused: bool) -> None:
    form = {"attempted_sentence": "A cat.", "session_id": str(learner.session_id)}
    with server.client(learner.headers) as client:
        answer = client.post("/api/ai/analyze-audio", data=form, files={"audio_file": b"\0" * size})
    assert (answer.status_code == 413) == refused
    assert not refused or answer.json()["code"] == "audio_too_large"


def test_pages_of_further_origins_may_ask_and_no_others(settings: Settings) -> None:
    settings = settings.model_copy(update={"allowed_origins": ("https://school.example",)})
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,last-event-id",
    }
    with serving(settings, tiny_engines()) as server, server.client() as client:
        answer = client.options("/api/sessions", headers={**preflight, "Origin": "https://school.example"})
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://school.example"
        answer = client.get("/healthz", headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_further_origins_no_page_from_elsewhere_may_ask(server: RunningServer) -> None:
    with server.client({"Origin": "https://school.example"}) as client:
        assert "Access-Control-Allow-Origin" not in client.get("/healthz").headers
