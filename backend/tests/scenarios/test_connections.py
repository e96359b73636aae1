"""The life and death of a connection: tokens that end, users who leave, peers that vanish, floods and crowds."""

import asyncio
import gc
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from bench.tcp_proxy import TcpProxy
from readers import new_learner, saved_readings
from sqlalchemy import text
from stages import Gate, Serve, in_flight, until
from transports import Reading, close_code, hear, hear_one, http, pong, ready, socket_to

from serving import Learner, RunningServer, register
from sounditout.accounts.auth import Authenticator
from sounditout.engines.fakes import FakeRecognizer
from sounditout.persistence.repositories import Users
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")
QUICK_PINGS = {"peer_ping_seconds": 0.3}


@asynccontextmanager
async def far_from(server: RunningServer) -> AsyncIterator[TcpProxy]:
    """A network in front of a server."""
    host, port = server.base_url.removeprefix("http://").split(":")
    async with TcpProxy(host, int(port)) as proxy:
        yield proxy


def token_for(server: RunningServer, learner: Learner, seconds: float) -> str:
    """A token that ends so many seconds from now."""
    authenticator = server.services.authenticator
    issued_at = time.time() + seconds - authenticator.lifetime_seconds
    key = server.settings.secret_file.read_text().strip()
    past = Authenticator(server.services.database, key, authenticator.lifetime_seconds, clock=lambda: issued_at)

    async def issue() -> str:
        async with server.services.database.reading() as db:
            user = await Users(db).by_id(learner.user_id)
        assert user is not None
        return past.issue(user)

    return server.run(issue())


# Tokens and users


async def test_a_token_that_ends_is_announced_and_can_be_refreshed(serve: Serve) -> None:
    server = serve()
    learner, other = new_learner(server), new_learner(server)
    async with socket_to(server, token=token_for(server, learner, 2)) as socket:
        assert (await hear(socket))["type"] == "ready"
        expiring = await hear(socket)
        assert expiring["type"] == "token_expiring"
        assert 0 < expiring["data"]["expires_in_seconds"] <= 2
        for token, code in (("x", "unauthorized"), (other.token, "forbidden")):
            await socket.send(json.dumps({"type": "refresh_token", "token": token}))
            refused = await hear(socket)
            assert (refused["type"], refused["data"]["code"]) == ("error", code)
            assert "request_id" not in refused
        await socket.send(json.dumps({"type": "refresh_token", "token": learner.token}))
        refreshed = await hear(socket)
        assert refreshed["type"] == "token_refreshed"
        assert refreshed["data"]["expires_in_seconds"] > 3600
        ended = asyncio.create_task(close_code(socket))
        _, pending = await asyncio.wait([ended], timeout=2.5)  # longer than the first token lasts
        assert pending
        ended.cancel()


