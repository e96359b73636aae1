"""A receiver, a sender and an outbox, on a socket made of queues."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from examples import LIMITS, REQUEST_ID, every_event
from sounditout.accounts.identity import Identity
from sounditout.analysis.arrival import Arrivals
from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.connection import Connection
from sounditout.connection.conversation import Conversation
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.told import Told
from sounditout.errors import Forbidden, Unauthorized
from sounditout.messages import AnalyzeAudio, AudioStart

ANALYZE = json.dumps(
    {"type": "analyze_audio", "request_id": REQUEST_ID, "session_id": 1, "attempted_sentence": "The cat sat."}
)
CHUNK = {"type": "audio_chunk", "request_id": REQUEST_ID, "chunk": 0, "audio_base64": "YWJj"}
STORY = [event for event in every_event() if not isinstance(event, TERMINAL)]
STORY.append(next(event for event in every_event() if isinstance(event, TERMINAL)))


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


class FakeRequests:
    """Requests that do nothing until a test tells something about them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.held: dict[str, HeldRequest] = {}
        self.begun: list[AnalyzeAudio | AudioStart] = []

    async def begin(self, request_id: str, message: AnalyzeAudio | AudioStart) -> HeldRequest:
        if self.error is not None:
            raise self.error
        self.begun.append(message)
        arrival = Arrivals(1000, 1000).open() if isinstance(message, AudioStart) else None
        return self.held.setdefault(request_id, HeldRequest(1, request_id, arrival))

    def find(self, request_id: str) -> HeldRequest | None:
        return self.held.get(request_id)

    async def renew(self, token: str) -> Identity:
        if token != "good":
            raise Unauthorized
        return Identity(1, "ada", 7200.0, 1)


@dataclass
class Client:
    socket: FakeSocket
    connection: Connection
    running: "asyncio.Task[None]"
    requests: FakeRequests

    async def ended(self) -> int | None:
        await asyncio.wait_for(asyncio.shield(self.running), 5)
        return self.socket.closed

    async def pong(self) -> None:
        """Everything that was said before has been heard."""
        self.socket.say('{"type":"ping"}')
        assert (await self.socket.hear())["type"] == "pong"


@asynccontextmanager
async def connected(
    *, lifetime: float = 3600, limit: int = 64, stuck: bool = False, error: Exception | None = None
) -> AsyncIterator[Client]:
    socket, requests = FakeSocket(stuck=stuck), FakeRequests(error)
    limits = LIMITS.model_copy(update={"max_outbound_events": limit})
    started = time.monotonic()
    connection = Connection(
        user=Identity(1, "ada", lifetime, 0),
        client_id=None,
        socket=socket,
        conversation=Conversation("c-1", limits, 30, 0.0, lifetime, lambda: "made-here"),
        requests=requests,
        limits=limits,
        send_seconds=0.05,
        clock=lambda: time.monotonic() - started,
    )
    client = Client(socket, connection, asyncio.create_task(connection.run()), requests)
    try:
        yield client
    finally:
        client.running.cancel()
        await asyncio.gather(client.running, return_exceptions=True)


def tell(held: HeldRequest, *events: Event) -> None:
    for event in events:
        held.tell(Told.of(event))


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
        await client.pong()
        [message] = client.requests.begun
        assert message.attempted_sentence == "The cat sat."
        for event in STORY:
            tell(client.requests.held[REQUEST_ID], event)
            assert (await client.socket.hear())["type"] == event.type


async def test_a_recording_arrives_in_pieces() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(ANALYZE.replace("analyze_audio", "audio_start"))
        for number, piece in enumerate(["YWJj", "ZGVm"]):
            client.socket.say(json.dumps(CHUNK | {"chunk": number, "audio_base64": piece}))
        client.socket.say(json.dumps({"type": "audio_end", "request_id": REQUEST_ID}))
        await client.pong()
        arrival = client.requests.held[REQUEST_ID].arrival
        assert arrival is not None
        assert arrival.is_complete
        assert arrival.audio == b"abcdef"


