"""Engines that fail or wait, clients that leave: over both transports."""

import asyncio
import json
import logging
from dataclasses import replace

import pytest
from readers import new_learner, saved_readings
from sqlalchemy import text
from stages import Gate, LoudSpeaker, Serve, in_flight, until
from transports import (
    Outcome,
    OverSse,
    OverWebSocket,
    Reading,
    Transport,
    hear,
    hear_all,
    hear_one,
    http,
    ready,
    socket_to,
    sse_texts,
)

from sounditout.engines.fakes import FakeCoach, FakeRecognizer, FakeSpeaker
from sounditout.errors import CoachFailed, SpeechFailed
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


@pytest.mark.parametrize("error", [CoachFailed(), RuntimeError("boom")], ids=repr)
async def test_a_coach_that_fails(transport: Transport, serve: Serve, error: Exception) -> None:
    server = serve(coach=FakeCoach(error))
    learner = new_learner(server)
    outcome = await transport.read(server, learner, READING)
    assert outcome.milestones == ["processing_started", "analysis", "warning", "complete"]
    assert [event["data"]["code"] for event in outcome.events if event["type"] == "warning"] == ["coach_failed"]
    assert len(saved_readings(server, learner)) == 1


async def test_a_speaker_that_fails(transport: Transport, serve: Serve) -> None:
    server = serve(speaker=FakeSpeaker(SpeechFailed()))
    outcome = await transport.read(server, new_learner(server), READING)
    assert outcome.milestones == ["processing_started", "analysis", "gpt_response", "warning", "complete"]


async def test_a_recogniser_that_breaks(transport: Transport, serve: Serve) -> None:
    def broken() -> None:
        raise RuntimeError("boom")

    server = serve(recognizer=FakeRecognizer(before=broken))
    learner = new_learner(server)
    outcome = await transport.read(server, learner, READING)
    assert outcome.code == "analysis_failed"
    assert "boom" not in outcome.texts[-1]
    assert saved_readings(server, learner) == []


async def test_listening_that_takes_too_long(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"analysis_timeout_seconds": 0.2})
    assert (await transport.read(server, new_learner(server), READING)).code == "timeout"


async def test_a_database_that_cannot_be_written(transport: Transport, serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)

    async def spoil() -> None:
        async with server.services.database.transaction() as db:
            await db.execute(text("ALTER TABLE readings RENAME TO lost"))

    server.run(spoil())
    outcome = await transport.read(server, learner, READING)
    assert outcome.milestones == ["processing_started", "error"]
    assert outcome.events[-1]["data"] | {"message": ""} == {
        "code": "internal",
        "message": "",
        "retryable": True,
        "retry_after": None,
        "stage": "saving",
    }
    assert [event["seq"] for event in outcome.events] == list(range(len(outcome.events)))


async def test_cancelled_before_it_was_sent(transport: Transport, serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)
    await transport.cancel(server, learner, "r-1")
    assert (await transport.read(server, learner, READING)).milestones[-1] == "complete"


async def test_cancelled_while_it_is_listened_to(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"workers": 1})
    learner = new_learner(server)
    reading = asyncio.create_task(transport.read(server, learner, READING))
    await gate.wait_until_reached()
    await transport.cancel(server, learner, "r-1")
    outcome = await reading
    assert outcome.milestones == ["processing_started", "cancelled"]
    assert outcome.events[-1]["data"] == {"stage": "listening"}
    assert in_flight(server, learner) == []
    gate.opened.set()
    assert (await transport.read(server, learner, READING)).texts == outcome.texts, "it stays cancelled"
    another = await transport.read(server, learner, replace(READING, request_id="r-2"))
    assert another.milestones[-1] == "complete", "the worker is free again"
    assert [saved.request_id for saved in saved_readings(server, learner)] == ["r-2"]


async def test_cancelled_while_it_waits_for_a_worker(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"workers": 1})
    learner = new_learner(server)
    first = asyncio.create_task(transport.read(server, learner, READING))
    await gate.wait_until_reached()
    second = asyncio.create_task(transport.read(server, learner, replace(READING, request_id="r-2")))
    await until(lambda: server.services.workers.waiting == 1)
    await transport.cancel(server, learner, "r-2")
    assert (await second).milestones == ["processing_started", "cancelled"]
    assert server.services.workers.waiting == 0
    gate.opened.set()
    assert (await first).milestones[-1] == "complete"
    assert [saved.request_id for saved in saved_readings(server, learner)] == ["r-1"]


async def test_cancelled_when_it_is_over(transport: Transport, serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)
    assert (await transport.read(server, learner, READING)).milestones[-1] == "complete"
    await transport.cancel(server, learner, "r-1")
    assert len(saved_readings(server, learner)) == 1