async def test_a_token_that_ends_in_the_middle_of_a_reading_loses_nothing(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with socket_to(server, token=token_for(server, learner, 2)) as socket:
        await socket.send(json.dumps(READING.as_message(learner)))
        assert await close_code(socket) == 4401
    async with ready(server, learner) as socket:
        await socket.send('{"type":"resume","request_id":"r-1"}')
        gate.opened.set()
        assert (await hear_one(socket)).milestones[-1] == "complete"
    assert len(saved_readings(server, learner)) == 1


@pytest.mark.parametrize("how", ["signs out", "deletes the account"])
async def test_a_user_who_leaves_is_disconnected_at_once_everywhere(serve: Serve, how: str) -> None:
    server = serve()
    learner, other = register(server), new_learner(server)
    async with (
        ready(server, learner, "?client_id=a") as first,
        ready(server, learner, "?client_id=b") as second,
        ready(server, other) as stays,
    ):
        async with http(server, learner) as client:
            if how == "signs out":
                answer = await client.post("/api/auth/sign-out")
            else:
                answer = await client.request("DELETE", "/api/users/me", json={"password": "correct horse battery"})
        assert answer.is_success
        assert await close_code(first) == await close_code(second) == 4401
        await pong(stays)
    async with socket_to(server, token=learner.token) as socket:
        assert await close_code(socket) == 4401


async def test_a_sign_out_in_another_process_is_noticed(serve: Serve) -> None:
    server = serve(options={"sweep_seconds": 0.2})
    learner, other = new_learner(server), new_learner(server)

    async def elsewhere() -> None:
        async with server.services.database.transaction() as db:
            await Users(db).end_tokens(learner.user_id)

    async with ready(server, learner) as socket, ready(server, other) as stays:
        server.run(elsewhere())
        assert await close_code(socket) == 4401
        await pong(stays)


async def test_a_database_that_is_away_for_a_moment_is_told_as_such(serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)

    async def rename(before: str, after: str) -> None:
        async with server.services.database.transaction() as db:
            await db.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    async with ready(server, learner) as socket:
        server.run(rename("users", "gone"))
        await socket.send(json.dumps({"type": "refresh_token", "token": learner.token}))
        assert (await hear(socket))["data"]["code"] == "internal"
        async with socket_to(server, token=learner.token) as another:
            assert await close_code(another) == 1011
        server.run(rename("gone", "users"))
        await pong(socket)


# Tabs


async def test_a_tab_that_comes_back_takes_its_own_place_and_its_reading(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with ready(server, learner, "?client_id=tab") as before:
        await before.send(json.dumps(READING.as_message(learner)))
        await gate.wait_until_reached()
        async with socket_to(server, token=learner.token, query="?client_id=tab") as after:
            assert (await hear(after))["data"]["held"] == ["r-1"]
            assert await close_code(before) == 4409
            await after.send('{"type":"resume","request_id":"r-1","after_seq":-1}')
            gate.opened.set()
            assert (await hear_one(after)).milestones[-1] == "complete"
    assert len(saved_readings(server, learner)) == 1


async def test_six_tabs_are_one_too_many(serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)
    async with AsyncExitStack() as stack:
        tabs = [
            await stack.enter_async_context(ready(server, learner, f"?client_id=tab-{number}")) for number in range(6)
        ]
        assert await close_code(tabs[0]) == 4409
        for tab in tabs[1:]:
            await pong(tab)


async def test_a_server_with_too_many_connections_says_so(serve: Serve) -> None:
    server = serve(options={"max_connections": 2})
    async with ready(server, new_learner(server)), ready(server, new_learner(server)) as second:
        async with socket_to(server, token=new_learner(server).token) as third:
            assert await close_code(third) == 1013
        await pong(second)


async def test_a_tab_that_comes_back_to_a_full_server_is_let_in(serve: Serve) -> None:
    server = serve(options={"max_connections": 1})
    learner = new_learner(server)
    async with ready(server, learner, "?client_id=a") as before, ready(server, learner, "?client_id=a") as after:
        assert await close_code(before) == 4409
        await pong(after)


async def test_only_so_many_streams_follow_one_reading(serve: Serve, gate: Gate) -> None:
    server = serve(recognizer=FakeRecognizer(before=gate))
    learner = new_learner(server)
    async with ready(server, learner) as socket, http(server, learner) as client, AsyncExitStack() as stack:
        await socket.send(json.dumps(READING.as_message(learner)))
        await gate.wait_until_reached()
        statuses = [
            (await stack.enter_async_context(client.stream("GET", "/api/ai/analyze-audio/r-1/events"))).status_code
            for _ in range(17)
        ]
        assert statuses == [200] * 15 + [429] * 2


# Networks


async def test_a_peer_that_falls_silent_is_freed(serve: Serve) -> None:
    server = serve(options=QUICK_PINGS)
    learner = new_learner(server)
    async with far_from(server) as network, ready(network, learner):
        network.freeze()
        await until(lambda: not server.app.state.connections.of_user(learner.user_id))
        network.thaw()


async def test_a_peer_that_falls_silent_in_the_middle_of_an_upload_comes_back(serve: Serve) -> None:
    server = serve(options=QUICK_PINGS)
    learner = new_learner(server)
    assert READING.audio is not None
    start = READING.as_message(learner) | {"type": "audio_start"}
    audio = start.pop("audio_base64")
    half = len(audio) // 8 * 4
    pieces = [
        json.dumps({"type": "audio_chunk", "request_id": "r-1", "chunk": number, "audio_base64": piece})
        for number, piece in enumerate((audio[:half], audio[half:]))
    ]
    async with far_from(server) as network:
        async with ready(network, learner) as socket:
            await socket.send(json.dumps(start))
            await socket.send(pieces[0])
            assert (await hear(socket))["type"] == "processing_started"
            network.freeze()
            await until(lambda: not server.app.state.connections.of_user(learner.user_id))
            network.thaw()
            socket.transport.abort()
        assert in_flight(server, learner) == ["r-1"]
        async with ready(network, learner) as socket:
            await socket.send('{"type":"resume","request_id":"r-1","after_seq":0}')
            for piece in pieces:
                await socket.send(piece)
            await socket.send('{"type":"audio_end","request_id":"r-1","chunks":2}')
            assert (await hear_one(socket)).milestones[-1] == "complete"
    assert len(saved_readings(server, learner)) == 1


async def test_an_upload_that_never_goes_on_is_given_up(serve: Serve) -> None:
    server = serve(options={"upload_idle_seconds": 0.3})
    learner = new_learner(server)
    async with ready(server, learner) as socket:
        start = READING.as_message(learner) | {"type": "audio_start"}
        del start["audio_base64"]
        await socket.send(json.dumps(start))
        outcome = await hear_one(socket)
        assert (outcome.code, outcome.events[-1]["data"]["retryable"]) == ("timeout", True)
        await socket.send(json.dumps(READING.as_message(learner)))
        assert (await hear_one(socket)).milestones[-1] == "complete", "the same reading, in one piece"


async def test_a_network_that_flaps_leaves_nothing_behind(serve: Serve) -> None:
    """Sixty connections that break, in the midst of readings, uploads and silence."""
    server = serve()
    learner = new_learner(server)
    async with far_from(server) as network:
        for number in range(6):
            await flap(network, learner, number)
        tasks, timers = await settled(server, learner)
        for number in range(54):
            await flap(network, learner, number)
        tasks_after, timers_after = await settled(server, learner)
    assert tasks_after <= tasks
    assert timers_after <= timers + 2
    assert len(server.app.state.desk.requests.of_user(learner.user_id)) <= 7
    assert len(saved_readings(server, learner)) <= 7


async def flap(network: TcpProxy, learner: Learner, number: int) -> None:
    """Connect, perhaps say something, and be cut off."""
    async with ready(network, learner, "?client_id=tab") as socket:
        message = replace(READING, request_id=f"r-{number % 7}").as_message(learner)
        if number % 3 == 1:
            message["type"] = "audio_start"
        if number % 3:
            await socket.send(json.dumps(message))
            await hear(socket)
        await network.cut()


async def settled(server: RunningServer, learner: Learner) -> tuple[int, int]:
    """Tasks and timers in the server when a learner has gone and nothing is being done for him."""
    await until(lambda: not server.app.state.connections.of_user(learner.user_id))
    for request_id in in_flight(server, learner):
        server.loop.call_soon_threadsafe(server.app.state.desk.requests.cancel, learner.user_id, request_id)
    await until(lambda: not in_flight(server, learner))

    async def look() -> tuple[int, int]:
        gc.collect()
        loop: Any = asyncio.get_running_loop()
        timers = [timer for timer in loop._scheduled if not timer.cancelled()]
        return len(asyncio.all_tasks(loop)), len(timers)

    return server.run(look())


async def test_no_recording_reaches_the_log(
    server: RunningServer, learner: Learner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = READING.as_message(learner)
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(message | {"session_id": "one"}))
        await hear(socket)
        await socket.send(json.dumps(message))
        await hear_one(socket)
    for record in caplog.records:
        if not record.name.startswith("websockets.client"):
            assert message["audio_base64"][100:140] not in f"{record.getMessage()} {record.__dict__}"
