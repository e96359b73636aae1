"""A user who signs out everywhere, or deletes the account, while a reading is answered over SSE."""

import asyncio
import json

import pytest
from readers import new_learner
from stages import Gate, Serve
from transports import OverSse, Reading, http, sse_texts

from serving import PASSWORD, Learner, RunningServer, register
from sounditout.engines.fakes import FakeRecognizer
from sounditout.persistence.repositories import Users
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


async def listening(server: RunningServer, learner: Learner, gate: Gate) -> "asyncio.Task[list[str]]":
    """A reading that is being listened to, as a task for the types, or codes, of the events that follow."""
    reached = asyncio.Event()

    async def hear() -> list[str]:
        rest: list[str] = []
        async with (
            http(server, learner) as client,
            client.stream("POST", READING.endpoint, **READING.as_form(learner)) as answer,
        ):
            async for text in sse_texts(answer):
                event = json.loads(text)
                if reached.is_set():
                    rest.append(event["data"].get("code", event["type"]))
                if event["data"].get("stage") == "listening":
                    reached.set()
        return rest

    hearing = asyncio.create_task(hear())
    await gate.wait_until_reached()
    await reached.wait()
    return hearing


@pytest.mark.parametrize("how", ["signs out", "deletes the account"])
async def test_the_stream_ends_at_once_and_nobody_elses_does(serve: Serve, gate: Gate, how: str) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"workers": 2})
    learner, other = register(server), new_learner(server)
    hearing = await listening(server, learner, gate)
    stays = await listening(server, other, gate)
    async with http(server, learner) as client:
        if how == "signs out":
            answer = await client.post("/api/auth/sign-out")
        else:
            answer = await client.request("DELETE", "/api/users/me", json={"password": PASSWORD})
    assert answer.is_success

    assert await asyncio.wait_for(hearing, 5) == ["unauthorized"]

    gate.opened.set()
    assert (await asyncio.wait_for(stays, 10))[-1] == "complete"
    assert server.app.state.desk.streams.all == ()


async def test_the_stream_ends_when_it_happens_in_another_process(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate), options={"sweep_seconds": 0.2})
    learner = new_learner(server)
    hearing = await listening(server, learner, gate)

    async def elsewhere() -> None:
        async with server.services.database.transaction() as db:
            await Users(db).end_tokens(learner.user_id)

    server.run(elsewhere())

    assert await asyncio.wait_for(hearing, 5) == ["unauthorized"]


async def test_what_is_signed_in_afterwards_is_answered(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = register(server)
    hearing = await listening(server, learner, gate)
    async with http(server, learner) as client:
        await client.post("/api/auth/sign-out")
        assert await asyncio.wait_for(hearing, 5) == ["unauthorized"]
        fields = {"username": learner.username, "password": PASSWORD}
        token = (await client.post("/api/auth/token", data=fields)).json()["access_token"]
    gate.opened.set()
    again = Learner(learner.username, learner.user_id, token, learner.session_id)
    assert (await OverSse().read(server, again, READING)).milestones[-1] == "complete"
