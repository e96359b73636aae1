"""One WebSocket, against servers that behave as ours never should."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from manual_time import ManualTime
from sounditout.client import ClientError, ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.connection import Connection
from sounditout.client.errors import HandshakeFailed, NotReady
from sounditout.client.opening import READY_SECONDS, open_connection

Behaviour = Callable[[ServerConnection], Awaitable[None]]
READY = {"type": "ready", "data": {"heartbeat_seconds": 30, "held": ["a", "b"], "from a newer server": True}}


@asynccontextmanager
async def behaving(behaviour: Behaviour) -> AsyncIterator[str]:
    """The address of somebody who behaves so."""
    async with serve(behaviour, "127.0.0.1", 0, subprotocols=["sounditout.v1"]) as impostor:  # type: ignore[list-item]
        yield f"ws://127.0.0.1:{impostor.sockets[0].getsockname()[1]}"


async def talk(socket: ServerConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        await socket.send(json.dumps(message))


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


async def ended(connection: Connection) -> tuple[list[dict[str, Any]], ClientError]:
    """What came, and why no more did."""
    messages: list[dict[str, Any]] = []
    error = await asyncio.wait_for(connection.run(messages.append), 20)
    return messages, error


async def test_the_greeting_and_what_follows(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        await talk(socket, READY, {"type": "pong"}, {"type": "anything"})

    async with behaving(behave) as url:
        connection = await open_connection(url, "x", time.timing)
        messages, error = await ended(connection)
    assert connection.greeting.held == {"a", "b"}
    assert connection.greeting.heartbeat_seconds == 30
    assert [message["type"] for message in messages] == ["pong", "anything"]
    assert isinstance(error, ConnectionFailed)
    assert error.close_code == 1000


@pytest.mark.parametrize("data", [{}, {"heartbeat_seconds": 0, "held": None}, {"heartbeat_seconds": "soon"}])
async def test_a_greeting_that_says_less(time: ManualTime, data: dict[str, Any]) -> None:
    async def behave(socket: ServerConnection) -> None:
        await talk(socket, {"type": "ready", "data": data})

    async with behaving(behave) as url:
        connection = await open_connection(url, "x", time.timing)
        await ended(connection)
    assert connection.greeting.heartbeat_seconds == 30
    assert connection.greeting.held == frozenset()


async def test_the_token_stands_in_the_header_and_nowhere_else(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        assert socket.request is not None
        headers = socket.request.headers
        said = {name: headers.get(name, "") for name in ("Authorization", "Sec-WebSocket-Protocol")}
        await talk(socket, READY, {**said, "path": socket.request.path})

    async with behaving(behave) as url:
        (message,), _ = await ended(await open_connection(url, "secret", time.timing))
    assert message == {"Authorization": "Bearer secret", "Sec-WebSocket-Protocol": "sounditout.v1", "path": "/"}


async def test_nobody_speaks(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with behaving(behave) as url:
        opening = asyncio.create_task(open_connection(url, "x", time.timing))
        await time.pass_(READY_SECONDS)
        with pytest.raises(NotReady):
            await opening


@pytest.mark.parametrize("frame", ["not json", "[]", '{"type": "pong"}', b"\x00", '{"type": "ready", "data": []}'])
async def test_somebody_else_speaks(time: ManualTime, frame: str | bytes) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(frame)
        await socket.wait_closed()

    async with behaving(behave) as url:
        with pytest.raises(UnreadableAnswer):
            await open_connection(url, "x", time.timing)


@pytest.mark.parametrize("frame", ["not json", "[]", b"\x00"])
async def test_nonsense_later_ends_the_connection(time: ManualTime, frame: str | bytes) -> None:
    async def behave(socket: ServerConnection) -> None:
        await talk(socket, READY)
        await socket.send(frame)
        await socket.wait_closed()

    async with behaving(behave) as url:
        _, error = await ended(await open_connection(url, "x", time.timing))
    assert isinstance(error, UnreadableAnswer)


async def test_a_bad_token_closes_with_4401(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.close(4401, "no")

    async with behaving(behave) as url:
        with pytest.raises(Refused) as refused:
            await open_connection(url, "x", time.timing)
    assert refused.value.code == "unauthorized"


async def test_a_close_instead_of_a_greeting_is_a_failed_handshake(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.close(1013, "full")

    async with behaving(behave) as url:
        with pytest.raises(HandshakeFailed, match="full") as failed:
            await open_connection(url, "x", time.timing)
    assert failed.value.close_code == 1013
    assert failed.value.retryable


async def test_nobody_listens(time: ManualTime) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        await open_connection("ws://127.0.0.1:9", "x", time.timing)
    assert not isinstance(failed.value, HandshakeFailed)


async def test_a_ping_every_heartbeat_and_silence_is_the_end(time: ManualTime) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def behave(socket: ServerConnection) -> None:
        await talk(socket, READY)
        async for frame in socket:
            heard.put_nowait(str(frame))

    async with behaving(behave) as url:
        running = asyncio.create_task(ended(await open_connection(url, "x", time.timing)))
        await time.pass_(30)
        assert json.loads(await asyncio.wait_for(heard.get(), 20)) == {"type": "ping"}
        await time.pass_(45)
        _, error = await running
    assert isinstance(error, ConnectionFailed)
    assert error.retryable
    assert error.close_code is None


async def test_a_long_message_that_gets_shorter_counts_as_life(time: ManualTime) -> None:
    left = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        await talk(socket, READY)
        socket.transport.pause_reading()
        await left.wait()
        socket.transport.resume_reading()

    async with behaving(behave) as url:
        connection = await open_connection(url, "x", time.timing)
        connection.post({"type": "long", "audio": "x" * 50_000_000})  # the buffers in between take a part of it
        running = asyncio.create_task(ended(connection))
        while not running.done():
            passing = asyncio.create_task(time.pass_(45))
            await asyncio.wait([running, passing], return_when=asyncio.FIRST_COMPLETED)
        passing.cancel()
        left.set()
    _, error = running.result()
    assert isinstance(error, ConnectionFailed)
    assert time.waits.count(45) >= 2


async def test_any_frame_counts_as_life(time: ManualTime) -> None:
    async def behave(socket: ServerConnection) -> None:
        await talk(socket, READY)
        async for _ in socket:
            await talk(socket, {"type": "something else"})

    async with behaving(behave) as url:
        connection = await open_connection(url, "x", time.timing)
        answered = asyncio.Event()
        running = asyncio.create_task(connection.run(lambda _: answered.set()))
        for _ in range(4):
            await time.pass_(30)
            await asyncio.wait_for(answered.wait(), 20)
            answered.clear()
        assert not running.done()
        await connection.leave()
        await running
