"""Who may connect, and what may be said: the WebSocket with real handshakes and hostile input."""

import asyncio
import base64
import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from readers import new_learner, settings_in, token_with_lifetime
from transports import PATH, Reading, close_code, hear, hear_all, hear_one, ready, socket_to
from websockets.exceptions import ConnectionClosed, InvalidStatus

from serving import Learner, RunningServer, serving, tiny_engines
from speech import speak

SENTENCE = "The cat sat on the mat."


PLACES = ["header", "subprotocol", "query"]


def where(place: str, token: str) -> dict[str, Any]:
    """The token in one of its three places, as arguments for `socket_to`."""
    places: dict[str, dict[str, Any]] = {
        "header": {"token": token},
        "subprotocol": {"subprotocols": ["sounditout.v1", f"bearer.{token}"]},
        "query": {"query": f"?token={token}"},
    }
    return places[place]


@pytest.mark.parametrize("place", PLACES)
async def test_a_good_token_in_any_place(server: RunningServer, learner: Learner, place: str) -> None:
    async with socket_to(server, **where(place, learner.token)) as socket:
        greeting = await hear(socket)
        assert greeting["type"] == "ready"
        assert socket.subprotocol == ("sounditout.v1" if place == "subprotocol" else None)
        assert learner.token not in str(socket.response.headers)  # type: ignore[union-attr]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["garbage", "forged", "expired", "empty"])
async def test_a_bad_token_in_any_place(server: RunningServer, learner: Learner, place: str, kind: str) -> None:
    token = {
        "garbage": "x",
        "forged": learner.token[:-6] + "AAAAAA",
        "expired": token_with_lifetime(server, learner, -1),
        "empty": "",
    }[kind]
    async with socket_to(server, **where(place, token)) as socket:
        assert await close_code(socket) == 4401


async def test_no_token(server: RunningServer) -> None:
    async with socket_to(server) as socket:
        assert await close_code(socket) == 4401


async def test_the_first_place_counts(server: RunningServer, learner: Learner) -> None:
    async with socket_to(server, token="bad", query=f"?token={learner.token}") as socket:
        assert await close_code(socket) == 4401


async def test_a_token_that_ends_while_connected(server: RunningServer, learner: Learner) -> None:
    token = token_with_lifetime(server, learner, 3)
    async with socket_to(server, token=token) as socket:
        assert (await hear(socket))["type"] == "ready"
        assert await close_code(socket) == 4401


