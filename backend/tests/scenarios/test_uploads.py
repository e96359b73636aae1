"""A recording that travels while it is made."""

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from readers import new_learner, saved_readings
from stages import until
from transports import Message, Outcome, OverSse, OverWebSocket, Reading, hear, hear_one, ready
from websockets.asyncio.client import ClientConnection

from serving import Learner, RunningServer
from speech import joined, silence, speak

SENTENCE = "The cat sat on the mat."
READING = Reading.of(joined(silence(0.2), speak(SENTENCE), silence(0.5)), SENTENCE, request_id="r-1")
assert READING.audio is not None
PIECE = len(READING.audio) // 12 + 1
PIECES = [READING.audio[at : at + PIECE] for at in range(0, len(READING.audio), PIECE)]


def start(learner: Learner, reading: Reading = READING) -> str:
    message = reading.as_message(learner) | {"type": "audio_start"}
    del message["audio_base64"]
    return json.dumps(message)


def chunk(number: int, piece: bytes | None = None, request_id: str = "r-1") -> str:
    piece = PIECES[number] if piece is None else piece
    return json.dumps(
        {
            "type": "audio_chunk",
            "request_id": request_id,
            "chunk": number,
            "audio_base64": base64.b64encode(piece).decode(),
        }
    )


def end(chunks: int | None = len(PIECES), request_id: str = "r-1") -> str:
    return json.dumps({"type": "audio_end", "request_id": request_id, "chunks": chunks})


async def rest_of(socket: ClientConnection) -> list[Message]:
    return (await hear_one(socket)).events


def without_partials(events: list[Message]) -> list[Message]:
    """What is told of a whole recording, numbered anew."""
    comparable = Outcome([json.dumps(event) for event in events]).comparable()
    kept = [event for event in comparable if event["type"] != "partial"]
    for seq, event in enumerate(kept):
        event["seq"] = seq
    kept[0]["data"]["received_bytes"] = 0
    return kept


