"""One WebSocket from its handshake to its end.

A task receives, a task sends, one pings and one listens whether the other side lives; when one of them sees the end,
all end. What happens next is not decided here.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from sounditout.client.close_codes import UNAUTHORIZED
from sounditout.client.errors import (
    ClientError,
    ConnectionFailed,
    HandshakeFailed,
    NotReady,
    Refused,
    UnreadableAnswer,
)
from sounditout.client.reading import Message, parse_object
from sounditout.client.timing import Timing

_SUBPROTOCOL: Final = Subprotocol("sounditout.v1")
_OPEN_SECONDS: Final = 10.0
"""For TCP, TLS and the handshake: three times a lost packet on a slow network."""
READY_SECONDS: Final = 5.0
"""A server that opens a connection and then says nothing for so long is not there."""
_CLOSE_SECONDS: Final = 1.0
"""Nobody waits longer for the goodbye of a peer that may be gone."""
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
"""Spoken feedback is about 0.2 MB; more than this is not ours."""
_HEARTBEAT_SECONDS: Final = 30.0
"""When the server does not say how often to ping."""
_SILENCE: Final = 1.5
"""Heartbeats without any frame, after which the other side is gone: a lost `pong` and the time for it to travel."""
_SERVER_FAULTS: Final = 500
"""Status from which on a handshake may succeed later; before it, it is refused for good."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What `ready` said."""

    heartbeat_seconds: float
    held: frozenset[str]


class Connection:
    """An open WebSocket whose server has greeted. Make one with `open_connection`."""

    def __init__(self, socket: ClientConnection, greeting: Greeting, timing: Timing) -> None:
        self.greeting: Final = greeting
        self._socket = socket
        self._timing = timing
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._heard_at = timing.now()

    def post(self, message: Message) -> None:
        """Send it after those before it. Bounded by the recordings of the caller, who keeps them anyway."""
        self._outbox.put_nowait(message)

    async def run(self, handle: Callable[[Message], object]) -> ClientError:
        """Receive until the connection ends, then let go of everything.

        Args:
            handle: called with every message; may raise ClientError, which ends the connection.

        Returns:
            Why it ended.
        """
        tasks = [asyncio.create_task(work) for work in (self._send(), self._ping(), self._watch())]
        try:
            return await self._receive(handle)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._socket.close()

    async def leave(self) -> None:
        """Close it; `run` returns."""
        await self._socket.close()

    async def _receive(self, handle: Callable[[Message], object]) -> ClientError:
        try:
            while True:
                frame = await self._socket.recv()
                self._heard_at = self._timing.now()
                handle(parse_object(_text(frame)))
        except ConnectionClosed as error:
            return closed(error)
        except ClientError as error:
            return error

    async def _send(self) -> None:
        try:
            while True:
                await self._socket.send(json.dumps(await self._outbox.get()))
        except ConnectionClosed:
            pass  # the receiver sees it too, and says why

    async def _ping(self) -> None:
        while True:
            await self._timing.sleep(self.greeting.heartbeat_seconds)
            self.post({"type": "ping"})

    async def _watch(self) -> None:
        """The only judge of silence: the WebSocket's own pings are off, and any frame counts as life."""
        while (left := self._heard_at + _SILENCE * self.greeting.heartbeat_seconds - self._timing.now()) > 0:
            await self._timing.sleep(left)
        self._socket.transport.abort()


async def open_connection(url: str, token: str, timing: Timing) -> Connection:
    """Open a WebSocket and wait to be greeted.

    Args:
        url: `ws://…` or `wss://…`.

    Raises:
        HandshakeFailed, NotReady, ConnectionFailed, Refused, UnreadableAnswer
    """
    socket = await _shake_hands(url, token, timing)
    try:
        return Connection(socket, await _greeting(socket, timing), timing)
    except BaseException:
        await socket.close()
        raise


async def _shake_hands(url: str, token: str, timing: Timing) -> ClientConnection:
    try:
        async with timing.limit(_OPEN_SECONDS):
            return await connect(
                url,
                additional_headers={"Authorization": f"Bearer {token}"},
                subprotocols=[_SUBPROTOCOL],
                compression=None,  # base64 of compressed audio does not shrink
                max_size=_MAX_FRAME_BYTES,
                ping_interval=None,  # see `_watch`
                open_timeout=None,
                close_timeout=_CLOSE_SECONDS,
                proxy=None,
            )
    except InvalidURI as error:
        raise ConnectionFailed("This is not the address of a server.", retryable=False) from error
    except InvalidHandshake as error:
        refused = isinstance(error, InvalidStatus) and error.response.status_code < _SERVER_FAULTS
        raise HandshakeFailed("The server does not take WebSocket connections.", retryable=not refused) from error
    except TimeoutError as error:
        raise HandshakeFailed("The server took too long to answer.") from error
    except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError) as error:
        raise HandshakeFailed("The connection broke while it was being opened.") from error
    except OSError as error:
        raise ConnectionFailed("No server answers at this address.") from error


async def _greeting(socket: ClientConnection, timing: Timing) -> Greeting:
    try:
        async with timing.limit(READY_SECONDS):
            ready = parse_object(_text(await socket.recv()))
    except TimeoutError as error:
        raise NotReady("The server took too long to answer.") from error
    except ConnectionClosed as error:
        raise closed(error, HandshakeFailed) from error
    if ready.get("type") != "ready" or not isinstance(ready.get("data"), dict):
        raise UnreadableAnswer
    return _understood(ready["data"])


def _understood(data: dict[str, Any]) -> Greeting:
    """What we need of it; a server of another version may say more or less."""
    heartbeat, held = data.get("heartbeat_seconds"), data.get("held")
    return Greeting(
        float(heartbeat) if isinstance(heartbeat, (int, float)) and heartbeat >= 1 else _HEARTBEAT_SECONDS,
        frozenset(map(str, held)) if isinstance(held, list) else frozenset(),
    )


def closed(error: ConnectionClosed, kind: type[ConnectionFailed] = ConnectionFailed) -> ClientError:
    """A closed connection as one of our errors."""
    code = error.rcvd.code if error.rcvd else None
    reason = error.rcvd.reason if error.rcvd else ""
    if code == UNAUTHORIZED:
        return Refused("unauthorized", "Please sign in again.", status=401)
    return kind(f"The server closed the connection{f': {reason}' if reason else ''}.", close_code=code)


def _text(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        raise UnreadableAnswer
    return frame
