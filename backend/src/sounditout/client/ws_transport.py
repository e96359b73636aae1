"""One WebSocket for all readings; each finds its events by its request id."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from sounditout.analysis.events import TERMINAL, Event
from sounditout.client.errors import ClientError, ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.reading import Reading, parse_event, parse_object

_PATH: Final = "/api/ai/ws/audio-analysis"
_SUBPROTOCOL: Final = "sounditout.v1"
_UNAUTHORIZED: Final = 4401
_TERMINAL_CODES: Final = frozenset({1009, 4400, 4409})
"""Close codes after which the same thing would only happen again."""
_READY_SECONDS: Final = 5.0
"""A server that accepts and then says nothing for so long is not there."""
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
"""Spoken feedback is about 0.2 MB; more than this is not ours."""

_Inbox = asyncio.Queue[Event | ClientError]


class WebSocketTransport:
    """Carries readings over one connection, which is opened by the first and used again by the next.

    A connection that broke fails the readings under way and is opened anew by the next one.

    Args:
        base_url: `http://…` or `https://…`.
    """

    def __init__(self, base_url: str) -> None:
        self._url = f"ws{base_url.removeprefix('http')}{_PATH}"
        self._opening = asyncio.Lock()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._token = ""
        self._inboxes: dict[str, _Inbox] = {}

    async def analyze(self, reading: Reading, token: str) -> AsyncIterator[Event]:
        """See `Transport.analyze`."""
        socket = await self._connected(token)
        inbox = self._inboxes[reading.request_id] = asyncio.Queue()
        try:
            await _send(socket, reading)
            while True:
                event = await inbox.get()
                if isinstance(event, ClientError):
                    raise event
                yield event
                if isinstance(event, TERMINAL):
                    return
        finally:
            self._inboxes.pop(reading.request_id, None)

    async def close(self) -> None:
        """Close the connection and wait for its end."""
        socket, reader = self._socket, self._reader
        self._socket = self._reader = None
        if socket is not None:
            await socket.close()
        if reader is not None:
            await reader

    async def _connected(self, token: str) -> ClientConnection:
        async with self._opening:
            if self._socket is not None and (token != self._token or self._reader is None or self._reader.done()):
                await self.close()
            if self._socket is None:
                socket = await _open(self._url, token)
                self._socket, self._token = socket, token
                self._reader = asyncio.create_task(self._read(socket), name="sounditout-client-reader")
            return self._socket

    async def _read(self, socket: ClientConnection) -> None:
        """Sort what comes into the inboxes until the connection ends."""
        failure: ClientError
        try:
            while True:
                self._sort(parse_object(_text(await socket.recv())))
        except ConnectionClosed as error:
            failure = _closed(error)
        except ClientError as error:
            failure = error
            await socket.close()
        for inbox in self._inboxes.values():
            inbox.put_nowait(failure)

    def _sort(self, fields: dict[str, Any]) -> None:
        if "request_id" not in fields:
            if fields.get("type") == "error":
                raise _refused(fields)
            return  # pong, draining and the like
        inbox = self._inboxes.get(str(fields["request_id"]))
        event = parse_event(fields)
        if inbox is not None and event is not None:
            inbox.put_nowait(event)


async def _open(url: str, token: str) -> ClientConnection:
    try:
        socket = await connect(
            url,
            subprotocols=[Subprotocol(_SUBPROTOCOL), Subprotocol(f"bearer.{token}")],
            compression=None,  # base64 of compressed audio does not shrink
            max_size=_MAX_FRAME_BYTES,
            proxy=None,
        )
    except InvalidURI as error:
        raise ConnectionFailed("This is not the address of a server.", retryable=False) from error
    except InvalidHandshake as error:
        raise ConnectionFailed("The server does not take WebSocket connections.", retryable=False) from error
    except TimeoutError as error:
        raise ConnectionFailed("The server took too long to answer.") from error
    except OSError as error:
        raise ConnectionFailed("No server answers at this address.") from error
    try:
        await _await_ready(socket)
    except BaseException:
        await socket.close()
        raise
    return socket


async def _await_ready(socket: ClientConnection) -> None:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            first = parse_object(_text(await socket.recv()))
    except TimeoutError as error:
        raise ConnectionFailed("The server took too long to answer.") from error
    except ConnectionClosed as error:
        raise _closed(error) from error
    if first.get("type") != "ready":
        raise UnreadableAnswer


async def _send(socket: ClientConnection, reading: Reading) -> None:
    message = {
        "type": "analyze_audio",
        "request_id": reading.request_id,
        "session_id": reading.session_id,
        "attempted_sentence": reading.sentence,
        "filename": reading.filename,
        "content_type": reading.content_type,
        "audio_base64": base64.b64encode(reading.audio).decode(),
    }
    try:
        await socket.send(json.dumps(message))
    except ConnectionClosed as error:
        raise _closed(error) from error


def _text(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        raise UnreadableAnswer
    return frame


def _closed(error: ConnectionClosed) -> ClientError:
    code = error.rcvd.code if error.rcvd else None
    reason = error.rcvd.reason if error.rcvd else ""
    if code == _UNAUTHORIZED:
        return Refused("unauthorized", "Please sign in again.", status=401, retryable=False)
    message = f"The server closed the connection{f': {reason}' if reason else ''}."
    return ConnectionFailed(message, close_code=code, retryable=code not in _TERMINAL_CODES)


def _refused(fields: dict[str, Any]) -> ClientError:
    """An error that the server cannot tie to one reading."""
    data = fields.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("code"), str):
        return UnreadableAnswer()
    message = str(data.get("message", data["code"]))
    return Refused(data["code"], message, status=400, retryable=data.get("retryable") is True)
