"""Figures for Prometheus, read over a real socket."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from stages import Gate, until
from transports import Reading, close_code, hear_all, hear_one, ready, socket_to

from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.engines.fakes import FakeRecognizer
from sounditout.settings import Settings
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


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


async def test_a_server_that_has_just_started_knows_the_stage_of_its_first_reading(settings: Settings) -> None:
    own = settings.model_copy(update={"use_websocket": "auto"})
    with serving(own, tiny_engines()) as server:
        server.run(server.services.flag.change("start", "ada", "a school begins"))
        server.run(server.services.flag.change("advance", "ada", "it goes well"))
        learner = register(server)
    with serving(own, tiny_engines()) as again:
        async with ready(again, learner) as socket:
            await socket.send(json.dumps(READING.as_message(learner)))
            await hear_one(socket)
        text = again.services.metrics.exposition().decode()
    assert 'sounditout_first_event_seconds_count{stage="50",transport="websocket"} 1.0' in text
    assert 'outcome="complete",stage="50",transport="websocket"} 1.0' in text
    assert 'stage="0"' not in text


async def test_connections_that_are_refused_are_counted_by_their_code(settings: Settings) -> None:
    crowded = settings.model_copy(update={"max_connections": 1})
    with serving(crowded, tiny_engines()) as server:
        learner, other = register(server), register(server)
        async with ready(server, learner), socket_to(server, token=other.token) as refused:
            assert await close_code(refused) == 1013
        async with socket_to(server, token="nobody's") as unknown:
            assert await close_code(unknown) == 4401
        server.services.drain.started = True
        async with socket_to(server, token=other.token) as late:
            assert await close_code(late) == 1012
        text = server.services.metrics.exposition().decode()
        server.services.drain.started = False
    for code in (1013, 4401, 1012):
        assert f'sounditout_connections_closed_total{{code="{code}"}} 1.0' in text
    assert "sounditout_connections_opened_total 1.0" in text


async def test_calls_that_wait_are_counted_without_anybody_asking(settings: Settings, gate: Gate) -> None:
    own = settings.model_copy(update={"workers": 1, "max_requests_in_flight": 3})
    engines = replace(tiny_engines(), recognizer=FakeRecognizer(before=gate))
    with serving(own, engines) as server:
        learner = register(server)
        async with ready(server, learner) as socket:
            for number in range(3):
                await socket.send(json.dumps(replace(READING, request_id=f"r-{number}").as_message(learner)))
            await until(lambda: b"sounditout_requests_waiting 2.0" in server.services.metrics.exposition())
            gate.opened.set()
            await hear_all(socket, 3)
        assert b"sounditout_requests_waiting 0.0" in server.services.metrics.exposition()


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
