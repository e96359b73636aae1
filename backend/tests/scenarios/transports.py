"""One reading over either transport, on real sockets, with the same result type."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from serving import Learner
from sounditout.analysis.models import Waveform
from speech import as_wav

PATH = "/api/ai/ws/audio-analysis"
TERMINAL = {"complete", "error", "cancelled"}
Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a client sends."""

    audio: bytes | None
    sentence: str = "The cat sat on the mat."
    session_id: int | None = None
    """None: the learner's own."""
    request_id: str | None = None
    filename: str = "reading.wav"
    content_type: str = "audio/wav"
    client_phonemes: Any = None
    client_words: Any = None

    @classmethod
    def of(cls, waveform: Waveform, sentence: str, **more: Any) -> "Reading":  # noqa: ANN401
        return cls(audio=as_wav(waveform.samples), sentence=sentence, **more)

    def as_message(self, learner: Learner) -> Message:
        """For the WebSocket."""
        message = {
            "type": "analyze_audio",
            "session_id": self.session_id or learner.session_id,
            "attempted_sentence": self.sentence,
            "filename": self.filename,
            "content_type": self.content_type,
            "request_id": self.request_id,
            "client_phonemes": self.client_phonemes,
            "client_words": self.client_words,
        }
        if self.audio is not None:
            message["audio_base64"] = base64.b64encode(self.audio).decode()
        return {name: value for name, value in message.items() if value is not None}

    def as_form(self, learner: Learner) -> dict[str, Any]:
        """Arguments of an HTTP client's `post`."""
        data = {"session_id": str(self.session_id or learner.session_id), "attempted_sentence": self.sentence}
        if self.request_id is not None:
            data["request_id"] = self.request_id
        for name in ("client_phonemes", "client_words"):
            if getattr(self, name) is not None:
                data[name] = json.dumps(getattr(self, name))
        files = {"audio_file": (self.filename, self.audio, self.content_type)} if self.audio is not None else None
        # Without a file httpx would send the form url-encoded.
        return {"data": data, "files": files or {"unused": ("", b"")}}

    @property
    def endpoint(self) -> str:
        return "/api/ai/analyze-audio" + ("" if self.client_phonemes is None else "-with-phonemes")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: events as they stood on the wire, or the code with which the reading was refused."""

    texts: list[str] = field(default_factory=list)
    refused: str | None = None
    status: int | None = None

    @property
    def events(self) -> list[Message]:
        return [json.loads(text) for text in self.texts]

    @property
    def milestones(self) -> list[str]:
        return [event["type"] for event in self.events if event["type"] != "progress"]

    @property
    def report(self) -> Message:
        [data] = [event["data"] for event in self.events if event["type"] == "analysis"]
        return dict(data)

    @property
    def code(self) -> str | None:
        """Of the error that ended it, or that kept it from beginning."""
        if self.refused is not None:
            return self.refused
        last = self.events[-1]
        return str(last["data"]["code"]) if last["type"] == "error" else None

    def statuses(self) -> dict[str, str]:
        """Word → status."""
        return {word["text"]: word["status"] for word in self.report["words"]}

    def comparable(self) -> list[Message]:
        """The events without what differs between two requests."""
        events = self.events
        for event in events:
            del event["request_id"]
            if event["type"] == "complete":
                event["data"]["timings"] = sorted(event["data"]["timings"])
        return events


class Address(Protocol):
    """Where a server listens."""

    @property
    def base_url(self) -> str: ...

    @property
    def ws_url(self) -> str: ...


class Transport(Protocol):
    async def read(self, server: Address, learner: Learner, reading: Reading) -> Outcome: ...

    async def cancel(self, server: Address, learner: Learner, request_id: str) -> None: ...


class OverSse:
    """A multipart POST, answered by server-sent events."""

    async def read(self, server: Address, learner: Learner, reading: Reading) -> Outcome:
        async with (
            http(server, learner) as client,
            client.stream("POST", reading.endpoint, **reading.as_form(learner)) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                assert answer.headers["content-type"] == "application/problem+json"
                problem = json.loads(await answer.aread())
                return Outcome(refused=problem["code"], status=answer.status_code)
            assert answer.headers["content-type"].startswith("text/event-stream")
            return Outcome(texts=[text async for text in sse_texts(answer)])

    async def cancel(self, server: Address, learner: Learner, request_id: str) -> None:
        async with http(server, learner) as client:
            answer = await client.post(f"/api/ai/analyze-audio/{request_id}/cancel")
            assert answer.json() == {"request_id": request_id, "cancelled": answer.json()["cancelled"]}


class OverWebSocket:
    """A message on a socket of its own."""

    async def read(self, server: Address, learner: Learner, reading: Reading) -> Outcome:
        async with ready(server, learner) as socket:
            await socket.send(json.dumps(reading.as_message(learner)))
            return await hear_one(socket)

    async def cancel(self, server: Address, learner: Learner, request_id: str) -> None:
        """From another connection of the same user."""
        async with ready(server, learner) as socket:
            await socket.send(json.dumps({"type": "cancel", "request_id": request_id}))
            await socket.send('{"type":"ping"}')
            assert (await hear(socket))["type"] == "pong"


def http(server: Address, learner: Learner | None) -> httpx.AsyncClient:
    headers = learner.headers if learner else {}
    # No TLS is spoken here, and loading certificates takes tens of milliseconds each time.
    return httpx.AsyncClient(base_url=server.base_url, timeout=30, trust_env=False, verify=False, headers=headers)  # noqa: S501


async def sse_texts(answer: httpx.Response) -> AsyncIterator[str]:
    """The `data:` of every event; checks the `id:` before it."""
    event_id = ""
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        elif line.startswith("data: "):
            text = line.removeprefix("data: ")
            event = json.loads(text)
            assert event_id == f"{event['request_id']}:{event['seq']}"
            yield text
        else:
            assert line == "" or line.startswith(":")


@asynccontextmanager
async def socket_to(
    server: Address,
    *,
    token: str | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    subprotocols: list[str] | None = None,
    origin: str | None = None,
) -> AsyncIterator[ClientConnection]:
    """A connection, with the token in the header unless it is somewhere else."""
    given = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token is not None else {})
    async with connect(
        server.ws_url + PATH + query,
        additional_headers=given,
        subprotocols=subprotocols,  # type: ignore[arg-type]
        origin=origin,  # type: ignore[arg-type]
        max_size=None,
        proxy=None,
        open_timeout=30,
    ) as socket:
        yield socket


@asynccontextmanager
async def ready(server: Address, learner: Learner, query: str = "") -> AsyncIterator[ClientConnection]:
    """A connection that has been greeted."""
    async with socket_to(server, token=learner.token, query=query) as socket:
        assert (await hear(socket))["type"] == "ready"
        yield socket


async def hear(socket: ClientConnection) -> Message:
    """The next message."""
    async with asyncio.timeout(30):
        message: Message = json.loads(await socket.recv())
    return message


async def hear_one(socket: ClientConnection) -> Outcome:
    """All events of the only request on this connection."""
    texts: list[str] = []
    async with asyncio.timeout(30):
        while True:
            text = await socket.recv(decode=True)
            texts.append(text)
            message = json.loads(text)
            if message["type"] in TERMINAL:
                break
    if "request_id" not in message or message["seq"] == 0:
        assert len(texts) == 1
        return Outcome(refused=message["data"]["code"])
    return Outcome(texts=texts)


async def hear_all(socket: ClientConnection, requests: int) -> dict[str, Outcome]:
    """The events of several requests on one connection, by request id."""
    texts: dict[str, list[str]] = {}
    ended = 0
    async with asyncio.timeout(60):
        while ended < requests:
            text = await socket.recv(decode=True)
            message = json.loads(text)
            texts.setdefault(message["request_id"], []).append(text)
            ended += message["type"] in TERMINAL
    return {request_id: Outcome(texts=own) for request_id, own in texts.items()}


async def close_code(socket: ClientConnection) -> int | None:
    """With what the server closes, once everything sent before has been read."""
    async with asyncio.timeout(20):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def pong(socket: ClientConnection) -> None:
    """It is alive, and everything said before has been heard."""
    await socket.send('{"type":"ping","sent_at":"here"}')
    while (await hear(socket)) != {"type": "pong", "data": {"sent_at": "here"}}:
        pass
