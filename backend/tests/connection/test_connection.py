"""Two tasks and an outbox, on a socket made of queues."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from examples import LIMITS, REQUEST_ID, every_event
from sounditout.analysis.events import Event
from sounditout.connection.connection import Connection
from sounditout.connection.conversation import Conversation
from sounditout.connection.outbox import Close, Outbox
from sounditout.connection.requests_in_flight import Deliver
from sounditout.errors import Forbidden
from sounditout.messages import AnalyzeAudio

ANALYZE = json.dumps(
    {"type": "analyze_audio", "request_id": REQUEST_ID, "session_id": 1, "attempted_sentence": "The cat sat."}
)


@dataclass
class FakeSocket:
    """What comes in is put into `incoming`; what goes out is found in `sent`."""

    incoming: "asyncio.Queue[MutableMapping[str, Any]]" = field(default_factory=asyncio.Queue)
    sent: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    closed: int | None = None
    stuck: bool = False

    def say(self, text: str | None = None, data: bytes | None = None) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": text, "bytes": data})

    def leave(self) -> None:
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def receive(self) -> MutableMapping[str, Any]:
        return await self.incoming.get()

    async def send_text(self, data: str) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.put_nowait(data)

    async def close(self, code: int, reason: str) -> None:
        assert reason
        self.closed = code

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self.sent.get(), 5))
        return message


@dataclass
class Client:
    socket: FakeSocket
    connection: Connection
    running: "asyncio.Task[None]"
    begun: list[tuple[str, AnalyzeAudio, Deliver]]
    abandoned: list[str]

    async def ended(self) -> int | None:
        await asyncio.wait_for(asyncio.shield(self.running), 5)
        return self.socket.closed


@asynccontextmanager
async def connected(
    *, lifetime: float = 3600, limit: int = 64, stuck: bool = False, error: Exception | None = None
) -> AsyncIterator[Client]:
    socket = FakeSocket(stuck=stuck)
    begun: list[tuple[str, AnalyzeAudio, Deliver]] = []
    abandoned: list[str] = []

    async def begin(request_id: str, message: AnalyzeAudio, deliver: Deliver) -> None:
        if error is not None:
            raise error
        begun.append((request_id, message, deliver))

    connection = Connection(
        connection_id="c-1",
        user_id=1,
        client_id=None,
        socket=socket,
        conversation=Conversation("c-1", LIMITS, 30, lifetime, lambda: "made-here"),
        limits=LIMITS,
        outbox=Outbox(limit),
        begin=begin,
        abandon=abandoned.append,
        send_seconds=0.05,
        clock=lambda: 0.0,
    )
    running = asyncio.create_task(connection.run())
    client = Client(socket, connection, running, begun, abandoned)
    try:
        yield client
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_greets_answers_and_ends_when_the_client_leaves() -> None:
    async with connected() as client:
        assert (await client.socket.hear())["type"] == "ready"
        client.socket.say('{"type":"ping","sent_at":1}')
        assert await client.socket.hear() == {"type": "pong", "data": {"sent_at": 1.0}}
        client.socket.leave()
        assert await client.ended() is None


async def test_a_reading_is_begun_and_its_events_are_sent() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        client.socket.say('{"type":"ping"}')
        assert (await client.socket.hear())["type"] == "pong"
        [(request_id, message, deliver)] = client.begun
        assert (request_id, message.attempted_sentence) == (REQUEST_ID, "The cat sat.")
        for event in every_event():
            deliver(event)
            assert (await client.socket.hear())["type"] == event.type


async def test_a_reading_that_may_not_be_begun_is_refused() -> None:
    async with connected(error=Forbidden()) as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        answer = await client.socket.hear()
        assert (answer["request_id"], answer["data"]["code"]) == (REQUEST_ID, "forbidden")


async def test_what_breaks_before_a_reading_begins_is_our_fault_and_survived() -> None:
    async with connected(error=RuntimeError("boom")) as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        answer = await client.socket.hear()
        assert (answer["request_id"], answer["data"]["code"]) == (REQUEST_ID, "internal")
        client.socket.say('{"type":"ping"}')
        assert (await client.socket.hear())["type"] == "pong"


async def test_a_cancel_reaches_the_work() -> None:
    async with connected() as client:
        client.socket.say('{"type":"cancel","request_id":"r-1"}')
        client.socket.leave()
        await client.ended()
        assert client.abandoned == ["r-1"]


async def test_a_long_message_is_read_without_holding_up_the_loop() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(json.dumps({"type": "ping", "sent_at": 1, "padding": "x" * 200_000}))
        assert (await client.socket.hear())["type"] == "pong"


async def test_frames_that_are_not_text_and_text_that_is_no_message() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(data=b"\x00")
        client.socket.say("[]")
        client.socket.say("{")
        for _ in range(3):
            assert (await client.socket.hear())["data"]["code"] == "invalid_message"
        assert await client.ended() == 4400


async def test_a_frame_over_the_limit() -> None:
    async with connected() as client:
        client.socket.say("x" * (LIMITS.max_frame_bytes + 1))
        assert await client.ended() == 1009


async def test_the_token_ends() -> None:
    async with connected(lifetime=0.01) as client:
        assert await client.ended() == 4401


async def test_a_token_that_has_ended_already() -> None:
    async with connected(lifetime=-5) as client:
        assert await client.ended() == 4401


async def test_a_client_that_takes_nothing_is_given_up() -> None:
    async with connected(stuck=True) as client:
        assert await client.ended() is None


async def test_a_client_that_reads_too_slowly_is_closed() -> None:
    async with connected(limit=8) as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        client.socket.say('{"type":"ping"}')
        await client.socket.hear()
        [(_, _, deliver)] = client.begun
        for event in [*every_event(), *every_event()]:  # at once: nothing is sent in between
            deliver(event)
        assert await client.ended() == 4408


async def test_the_last_word_comes_after_what_was_said_before() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.connection.outbox.put('{"before":1}')
        client.connection.outbox.close(Close(4409))
        client.connection.outbox.put('{"after":1}')
        assert await client.ended() == 4409
        assert await client.socket.hear() == {"before": 1}
        assert client.socket.sent.empty()


async def test_nothing_is_begun_once_it_closes() -> None:
    async with connected() as client:
        client.connection.outbox.close(Close(4409))
        client.socket.say(ANALYZE)
        await client.ended()
        assert client.begun == []


async def test_events_after_the_end_go_nowhere() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        client.socket.leave()
        await client.ended()
        events: list[Event] = every_event()
        for event in [*events * 20]:
            client.begun[0][2](event)
        assert client.socket.sent.empty()


async def test_a_socket_that_breaks_is_not_hidden() -> None:
    async with connected() as client:
        client.socket.incoming.put_nowait({})
        with pytest.raises(KeyError):
            await client.ended()
