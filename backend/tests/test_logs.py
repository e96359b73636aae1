"""One structured line per event, and never a token in it."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from sounditout.logs import RedactingFilter, protect_uvicorn, redact

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

LOG_SOMETHING = """\
import logging, sys
import structlog
from sounditout import logs
logs.configure("info", sys.argv[1])
log = structlog.get_logger("sounditout.test")
with structlog.contextvars.bound_contextvars(http_request_id="abc"):
    log.info("heard", request_id="r1", audio=b"RIFF....", name="Übung")
    log.debug("not shown")
    logging.getLogger("uvicorn.error").info("%s - WebSocket %s", "peer", "/ws?token=SECRET&x=1")
    logging.getLogger("alembic.runtime").info("not shown")
    def fail(recording):
        raise ValueError("bad token=SECRET here")
    try:
        fail(b"RIFF....")
    except ValueError:
        log.exception("failed", authorization="Bearer SECRET")
"""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET /ws?token=abc.def HTTP/1.1", "GET /ws?token=*** HTTP/1.1"),
        ("/ws?access_token=abc&client_id=7", "/ws?access_token=***&client_id=7"),
        ('{"path": "/ws?token=abc"}', '{"path": "/ws?token=***"}'),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("sounditout.v1, bearer.abc.def", "sounditout.v1, bearer.***"),
        ("username=ada&password=pa$$word&x", "username=ada&password=***&x"),
        (f"somewhere {JWT} else", "somewhere *** else"),
        ("a token is expired; token_version 3", "a token is expired; token_version 3"),
    ],
)
def test_secrets_are_replaced_and_the_rest_stays(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_filter_cleans_a_record_for_every_handler() -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, '%s "WS %s"', ("peer", "/ws?token=SECRET"), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == 'peer "WS /ws?token=***"'


def test_filter_leaves_other_records_as_they_are() -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, "%d workers", (2,), None)
    assert RedactingFilter().filter(record)
    assert record.args == (2,)


def test_filter_is_installed_once() -> None:
    protect_uvicorn()
    protect_uvicorn()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        assert [type(filter_) for filter_ in logging.getLogger(name).filters].count(RedactingFilter) == 1


def logged(format_: str) -> str:
    command = [sys.executable, "-c", LOG_SOMETHING, format_]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def test_json_has_one_object_per_line_with_everything_known() -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in logged("json").splitlines()]
    heard, uvicorn, failed = lines
    assert heard.pop("timestamp").endswith("Z")
    assert heard == {
        "event": "heard",
        "level": "info",
        "logger": "sounditout.test",
        "http_request_id": "abc",
        "request_id": "r1",
        "audio": "8 bytes",
        "name": "Übung",
    }
    assert uvicorn["event"] == "peer - WebSocket /ws?token=***&x=1"
    assert uvicorn["http_request_id"] == "abc"
    assert "ValueError: bad token=*** here" in failed["exception"]
    assert failed["authorization"] == "Bearer ***"


def test_console_is_for_people_and_as_discreet() -> None:
    text = logged("console")
    assert "heard" in text
    assert "ValueError" in text
    assert "SECRET" not in text
    assert "RIFF" not in text
    assert "not shown" not in text