async def test_the_result_is_that_of_the_whole_recording(server: RunningServer, learner: Learner) -> None:
    whole = await OverSse().read(server, learner, replace(READING, request_id="whole"))
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        first = await hear(socket)
        assert (first["type"], first["seq"], first["data"]["received_bytes"]) == ("processing_started", 0, 0)
        for number in range(len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        events = [first, *await rest_of(socket)]
    assert without_partials(events) == without_partials(whole.events)
    assert sorted(saved.request_id for saved in saved_readings(server, learner)) == ["r-1", "whole"]


async def test_words_are_told_while_the_reader_still_reads(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        heard: list[dict[str, Any]] = []
        for number in range(len(PIECES)):
            await socket.send(chunk(number))
            if number % 3 == 2:  # the server gets time to listen, as it does while somebody reads
                while (message := await hear(socket))["type"] != "partial":
                    pass
                heard.append(message["data"])
        await socket.send(end())
        assert (await rest_of(socket))[-1]["type"] == "complete"
    counts = [len(data["words"]) for data in heard]
    assert counts == sorted(counts), "the list only grows"
    assert counts[0] < counts[-1]
    assert counts[-1] >= 4
    for data in heard:
        assert [word["index"] for word in data["words"]] == list(range(len(data["words"])))
        assert {word["status"] for word in data["words"]} <= {"correct", "unsure"}


@pytest.mark.parametrize("disorder", ["repeated", "shuffled", "late"])
async def test_pieces_that_come_twice_or_out_of_order_or_late(
    server: RunningServer, learner: Learner, disorder: str
) -> None:
    numbers = list(range(len(PIECES)))
    sent = {
        "repeated": [chunk(number) for number in [*numbers, *numbers[2:5]]] + [end()],
        "shuffled": [chunk(number) for number in numbers[::-1]] + [end()],
        "late": [chunk(number) for number in numbers if number != 3] + [end(), chunk(3)],
    }[disorder]
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for message in sent:
            await socket.send(message)
        outcome = Outcome([json.dumps(event) for event in await rest_of(socket)])
    assert set(outcome.statuses().values()) == {"correct"}
    assert len(saved_readings(server, learner)) == 1


async def test_pieces_after_the_end_change_nothing(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        await socket.send(chunk(0))
        await socket.send(chunk(len(PIECES), b"more"))
        await socket.send(end())
        assert (await rest_of(socket))[-1]["type"] == "complete"
        await socket.send(chunk(1))
        await socket.send(end())
        await socket.send('{"type":"ping"}')
        assert (await hear(socket))["type"] == "pong"
    assert len(saved_readings(server, learner)) == 1


async def test_a_recording_goes_on_over_another_connection(server: RunningServer, learner: Learner) -> None:
    """The network was away for a moment; the client sends what it is not sure of again."""
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(5):
            await socket.send(chunk(number))
        await hear(socket)
        socket.transport.abort()
    async with ready(server, learner) as socket:
        await socket.send(json.dumps({"type": "resume", "request_id": "r-1", "after_seq": 0}))
        for number in range(3, len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        events = await rest_of(socket)
    assert events[-1]["type"] == "complete"
    assert min(event["seq"] for event in events) > 0
    assert len(saved_readings(server, learner)) == 1


async def test_a_recording_falls_back_to_the_other_transport(server: RunningServer, learner: Learner) -> None:
    """The connection is lost in the middle, and does not come back."""
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(5):
            await socket.send(chunk(number))
        await hear(socket)
        socket.transport.abort()
    outcome = await OverSse().read(server, learner, READING)
    assert outcome.milestones[-1] == "complete"
    assert len(saved_readings(server, learner)) == 1


async def test_a_whole_recording_takes_the_place_of_its_pieces(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        await socket.send(chunk(0))
        await socket.send(json.dumps(READING.as_message(learner)))
        events = await rest_of(socket)
    assert events[-1]["type"] == "complete"
    assert len(saved_readings(server, learner)) == 1


async def test_both_at_the_same_moment_are_one_reading(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as one, ready(server, learner) as other:
        for number in range(5):
            reading = replace(READING, request_id=f"r-{number}")
            await asyncio.gather(
                one.send(start(learner, reading)), other.send(json.dumps(reading.as_message(learner)))
            )
            seen = await asyncio.gather(rest_of(one), rest_of(other))
            assert [events[-1]["type"] for events in seen] == ["complete"] * 2
    assert len(saved_readings(server, learner)) == 5


async def test_an_empty_one_spoils_nothing(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        await socket.send(chunk(0))
        await hear(socket)
        onlooker = asyncio.create_task(OverSse().read(server, learner, replace(READING, audio=b"")))
        for number in range(1, len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        assert (await rest_of(socket))[-1]["type"] == "complete"
        assert (await onlooker).milestones[-1] == "complete"


async def test_a_piece_that_is_too_large_ends_it(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        await socket.send(chunk(0, bytes(server.settings.max_audio_bytes + 3)))
        last = (await rest_of(socket))[-1]
    assert (last["type"], last["data"]["code"]) == ("error", "audio_too_large")


async def test_pages_that_are_reloaded_while_they_record_do_not_lock_anybody_out(
    server: RunningServer, learner: Learner
) -> None:
    for number in range(4):
        async with ready(server, learner, "?client_id=tab") as socket:
            await socket.send(start(learner, replace(READING, request_id=f"lost-{number}")))
            await hear(socket)
            socket.transport.abort()
        await until(lambda: not server.app.state.connections.of_user(learner.user_id))
    assert (await OverWebSocket().read(server, learner, READING)).milestones[-1] == "complete"


async def test_a_sentence_without_words_is_refused_at_the_start(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner, replace(READING, sentence="?!")))
        answer = await hear(socket)
        assert (answer["type"], answer["data"]["code"]) == ("error", "invalid_sentence")


@pytest.mark.parametrize(
    ("pieces", "code"), [([], "unsupported_audio"), ([b"no sound at all"], "unsupported_audio")], ids=["none", "text"]
)
async def test_what_is_no_recording(server: RunningServer, learner: Learner, pieces: list[bytes], code: str) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number, piece in enumerate(pieces):
            await socket.send(chunk(number, piece))
        await socket.send(end(None))
        last = (await rest_of(socket))[-1]
    assert last["data"]["code"] == code
    assert saved_readings(server, learner) == []


async def test_a_recording_that_grows_too_large(server: RunningServer, learner: Learner) -> None:
    piece = bytes(1024 * 1024)
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(6):
            await socket.send(chunk(number, piece))
        last = (await rest_of(socket))[-1]
    assert (last["type"], last["data"]["code"]) == ("error", "audio_too_large")


async def test_cancelled_while_it_arrives(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(5):
            await socket.send(chunk(number))
        await socket.send('{"type":"cancel","request_id":"r-1"}')
        await socket.send('{"type":"cancel","request_id":"r-1"}')
        events = await rest_of(socket)
        assert [event["type"] for event in events if event["type"] != "partial"] == [
            "processing_started",
            "cancelled",
        ]
        for number in range(5, len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        await socket.send('{"type":"ping"}')
        assert (await hear(socket))["type"] == "pong"
    assert saved_readings(server, learner) == []


async def test_a_second_tab_hears_of_it_too(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as reader, ready(server, learner) as onlooker:
        await reader.send(start(learner))
        await hear(reader)
        await onlooker.send('{"type":"resume","request_id":"r-1"}')
        assert (await hear(onlooker))["type"] == "processing_started"
        for number in range(len(PIECES)):
            await reader.send(chunk(number))
        await reader.send(end())
        seen = await asyncio.gather(rest_of(reader), rest_of(onlooker))
    assert seen[0] == seen[1]


async def test_pieces_of_a_recording_nobody_has_begun(server: RunningServer, learner: Learner) -> None:
    other = new_learner(server)
    async with ready(server, learner) as mine, ready(server, other) as theirs:
        await mine.send(start(learner))
        await hear(mine)
        await theirs.send(chunk(0))
        answer = await hear(theirs)
        assert (answer["request_id"], answer["data"]["code"], answer["data"]["retryable"]) == (
            "r-1",
            "invalid_message",
            True,
        )
        await theirs.send(chunk(1))
        await theirs.send('{"type":"ping"}')
        assert (await hear(theirs))["type"] == "pong", "said once"
        await mine.send('{"type":"cancel","request_id":"r-1"}')


async def test_a_recording_may_come_again_in_one_piece(server: RunningServer, learner: Learner) -> None:
    async with ready(server, learner) as socket:
        await socket.send(start(learner))
        for number in range(len(PIECES)):
            await socket.send(chunk(number))
        await socket.send(end())
        events = await rest_of(socket)
    again = await OverWebSocket().read(server, learner, READING)
    assert [event for event in again.events if event["type"] != "partial"] == [
        event for event in events if event["type"] != "partial"
    ]
