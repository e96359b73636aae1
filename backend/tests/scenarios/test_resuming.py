"""A reading that was interrupted goes on where it was: over either transport, from any event."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
from readers import new_learner, saved_readings, settings_in
from stages import Gate, Serve, until
from transports import Outcome, OverSse, OverWebSocket, Reading, hear, hear_one, http, ready, socket_to, sse_texts

from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.engines.fakes import FakeRecognizer
from speech import as_wav, speak, tone

SENTENCE = "The cat sat on the mat."
READING = Reading.of(speak(SENTENCE), SENTENCE, request_id="r-1")
QUICK = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


async def rest(server: RunningServer, learner: Learner, request_id: str, last_event_id: str | None) -> Outcome:
    """What is told after an event, asked for over HTTP."""
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    async with (
        http(server, learner) as client,
        client.stream("GET", f"/api/ai/analyze-audio/{request_id}/events", headers=headers) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            return Outcome(refused=json.loads(await answer.aread())["code"], status=answer.status_code)
        assert answer.headers["content-type"].startswith("text/event-stream")
        return Outcome(texts=[text async for text in sse_texts(answer)])


async def test_from_any_event_over_either_transport(server: RunningServer, learner: Learner) -> None:
    whole = (await OverWebSocket().read(server, learner, READING)).texts
    async with ready(server, learner) as socket:
        for seq in range(-1, len(whole) - 1):
            await socket.send(json.dumps({"type": "resume", "request_id": "r-1", "after_seq": seq}))
            missed = [await socket.recv() for _ in whole[seq + 1 :]]
            assert missed == whole[seq + 1 :]
            assert (await rest(server, learner, "r-1", f"r-1:{seq}" if seq >= 0 else None)).texts == missed
        await socket.send(json.dumps({"type": "resume", "request_id": "r-1", "after_seq": len(whole) - 1}))
        await socket.send('{"type":"ping"}')
        assert (await hear(socket))["type"] == "pong", "there is nothing more to tell"
    assert (await rest(server, learner, "r-1", f"r-1:{len(whole) - 1}")).texts == []
    assert len(saved_readings(server, learner)) == 1


async def test_a_post_that_is_repeated_goes_on_where_the_first_broke(server: RunningServer, learner: Learner) -> None:
    whole = (await OverSse().read(server, learner, READING)).texts
    async with (
        http(server, learner) as client,
        client.stream(
            "POST", READING.endpoint, headers={"Last-Event-ID": "r-1:2"}, **READING.as_form(learner)
        ) as answer,
    ):
        assert [text async for text in sse_texts(answer)] == whole[3:]


async def test_an_event_id_of_another_request_means_nothing(server: RunningServer, learner: Learner) -> None:
    whole = (await OverSse().read(server, learner, READING)).texts
    for odd in ("r-2:3", "r-1", "r-1:x", ":", "r-1:99999999999999999999", "r-1:500"):
        assert (await rest(server, learner, "r-1", odd)).texts == whole


async def test_live_events_follow_the_missed_ones(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(QUICK.as_message(learner)))
        await gate.wait_until_reached()
    stream = asyncio.create_task(rest(server, learner, "r-1", "r-1:0"))
    async with ready(server, learner) as socket:
        await socket.send('{"type":"resume","request_id":"r-1","after_seq":1}')
        assert (await hear(socket))["seq"] == 2
        gate.opened.set()
        events = (await hear_one(socket)).events
    assert [event["seq"] for event in events] == list(range(3, 3 + len(events)))
    assert [event["seq"] for event in (await stream).events] == list(range(1, 3 + len(events)))
    assert len(saved_readings(server, learner)) == 1


async def test_what_nobody_knows_and_what_is_somebody_elses(server: RunningServer, learner: Learner) -> None:
    await OverSse().read(server, learner, READING)
    other = new_learner(server)
    for who, request_id in ((learner, "r-2"), (other, "r-1"), (learner, "..."), (learner, "x" * 200)):
        refused = await rest(server, who, request_id, None)
        assert (refused.refused, refused.status) == ("invalid_message", 404)
    async with ready(server, other) as socket:
        await socket.send('{"type":"resume","request_id":"r-1"}')
        answer = await hear(socket)
        assert (answer["type"], answer["request_id"], answer["seq"]) == ("error", "r-1", 0)
        assert (answer["data"]["code"], answer["data"]["retryable"]) == ("invalid_message", True)


async def test_the_same_id_of_two_users_is_two_readings(server: RunningServer, learner: Learner) -> None:
    other = new_learner(server)
    outcomes = await asyncio.gather(*(OverWebSocket().read(server, who, READING) for who in (learner, other)))
    assert [outcome.milestones[-1] for outcome in outcomes] == ["complete"] * 2
    assert [len(saved_readings(server, who)) for who in (learner, other)] == [1, 1]


async def test_a_reading_that_failed_for_a_moment_is_run_again(serve: Serve) -> None:
    failures = [RuntimeError("boom")]

    def sometimes() -> None:
        if failures:
            raise failures.pop()

    server = serve(recognizer=FakeRecognizer(before=sometimes))
    learner = new_learner(server)
    first = await OverWebSocket().read(server, learner, QUICK)
    assert (first.code, first.events[-1]["data"]["retryable"]) == ("analysis_failed", True)
    assert (await OverSse().read(server, learner, QUICK)).milestones[-1] == "complete"
    assert len(saved_readings(server, learner)) == 1


async def test_a_reading_that_cannot_succeed_is_not_run_again(serve: Serve, gate: Gate) -> None:
    gate.opened.set()
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    silent = replace(QUICK, audio=b"not a recording")
    first, second = [await OverWebSocket().read(server, learner, silent) for _ in range(2)]
    assert first.code == "unsupported_audio"
    assert first.texts == second.texts


async def test_after_a_while_it_is_forgotten_and_still_saved_once(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, hold_seconds=0.2), tiny_engines()) as server:
        learner = new_learner(server)
        await OverWebSocket().read(server, learner, QUICK)
        await until(lambda: not server.app.state.desk.requests.of_user(learner.user_id))
        assert (await rest(server, learner, "r-1", None)).status == httpx.codes.NOT_FOUND
        assert (await OverWebSocket().read(server, learner, QUICK)).milestones[-1] == "complete"
        assert len(saved_readings(server, learner)) == 1


async def test_the_greeting_names_what_can_be_resumed(server: RunningServer, learner: Learner) -> None:
    for name in ("a", "b"):
        await OverSse().read(server, learner, replace(READING, request_id=name))
    async with socket_to(server, token=learner.token) as socket:
        assert (await hear(socket))["data"]["held"] == ["a", "b"]


async def test_the_first_byte_of_a_stream_comes_at_once(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"workers": 1})
    busy, learner = new_learner(server), new_learner(server)
    other = asyncio.create_task(OverSse().read(server, busy, QUICK))
    await gate.wait_until_reached()
    async with (
        http(server, learner) as client,
        client.stream("POST", QUICK.endpoint, **QUICK.as_form(learner)) as answer,
    ):
        texts = sse_texts(answer)
        assert json.loads(await anext(texts))["type"] == "processing_started", "although no worker is free"
        gate.opened.set()
        assert json.loads([text async for text in texts][-1])["type"] == "complete"
    await other
