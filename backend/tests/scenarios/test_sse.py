"""What only server-sent events have: statuses and headers before the stream."""

import httpx
import pytest
from readers import token_with_lifetime
from transports import Reading, http

from serving import Learner, RunningServer
from speech import speak

SENTENCE = "The cat sat on the mat."
READING = Reading.of(speak(SENTENCE), SENTENCE)


async def test_the_stream_is_neither_kept_nor_buffered(server: RunningServer, learner: Learner) -> None:
    async with http(server, learner) as client:
        answer = await client.post(READING.endpoint, **READING.as_form(learner))
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("kind", ["none", "garbage", "expired"])
async def test_without_a_token_nothing_is_done(server: RunningServer, learner: Learner, kind: str) -> None:
    token = {"none": None, "garbage": "x", "expired": token_with_lifetime(server, learner, -1)}[kind]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with http(server, None) as client:
        answer = await client.post(READING.endpoint, **READING.as_form(learner), headers=headers)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


@pytest.mark.parametrize("missing", ["audio_file", "session_id"])
async def test_a_form_that_lacks_something(server: RunningServer, learner: Learner, missing: str) -> None:
    form = READING.as_form(learner)
    form["data"].pop(missing, None)
    form["files"].pop(missing, None)
    async with http(server, learner) as client:
        answer = await client.post(READING.endpoint, data=form["data"], files=form["files"] or {"x": ("", b"")})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json()["code"] == "invalid_message"


async def test_json_that_is_none_beside_audio_is_listened_to(server: RunningServer, learner: Learner) -> None:
    form = READING.as_form(learner)
    form["data"]["client_phonemes"] = "[[" * 10_000
    async with http(server, learner) as client:
        answer = await client.post("/api/ai/analyze-audio-with-phonemes", **form)
    assert '"mode":"server"' in answer.text
    assert '"type":"complete"' in answer.text


async def test_a_body_beyond_all_limits(server: RunningServer, learner: Learner) -> None:
    huge = Reading(audio=bytes(server.settings.max_frame_bytes + 1))
    async with http(server, learner) as client:
        answer = await client.post(huge.endpoint, **huge.as_form(learner))
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


async def test_a_cancel_needs_a_token_and_something_to_cancel(server: RunningServer, learner: Learner) -> None:
    async with http(server, None) as client:
        assert (await client.post("/api/ai/analyze-audio/r-1/cancel")).status_code == httpx.codes.UNAUTHORIZED
    async with http(server, learner) as client:
        answer = await client.post("/api/ai/analyze-audio/r-1/cancel")
    assert answer.json() == {"request_id": "r-1", "cancelled": False}
