"""Figures for Prometheus, read over a real socket."""

import json
from typing import Any

import pytest
from pydantic import SecretStr
from stages import until
from transports import Reading, hear_one, ready

from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.settings import Settings
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


def figures(server: RunningServer) -> str:
    with server.client() as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_without_a_token_only_the_machine_itself_may_ask(server: RunningServer, header: str) -> None:
    with server.client() as client:
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", headers={header: "for=127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"), [("Bearer s3cret", 200), ("Bearer other", 401), ("s3cret", 401), ("", 401)]
)
def test_with_a_token_only_who_has_it(settings: Settings, sent: str, status: int) -> None:
    own = settings.model_copy(update={"metrics_token": SecretStr("s3cret")})
    with serving(own, tiny_engines()) as server, server.client() as client:
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == status


def test_how_far_the_rollout_is(settings: Settings) -> None:
    own: Any = settings.model_copy(update={"use_websocket": "auto"})
    with serving(own, tiny_engines()) as server:
        assert "sounditout_rollout_percentage 0.0" in figures(server)
        server.run(server.services.flag.change("start", "ada", "a school begins"))
        server.run(server.services.flag.change("hold", "ada", "exams"))
        text = figures(server)
    assert "sounditout_rollout_percentage 10.0" in text
    assert "sounditout_rollout_held 1.0" in text


async def test_readings_and_connections_are_counted(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(READING.as_message(learner)))
        outcome = await hear_one(socket)
        text = server.services.metrics.exposition().decode()
        assert "sounditout_connections 1.0" in text
        assert "sounditout_connections_opened_total 1.0" in text
    assert f'outcome="{outcome.milestones[-1]}",stage="0",transport="websocket"}} 1.0' in text
    assert 'sounditout_first_event_seconds_count{stage="0",transport="websocket"} 1.0' in text
    await until(lambda: b'connections_closed_total{code="1000"} 1.0' in server.services.metrics.exposition())
    assert "sounditout_connections 0.0" in server.services.metrics.exposition().decode()