async def test_no_token_reaches_the_log(
    server: RunningServer, learner: Learner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for place in PLACES:
        async with socket_to(server, **where(place, learner.token)) as socket:
            await hear(socket)
    async with socket_to(server, query=f"?token={learner.token[:-6]}AAAAAA") as socket:
        await close_code(socket)
    assert PATH in "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for record in caplog.records:
        if not record.name.startswith("websockets.client"):
            assert learner.token[:-6] not in f"{record.getMessage()} {record.__dict__}"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://"])
async def test_a_foreign_page_is_turned_away_at_the_door(
    server: RunningServer, learner: Learner, origin: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(server, token=learner.token, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_page_and_programs_may_connect(server: RunningServer, learner: Learner) -> None:
    for origin in (server.base_url, None):
        async with socket_to(server, token=learner.token, origin=origin) as socket:
            assert (await hear(socket))["type"] == "ready"


async def test_a_page_on_the_list_may_connect(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, allowed_origins="https://app.example, http://localhost:5173")
    with serving(settings, tiny_engines()) as server:
        learner = new_learner(server)
        for origin in ("https://app.example", "http://localhost:5173"):
            async with socket_to(server, token=learner.token, origin=origin) as socket:
                assert (await hear(socket))["type"] == "ready"
        with pytest.raises(InvalidStatus):
            async with socket_to(server, token=learner.token, origin="https://other.example"):
                pass


async def test_the_greeting_says_what_a_client_needs(server: RunningServer, learner: Learner) -> None:
    async with socket_to(server, token=learner.token) as socket:
        data = (await hear(socket))["data"]
    assert data["heartbeat_seconds"] == server.settings.heartbeat_seconds
    assert data["held"] == []
    assert data["limits"]["max_audio_bytes"] == server.settings.max_audio_bytes
    assert len(data["connection_id"]) == 32


async def test_pings_are_answered(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        for sent_at in (1764000000123, "now", None):
            await socket.send(json.dumps({"type": "ping", "sent_at": sent_at}))
            assert await hear(socket) == {"type": "pong", "data": {"sent_at": sent_at}}


UNREADABLE: dict[str, str | bytes] = {
    "bad JSON": '{"type":',
    "array": "[1,2,3]",
    "nesting": "[" * 100_000,
    "nested objects": '{"a":' * 100_000,
    "binary": b"\x00\x01\x02",
    "binary JSON": b'{"type":"ping"}',
    "NaN": '{"type":"ping","sent_at":NaN}',
    "no type": '{"session_id":1}',
    "wrong field": '{"type":"cancel","request_id":7}',
    "million parts": "[" + "0," * 1_000_000 + "0]",
    "empty": "",
}


@pytest.mark.parametrize("case", UNREADABLE, ids=str)
async def test_what_cannot_be_read_is_answered_and_survived(
    server: RunningServer, learner: Learner, case: str
) -> None:
    async with ready(server, learner) as socket:
        await socket.send(UNREADABLE[case])
        answer = await hear(socket)
        assert (answer["type"], answer["data"]["code"]) == ("error", "invalid_message")
        assert "request_id" not in answer
        await socket.send('{"type":"ping","new_field":{"of":["the","future"]}}')
        assert (await hear(socket))["type"] == "pong"


async def test_the_third_unreadable_message_closes(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        for message in ("{", b"\x00", "[]"):
            await socket.send(message)
        assert await close_code(socket) == 4400


async def test_unknown_types_are_told_and_cost_nothing(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        for _ in range(5):
            await socket.send('{"type":"dance"}')
            assert (await hear(socket))["data"]["code"] == "unknown_type"


async def test_audio_that_is_not_base64(server: RunningServer, learner: Learner) -> None:
    message = Reading(audio=b"", request_id="b64").as_message(learner) | {"audio_base64": "not base64!"}
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(message))
        answer = await hear(socket)
        assert (answer["request_id"], answer["seq"], answer["data"]["code"]) == ("b64", 0, "invalid_base64")
        await socket.send(json.dumps(Reading.of(speak(SENTENCE), SENTENCE).as_message(learner) | {"future": 1}))
        assert (await hear_one(socket)).milestones[-1] == "complete"


async def test_a_frame_over_the_limit(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        with suppress(ConnectionClosed):  # the server may not wait for the end of it
            await socket.send("x" * (server.settings.max_frame_bytes + 1))
        assert await close_code(socket) == 1009


async def test_the_largest_recording_that_fits_is_not_too_large(server: RunningServer, learner: Learner) -> None:
    audio = base64.b64encode(bytes(server.settings.max_audio_bytes)).decode()
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(Reading(audio=b"").as_message(learner) | {"audio_base64": audio}))
        outcome = await hear_one(socket)
        assert outcome.code == "unsupported_audio"


async def test_ten_readings_on_one_connection(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        for number in range(10):
            reading = Reading.of(speak(SENTENCE), SENTENCE, request_id=f"ten-{number}")
            await socket.send(json.dumps(reading.as_message(learner)))
            assert (await hear_one(socket)).milestones[-1] == "complete"


async def test_two_readings_at_once_on_one_connection(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        for name in ("first", "second"):
            reading = Reading.of(speak(SENTENCE), SENTENCE, request_id=name)
            await socket.send(json.dumps(reading.as_message(learner)))
        outcomes = await hear_all(socket, 2)
    assert set(outcomes) == {"first", "second"}
    for outcome in outcomes.values():
        assert outcome.milestones[-1] == "complete"
        assert [event["seq"] for event in outcome.events] == list(range(len(outcome.events)))


async def test_the_same_tab_replaces_itself_and_another_does_not(server: RunningServer, learner: Learner) -> None:
    async with (
        ready(server, learner, "?client_id=tab-1") as first,
        ready(server, learner, "?client_id=tab-2") as other,
        ready(server, learner, "?client_id=tab-1") as second,
    ):
        assert await close_code(first) == 4409
        for socket in (other, second):
            await socket.send('{"type":"ping"}')
            assert (await hear(socket))["type"] == "pong"


async def test_the_oldest_of_too_many_connections_gives_way(server: RunningServer, learner: Learner) -> None:
    bystander = new_learner(server)
    async with (
        ready(server, bystander) as unharmed,
        ready(server, learner) as oldest,
        ready(server, learner) as second,
        ready(server, learner),
        ready(server, learner),
        ready(server, learner),
        ready(server, learner),
    ):
        assert await close_code(oldest) == 4409
        for socket in (second, unharmed):
            await socket.send('{"type":"ping"}')
            assert (await hear(socket))["type"] == "pong"


async def test_connections_are_forgotten_when_they_end(server: RunningServer, learner: Learner) -> None:
    manager = server.app.state.connections
    async with ready(server, learner):
        assert len(manager.of_user(learner.user_id)) == 1
        assert len(manager) >= 1
    async with asyncio.timeout(5):
        while manager.of_user(learner.user_id):  # noqa: ASYNC110  (the server's loop is another one)
            await asyncio.sleep(0.01)


async def test_a_burst_of_pings_from_a_client_that_reads_is_answered(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        burst = server.settings.max_messages_per_minute - 10
        assert burst > server.settings.max_outbound_events
        for number in range(burst):
            await socket.send(json.dumps({"type": "ping", "sent_at": number}))
        answers = [(await hear(socket))["data"]["sent_at"] for _ in range(burst)]
    assert answers == list(range(burst))


async def test_the_limit_of_a_frame_is_in_bytes_and_holds_for_binary_ones(
    server: RunningServer, learner: Learner
) -> None:
    limit = server.settings.max_frame_bytes
    for frame in ("é" * (limit // 2 + 1), bytes(limit + 1)):
        async with ready(server, learner) as socket:
            await socket.send(frame)
            assert await close_code(socket) == 1009


async def test_the_greeting_of_a_new_connection_names_what_is_being_worked_on(
    server: RunningServer, learner: Learner
) -> None:
    reading = Reading.of(speak(SENTENCE), SENTENCE, request_id="under-way")
    async with ready(server, learner) as first:
        await first.send(json.dumps(reading.as_message(learner)))
        assert (await hear(first))["type"] == "processing_started"
        async with socket_to(server, token=learner.token) as second:
            assert (await hear(second))["data"]["held"] == ["under-way"]
        await hear_one(first)
