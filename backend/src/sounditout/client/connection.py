"""One open WebSocket, to its end.

A task receives, a task sends, one pings and one listens whether the other side lives; when one of them sees the end,
all end. What happens next is not decided here.
"""

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sounditout.client.close_codes import UNAUTHORIZED
from sounditout.client.errors import ClientError, ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.reading import Message, parse_object
from sounditout.client.timing import Timing

_SILENCE: Final = 1.5
"""Heartbeats without any frame, after which the other side is gone: a lost `pong` and the time for it to travel."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What `ready` said."""

    heartbeat_seconds: float
    held: frozenset[str]
    max_audio_bytes: int | None = None
    """Larger recordings would end the connection, with all that goes over it; None: it did not say."""


class Connection:
    """An open WebSocket whose server has greeted. `opening` makes one."""

    def __init__(self, socket: ClientConnection, greeting: Greeting, timing: Timing) -> None:
        self.greeting: Final = greeting
        self._socket = socket
        self._timing = timing
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._heard_at = timing.now()
        self._unsent = math.inf
        """Bytes of the message that is being sent, when this was looked at last."""

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
                handle(parse_object(text_of(frame)))
        except ConnectionClosed as error:
            return closed(error)
        except ClientError as error:
            return error

    async def _send(self) -> None:
        try:
            while True:
                message = await self._outbox.get()
                self._unsent = math.inf
                await self._socket.send(json.dumps(message))
        except ConnectionClosed:
            pass  # the receiver sees it too, and says why

    async def _ping(self) -> None:
        while True:
            await self._timing.sleep(self.greeting.heartbeat_seconds)
            self.post({"type": "ping"})

    async def _watch(self) -> None:
        """The only judge of silence: the WebSocket's own pings are off, and any frame counts as life."""
        while True:
            left = self._heard_at + _SILENCE * self.greeting.heartbeat_seconds - self._timing.now()
            if left > 0:
                await self._timing.sleep(left)
            elif self._is_taking():
                self._heard_at = self._timing.now()
            else:
                break
        self._socket.transport.abort()

    def _is_taking(self) -> bool:
        """Whether a long message gets shorter: over a narrow network the answer to a ping has to wait for its end."""
        before, self._unsent = self._unsent, self._socket.transport.get_write_buffer_size()
        return 0 < self._unsent < before


def closed(error: ConnectionClosed, kind: type[ConnectionFailed] = ConnectionFailed) -> ClientError:
    """A closed connection as one of our errors."""
    code = error.rcvd.code if error.rcvd else None
    reason = error.rcvd.reason if error.rcvd else ""
    if code == UNAUTHORIZED:
        return Refused("unauthorized", "Please sign in again.", status=401)
    return kind(f"The server closed the connection{f': {reason}' if reason else ''}.", close_code=code)


def text_of(frame: str | bytes) -> str:
    """What a frame says. Raises UnreadableAnswer: it is binary."""
    if isinstance(frame, bytes):
        raise UnreadableAnswer
    return frame