async def test_pieces_of_what_nobody_knows_are_refused_once() -> None:
    async with connected() as client:
        await client.socket.hear()
        for number in range(3):
            client.socket.say(json.dumps(CHUNK | {"chunk": number}))
        assert (await client.socket.hear())["data"]["code"] == "invalid_message"
        await client.pong()


async def test_pieces_of_what_came_in_one_are_ignored() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        client.socket.say(json.dumps(CHUNK))
        client.socket.say(json.dumps({"type": "audio_end", "request_id": REQUEST_ID}))
        await client.pong()


async def test_a_request_is_resumed_after_what_was_received() -> None:
    async with connected() as client:
        await client.socket.hear()
        held = client.requests.held["r-1"] = HeldRequest(1, "r-1")
        tell(held, *STORY[:3])
        client.socket.say('{"type":"resume","request_id":"r-1","after_seq":1}')
        assert (await client.socket.hear())["seq"] == 2
        tell(held, *STORY[3:])
        for event in STORY[3:]:
            assert (await client.socket.hear())["seq"] == event.seq
        client.socket.say(json.dumps({"type": "resume", "request_id": "r-1", "after_seq": STORY[-1].seq}))
        await client.pong()


async def test_a_request_nobody_knows_cannot_be_resumed() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say('{"type":"resume","request_id":"r-1"}')
        answer = await client.socket.hear()
        assert (answer["request_id"], answer["data"]["retryable"]) == ("r-1", True)


async def test_whoever_leaves_is_told_no_more() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.socket.say(ANALYZE)
        await client.pong()
        held = client.requests.held[REQUEST_ID]
        client.socket.leave()
        await client.ended()
        tell(held, *STORY)
        assert client.socket.sent.empty()
        assert held._listeners == []


async def test_a_newer_token_and_a_bad_one() -> None:
    async with connected(lifetime=30) as client:
        await client.socket.hear()
        assert (await client.socket.hear())["type"] == "token_expiring"
        client.socket.say('{"type":"refresh_token","token":"bad"}')
        assert (await client.socket.hear())["data"]["code"] == "unauthorized"
        client.socket.say('{"type":"refresh_token","token":"good"}')
        answer = await client.socket.hear()
        assert answer["type"] == "token_refreshed"
        assert answer["data"]["expires_in_seconds"] == pytest.approx(7200, abs=5)
        assert client.connection.user.token_version == 1, "what it is compared with from now on"


async def test_what_happens_elsewhere() -> None:
    for happen, code in (
        (Connection.replace, 4409),
        (Connection.revoke, 4401),
        (Connection.stop, 1012),
    ):
        async with connected() as client:
            await client.socket.hear()
            client.connection.drain(4000)
            assert (await client.socket.hear())["data"] == {"reconnect_within_ms": 4000}
            happen(client.connection)
            assert await client.ended() == code


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
        held = client.requests.held["r-1"] = HeldRequest(1, "r-1")
        client.socket.say('{"type":"cancel","request_id":"r-1"}')
        client.socket.say('{"type":"cancel","request_id":"r-2"}')
        client.socket.leave()
        await client.ended()
        assert held.cancellation.requested


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
        held = client.requests.held["r-1"] = HeldRequest(1, "r-1")
        client.socket.say('{"type":"resume","request_id":"r-1"}')
        await client.pong()
        for seq in range(12):  # at once: nothing is sent in between
            held.tell(Told("r-1", seq, "{}"))
        assert await client.ended() == 4408


async def test_the_last_word_comes_after_what_was_said_before() -> None:
    async with connected() as client:
        await client.socket.hear()
        client.connection.drain(1)
        client.connection.replace()
        client.connection.drain(2)
        assert await client.ended() == 4409
        assert (await client.socket.hear())["data"] == {"reconnect_within_ms": 1}
        assert client.socket.sent.empty()


async def test_nothing_is_begun_once_it_closes() -> None:
    async with connected() as client:
        client.connection.replace()
        client.socket.say(ANALYZE)
        await client.ended()
        assert client.requests.begun == []


async def test_a_socket_that_breaks_is_not_hidden() -> None:
    async with connected() as client:
        client.socket.incoming.put_nowait({})
        with pytest.raises(KeyError):
            await client.ended()
