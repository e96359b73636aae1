"""One open socket: a task that always receives, a task that alone sends, and the conversation between them.

A server that does not sit in `receive` leaves pongs unread and loses healthy peers; a server that
sends from several tasks lets one stuck peer hold up the others. Hence two tasks and an outbox.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from sounditout.analysis.events import Event
from sounditout.connection.conversation import Abandon, Action, Begin, Conversation, Send
from sounditout.connection.outbox import Close, Outbox
from sounditout.connection.requests_in_flight import Deliver
from sounditout.errors import InternalError, SoundItOutError
from sounditout.messages import AnalyzeAudio, ClientMessage, Limits
from sounditout.wire import Unreadable, read_client_message

_READ_IN_THREAD: Final = 64 * 1024
"""Characters from which on a message is read in a thread: so many take less than 1 ms."""

log = structlog.stdlib.get_logger(__name__)

StartWork = Callable[[str, AnalyzeAudio, Deliver], Awaitable[None]]


class Socket(Protocol):
    """An accepted WebSocket, as Starlette has it."""

    async def receive(self) -> MutableMapping[str, Any]: ...

    async def send_text(self, data: str) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Connection:
    """A connected client.

    Attributes:
        client_id: the browser tab, if it said which.
        begin: starts to work on a reading; raises SoundItOutError when it may not be.
        abandon: stops the work on a reading.
        send_seconds: a peer that takes no text for so long is given up.
        clock: Unix time, seconds.
    """

    connection_id: str
    user_id: int
    client_id: str | None
    socket: Socket
    conversation: Conversation
    limits: Limits
    outbox: Outbox
    begin: StartWork
    abandon: Callable[[str], object]
    send_seconds: float
    clock: Callable[[], float] = time.time

    async def run(self) -> None:
        """Talk until either side closes."""
        lifetime = max(0.0, self.conversation.expires_at - self.clock())
        expiry = asyncio.get_running_loop().call_later(lifetime, self._expire)
        self._do(self.conversation.opened())
        tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._send())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            expiry.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _receive(self) -> None:
        while (frame := await self.socket.receive())["type"] != "websocket.disconnect":
            if not self.outbox.closing:
                await self._respond(frame.get("text"), frame.get("bytes"))
            # Frames that wait already are received without a pause, and the sender must have its turns.
            await asyncio.sleep(0)

    async def _respond(self, text: str | None, binary: bytes | None) -> None:
        if _bytes_in(text, binary) > self.limits.max_frame_bytes:
            self._do(self.conversation.received_too_much())
        elif text is None:
            self._do(self.conversation.received_binary())
        else:
            await self._carry_out(self.conversation.received(await self._read(text)))

    async def _read(self, text: str) -> ClientMessage | Unreadable:
        if len(text) < _READ_IN_THREAD:
            return read_client_message(text, self.limits)
        return await asyncio.to_thread(read_client_message, text, self.limits)

    async def _carry_out(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if isinstance(action, Begin):
                await self._begin(action)
            else:
                self._do([action])

    async def _begin(self, action: Begin) -> None:
        try:
            await self.begin(action.request_id, action.message, self._deliver)
        except SoundItOutError as error:
            self._do(self.conversation.refused(action.request_id, error))
        except Exception:
            log.exception("a reading could not be begun", request_id=action.request_id)
            self._do(self.conversation.refused(action.request_id, InternalError()))

    def _deliver(self, event: Event) -> None:
        """Called for every event of this connection's requests, also when the client has left."""
        if not self.outbox.closing:
            self._do(self.conversation.happened(event))

    def _expire(self) -> None:
        self._do(self.conversation.ticked(self.conversation.expires_at))

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(text):
                    self.outbox.put(text)
                case Close():
                    self.outbox.close(action)
                case Abandon(request_id):
                    self.abandon(request_id)

    async def _send(self) -> None:
        with suppress(TimeoutError):  # it takes nothing any more, and so cannot be told
            while isinstance(item := await self.outbox.next(), str):
                async with asyncio.timeout(self.send_seconds):
                    await self.socket.send_text(item)
            async with asyncio.timeout(self.send_seconds):
                await self.socket.close(item.code, item.reason)


def _bytes_in(text: str | None, binary: bytes | None) -> int:
    if text is None:
        return len(binary or b"")
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
