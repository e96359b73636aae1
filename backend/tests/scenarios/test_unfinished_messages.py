"""Messages that are begun and not ended: in frames without end, in one frame that stops, from many connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from readers import new_learner, saved_readings
from stages import Serve, until
from transports import Reading, close_code, hear, hear_one, pong, ready
from websockets.asyncio.client import ClientConnection

from serving import RunningServer
from sounditout.connection.unfinished import Unfinished
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")
WHOLE = 20_000


def held(server: RunningServer) -> int:
    """Bytes of unfinished messages in the server."""
    unfinished: Unfinished = server.process.config.ws.limits.unfinished  # type: ignore[union-attr]
    return unfinished.size


async def pieces(text: str, size: int, *, ends: bool = True) -> AsyncIterator[str]:
    """A message in frames of so many characters."""
    for start in range(0, len(text), size):
        yield text[start : start + size]
    if not ends:
        await asyncio.Event().wait()


@contextmanager
def sending(socket: ClientConnection, text: str, size: int) -> Iterator[None]:
    """A message in frames that never ends."""
    task = asyncio.create_task(socket.send(pieces(text, size, ends=False)))
    try:
        yield
    finally:
        task.cancel()


def half_a_frame(count: int) -> bytes:
    """A text frame that is to hold `WHOLE` bytes, of which so many come."""
    return b"\x81\xff" + WHOLE.to_bytes(8, "big") + bytes(4) + b" " * count


async def test_a_message_in_many_frames_is_a_message(serve: Serve) -> None:
    server = serve()
    learner = new_learner(server)
    async with ready(server, learner) as socket:
        await socket.send(pieces(json.dumps(READING.as_message(learner)), 100))
        assert (await hear_one(socket)).milestones[-1] == "complete"
        assert held(server) == 0
    assert len(saved_readings(server, learner)) == 1


@pytest.mark.parametrize("how", ["frames without end", "half a frame"])
async def test_a_message_that_does_not_end_is_given_up(serve: Serve, how: str) -> None:
    server = serve(options={"message_seconds": 0.3})
    learner = new_learner(server)
    async with ready(server, learner) as socket, ready(server, learner) as stays:
        if how == "half a frame":
            socket.transport.write(half_a_frame(1000))
            assert await close_code(socket) == 4408
        else:
            with sending(socket, " " * 1000, 10):
                assert await close_code(socket) == 4408
        await until(lambda: held(server) == 0)
        await pong(stays)


async def test_messages_that_end_in_time_may_go_on_for_ever(serve: Serve) -> None:
    server = serve(options={"message_seconds": 0.3})
    async with ready(server, new_learner(server)) as socket:
        for _ in range(4):
            await socket.send(slowly('{"type":"ping"}'))
            assert (await hear(socket))["type"] == "pong"


async def slowly(text: str) -> AsyncIterator[str]:
    """A message in two frames, a moment apart."""
    yield text[:5]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.15)
    yield text[5:]


async def test_many_connections_together_hold_no_more_than_one_may(serve: Serve) -> None:
    server = serve(options={"max_unfinished_bytes": 100_000})
    learners = [new_learner(server) for _ in range(12)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(ready(server, learner)) for learner in learners]
        for number, socket in enumerate(sockets):
            socket.transport.write(half_a_frame(15_000))
            await until(lambda number=number: held(server) >= min(number + 1, 6) * 15_000)  # type: ignore[misc]
            assert held(server) <= 100_000
        for socket in sockets[:6]:
            assert await close_code(socket) == 1013, "those that began first"
        for socket in sockets[6:]:
            socket.transport.write(b" " * (WHOLE - 15_000))
            assert (await hear(socket))["data"]["code"] == "invalid_message", "those that end soon are heard"
    await until(lambda: held(server) == 0)


async def test_frames_without_anything_in_them_are_counted(serve: Serve) -> None:
    server = serve(options={"max_frame_bytes": 20_000})
    async with ready(server, new_learner(server)) as socket:
        socket.transport.write(b"\x01\x80" + bytes(4))
        for _ in range(100):
            socket.transport.write((b"\x00\x80" + bytes(4)) * 100)
        assert await close_code(socket) == 1009
    await until(lambda: held(server) == 0)


async def test_a_connection_that_breaks_in_a_message_leaves_nothing(serve: Serve) -> None:
    server = serve()
    async with ready(server, new_learner(server)) as socket:
        socket.transport.write(half_a_frame(1000))
        await until(lambda: held(server) >= 1000)
        socket.transport.abort()
        await until(lambda: held(server) == 0)
