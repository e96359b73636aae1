"""Servers that are stopped while a recording arrives in pieces."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path

from processes import hear_until_closed, saved_in
from stopping import ANSWER, AUDIO, READING, Start, drains, send, types
from transports import Message, hear, hear_one, ready
from websockets.asyncio.client import ClientConnection

from serving import Learner


async def begin(connection: ClientConnection, learner: Learner) -> Callable[[int], Message]:
    """Send the beginning and half of the recording; gives the pieces."""
    start = {**READING.as_message(learner), "type": "audio_start"}
    start.pop("audio_base64")
    half = len(AUDIO) // 2
    pieces = [base64.b64encode(piece).decode() for piece in (AUDIO[:half], AUDIO[half:])]

    def chunk(number: int) -> Message:
        return {"type": "audio_chunk", "request_id": "r-1", "chunk": number, "audio_base64": pieces[number]}

    await connection.send(json.dumps(start))
    await connection.send(json.dumps(chunk(0)))
    assert (await hear(connection))["type"] == "processing_started"
    return chunk


async def test_the_rest_may_still_come(start: Start) -> None:
    server = await start()
    learner = server.new_learner()
    async with ready(server, learner) as connection:
        chunk = await begin(connection, learner)
        await drains(server)
        await connection.send(json.dumps(chunk(1)))
        await connection.send('{"type":"audio_end","request_id":"r-1","chunks":2}')
        heard, code = await hear_until_closed(connection)
    assert [kind for kind in types(heard, "r-1") if kind != "partial"] == ANSWER[1:]
    assert types(heard) == ["draining"]
    assert code == 1012
    assert await server.ended() == 0


async def test_one_that_takes_too_long_can_be_sent_anew(start: Start, tmp_path: Path) -> None:
    server, other = await asyncio.gather(start(drain_seconds=0.5), start())
    learner = server.new_learner()
    async with ready(server, learner) as connection:
        await begin(connection, learner)
        await drains(server)
        heard, code = await hear_until_closed(connection)
    assert not {"complete", "error", "cancelled"} & set(types(heard, "r-1")), "no last word: it is not over"
    assert types(heard) == ["draining"]
    assert code == 1012
    assert await server.ended() == 0
    assert saved_in(tmp_path, learner) == []
    async with ready(other, learner) as connection:
        await send(connection, learner)
        assert (await hear_one(connection)).milestones == ANSWER