async def test_nobody_cancels_for_somebody_else(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    reading = asyncio.create_task(transport.read(server, learner, READING))
    await gate.wait_until_reached()
    await transport.cancel(server, new_learner(server), "r-1")
    gate.opened.set()
    assert (await reading).milestones[-1] == "complete"


async def test_more_readings_at_once_than_a_user_may_have(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner, other = new_learner(server), new_learner(server)
    own = [asyncio.create_task(transport.read(server, learner, replace(READING, request_id=name))) for name in "ab"]
    for _ in own:
        await gate.wait_until_reached()
    assert (await transport.read(server, learner, replace(READING, request_id="c"))).code == "too_many_requests"
    others = asyncio.create_task(transport.read(server, other, READING))
    gate.opened.set()
    outcomes: list[Outcome] = await asyncio.gather(*own, others)
    assert [outcome.milestones[-1] for outcome in outcomes] == ["complete"] * 3


async def test_the_same_request_twice_at_once(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    first = asyncio.create_task(transport.read(server, learner, READING))
    await gate.wait_until_reached()
    second = asyncio.create_task(transport.read(server, learner, READING))
    third = asyncio.create_task(OverWebSocket().read(server, learner, READING))
    gate.opened.set()
    outcomes = await asyncio.gather(first, second, third)
    assert [outcome.milestones[-1] for outcome in outcomes] == ["complete"] * 3
    assert outcomes[0].texts == outcomes[1].texts == outcomes[2].texts, "it was run once"
    assert len(saved_readings(server, learner)) == 1
    assert (await transport.read(server, learner, READING)).texts == outcomes[0].texts, "also when it is over"


async def test_a_full_house(transport: Transport, serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"workers": 1, "max_waiting": 1})
    busy = [asyncio.create_task(transport.read(server, new_learner(server), READING)) for _ in range(2)]
    await gate.wait_until_reached()
    await until(lambda: server.services.workers.waiting == 1)
    refused = await transport.read(server, new_learner(server), READING)
    assert refused.code == "overloaded"
    gate.opened.set()
    assert [outcome.milestones[-1] for outcome in await asyncio.gather(*busy)] == ["complete"] * 2


async def test_a_client_that_leaves_the_socket_finds_its_reading_saved(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(READING.as_message(learner)))
        assert (await hear(socket))["type"] == "processing_started"
        await gate.wait_until_reached()
    await until(lambda: not server.app.state.connections.of_user(learner.user_id))
    assert in_flight(server, learner) == ["r-1"]
    gate.opened.set()
    await until(lambda: not in_flight(server, learner))
    assert [saved.request_id for saved in saved_readings(server, learner)] == ["r-1"]


async def test_a_client_that_leaves_the_stream_finds_its_reading_saved(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with (
        http(server, learner) as client,
        client.stream("POST", READING.endpoint, **READING.as_form(learner)) as answer,
    ):
        assert "processing_started" in await anext(sse_texts(answer))
        await gate.wait_until_reached()
    assert in_flight(server, learner) == ["r-1"]
    gate.opened.set()
    await until(lambda: not in_flight(server, learner))
    assert len(saved_readings(server, learner)) == 1


async def test_readings_of_one_connection_do_not_wait_for_each_others_pings(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(READING.as_message(learner)))
        await gate.wait_until_reached()
        await socket.send('{"type":"ping","sent_at":"meanwhile"}')
        while (message := await hear(socket))["type"] != "pong":
            assert message["type"] in {"processing_started", "progress"}
        gate.opened.set()
        outcomes = await hear_all(socket, 1)
        assert outcomes["r-1"].milestones[-1] == "complete"


@pytest.mark.parametrize("first", [OverSse(), OverWebSocket()], ids=["sse", "websocket"])
async def test_a_reading_may_change_its_transport_and_is_saved_once(serve: Serve, first: Transport) -> None:
    server = serve()
    learner = new_learner(server)
    other = OverWebSocket() if isinstance(first, OverSse) else OverSse()
    outcomes = [await transport.read(server, learner, READING) for transport in (first, other)]
    assert outcomes[0].milestones[-1] == "complete"
    assert outcomes[0].texts == outcomes[1].texts
    assert len(saved_readings(server, learner)) == 1


async def test_a_reader_that_does_not_read_harms_nobody(serve: Serve, gate: Gate) -> None:
    """Speech too large for any socket buffer, to a client that takes none of it."""
    gate.opened.set()
    server = serve(speaker=LoudSpeaker(), options={"send_timeout_seconds": 2.0})
    stuck, learner = new_learner(server), new_learner(server)
    async with ready(server, stuck) as silent:
        silent.transport.pause_reading()
        await silent.send(json.dumps(READING.as_message(stuck)))
        await until(lambda: saved_readings(server, stuck))
        async with ready(server, learner) as socket:
            await socket.send(json.dumps(READING.as_message(learner)))
            assert (await hear_one(socket)).milestones[-1] == "complete"
        await until(lambda: not server.app.state.connections.of_user(stuck.user_id))
        silent.transport.abort()


async def test_clients_that_vanish_leave_no_traceback(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(speaker=LoudSpeaker(), options={"max_requests_in_flight": 4})
    learner = new_learner(server)
    for words in (0, 1, 3, 5):
        async with ready(server, learner) as socket:
            await socket.send(json.dumps(replace(READING, request_id=f"r-{words}").as_message(learner)))
            for _ in range(words):
                await hear(socket)
            socket.transport.abort()
    async with socket_to(server, token="bad") as socket:
        socket.transport.abort()
    await until(lambda: not server.app.state.connections.of_user(learner.user_id))
    await until(lambda: not in_flight(server, learner))
    assert len(saved_readings(server, learner)) == 4
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
