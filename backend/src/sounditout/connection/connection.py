"""One open socket: whoever runs it always receives, a task of its own alone sends, and between them a conversation.

A server that does not sit in `receive` leaves pongs unread and loses healthy peers; a server that
sends from several tasks lets one stuck peer hold up the others. Hence one receiver, one sender and an outbox.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog

from sounditout.accounts.identity import Identity
from sounditout.analysis.arrival import Arrival
from sounditout.connection.conversation import (
    Abandon,
    Action,
    Append,
    Begin,
    Conversation,
    Finish,
    Follow,
    Renew,
    Replace,
    Send,
    Spoil,
)
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.outbox import Close, Outbox
from sounditout.connection.told import Told
from sounditout.errors import InternalError, SoundItOutError
from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio, AudioStart, ClientMessage
from sounditout.wire import CLOSE_REPLACED, Unreadable, read_client_message

_READ_IN_THREAD: Final = 256 * 1024
"""Characters from which on a message is read in a thread: so many take about 1 ms, and to change threads twice, half
of one."""
_LONGEST_NAP_SECONDS: Final = 3600.0
"""Between two looks at the clock: the system's time may be set in between."""

log = structlog.stdlib.get_logger(__name__)


class Socket(Protocol):
    """An accepted WebSocket."""

    def receive(self) -> Awaitable[MutableMapping[str, Any]]: ...

    async def send_text(self, data: str) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


class Requests(Protocol):
    """The requests of the user at the other end."""

    async def begin(self, request_id: str, message: AnalyzeAudio | AudioStart) -> HeldRequest:
        """Begin to work on a reading, or find it. Raises SoundItOutError when it may not be."""
        ...

    def find(self, request_id: str) -> HeldRequest | None: ...

    async def renew(self, token: str) -> Identity:
        """The same user, by a newer token. Raises SoundItOutError for a token of no use."""
        ...


class Connection:
    """A connected client.

    Args:
        client_id: the browser tab, if it said which.
        send_seconds: a peer that takes no text for so long is given up.
        clock: Unix time, seconds.
    """

    __slots__ = (
        "_alarm",
        "_clock",
        "_conversation",
        "_failure",
        "_followed",
        "_limits",
        "_outbox",
        "_requests",
        "_scope",
        "_send_seconds",
        "_sender",
        "_socket",
        "client_id",
        "close_code",
        "user",
    )

    def __init__(
        self,
        *,
        user: Identity,
        client_id: str | None,
        socket: Socket,
        conversation: Conversation,
        requests: Requests,
        limits: Limits,
        send_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.user = user
        self.client_id = client_id
        self.close_code: int | None = None
        """How it has ended; None: not yet, or without a word."""
        self._socket = socket
        self._conversation = conversation
        self._requests = requests
        self._limits = limits
        self._outbox = Outbox(limits.max_outbound_events)
        self._send_seconds = send_seconds
        self._clock = clock
        self._followed: dict[str, HeldRequest] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._sender: asyncio.Task[None] | None = None
        self._scope: asyncio.Timeout | None = None
        self._failure: Exception | None = None

    @property
    def user_id(self) -> int:
        return self.user.user_id

    async def run(self) -> None:
        """Talk until either side closes."""
        self._do(self._conversation.opened())
        self._wait_for_tick()
        try:
            with suppress(TimeoutError):  # the sender has ended it
                async with asyncio.timeout(None) as self._scope:
                    await self._receive()
        finally:
            await self._leave()
        if self._failure is not None:
            raise self._failure

    def replace(self) -> None:
        """A newer connection has taken its place."""
        self._do([Close(CLOSE_REPLACED)])

    def revoke(self) -> None:
        """The user is not one any more."""
        self._do(self._conversation.revoked())

    def drain(self, reconnect_within_ms: int) -> None:
        """Say that the server has begun to stop."""
        self._do(self._conversation.draining(reconnect_within_ms))

    def stop(self) -> None:
        """Say that it has stopped."""
        self._do(self._conversation.stopped())

    async def _leave(self) -> None:
        for held in self._followed.values():
            held.leave(self._told)
        self._followed.clear()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)

    # Receiving

    async def _receive(self) -> None:
        while (frame := await self._socket.receive())["type"] != "websocket.disconnect":
            if not self._outbox.closing:
                await self._respond(frame.get("text"), frame.get("bytes"))
            # Frames that wait already are received without a pause, and the sender must have its turns.
            await asyncio.sleep(0)
        self.close_code = self.close_code or frame.get("code")

    async def _respond(self, text: str | None, binary: bytes | None) -> None:
        if _bytes_in(text, binary) > self._limits.max_frame_bytes:
            self._do(self._conversation.received_too_much())
        elif text is None:
            self._do(self._conversation.received_binary(self._clock()))
        else:
            message = await self._read(text)
            await self._carry_out(self._conversation.received(message, self._clock()))

    async def _read(self, text: str) -> ClientMessage | Unreadable:
        if len(text) < _READ_IN_THREAD:
            return read_client_message(text, self._limits)
        return await asyncio.to_thread(read_client_message, text, self._limits)

    async def _carry_out(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Begin():
                    await self._begin(action)
                case Renew(token):
                    await self._renew(token)
                case _:
                    self._do([action])

    async def _begin(self, action: Begin) -> None:
        try:
            held = await self._requests.begin(action.request_id, action.message)
        except SoundItOutError as error:
            self._do(self._conversation.refused(action.request_id, error))
        except Exception:
            log.exception("a reading could not be begun", request_id=action.request_id)
            self._do(self._conversation.refused(action.request_id, InternalError()))
        else:
            self._follow(held, -1)

    async def _renew(self, token: str) -> None:
        try:
            renewed = await self._requests.renew(token)
        except SoundItOutError as error:
            self._do(self._conversation.not_renewed(error))
        except Exception:
            log.exception("a token could not be looked at")
            self._do(self._conversation.not_renewed(InternalError()))
        else:
            self.user = renewed
            self._do(self._conversation.renewed(renewed.expires_at, self._clock()))
            self._wait_for_tick()

    # What can be done at once

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(text):
                    self._outbox.put(text)
                case Close():
                    self._outbox.close(action)
                case Follow() | Append() | Replace() | Spoil() | Finish() | Abandon():
                    self._act(action, self._requests.find(action.request_id))
        self._wake_sender()

    def _act(self, action: Follow | Append | Replace | Spoil | Finish | Abandon, held: HeldRequest | None) -> None:
        match action:
            case Abandon():
                if held is not None:
                    held.cancellation.request()
            case _ if held is None:
                self._do(self._conversation.unknown(action.request_id))
            case Follow():
                self._follow(held, action.after_seq)
            case Spoil() if held.arrival is None or held.arrival.is_complete:
                self._do(self._conversation.complained(action.error))
            case Append() | Replace() | Spoil() | Finish() if held.arrival is not None:
                _take_in(held.arrival, action)

    def _follow(self, held: HeldRequest, after_seq: int) -> None:
        if held.ended and after_seq == held.next_seq - 1:
            self._do(self._conversation.told_all(held.request_id))
            return
        self._followed[held.request_id] = held
        held.follow(self._told, after_seq)

    def _told(self, told: Told) -> None:
        if told.is_terminal:
            self._followed.pop(told.request_id, None)
        self._do(self._conversation.told(told))

    def _wait_for_tick(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        seconds = min(_LONGEST_NAP_SECONDS, max(0.0, self._conversation.wakes_at - self._clock()))
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._tick)

    def _tick(self) -> None:
        self._do(self._conversation.ticked(self._clock()))
        if not self._outbox.closing:
            self._wait_for_tick()

    # Sending

    def _wake_sender(self) -> None:
        """A sender lives as long as there is something to send: most connections are idle most of the time."""
        if not self._outbox.is_empty and (self._sender is None or self._sender.done()):
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            with suppress(TimeoutError):  # it takes nothing any more, and so cannot be told
                if await self._send_all():
                    self._sender = None  # rather than a task that is done
                    return
        except Exception as error:  # noqa: BLE001  (whoever runs the connection knows what its socket raises)
            self._failure = error
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def _send_all(self) -> bool:
        """Send what there is; False when that was the last word."""
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(self._send_seconds) as patience:
            while (item := self._outbox.take()) is not None:
                patience.reschedule(now() + self._send_seconds)
                if isinstance(item, Close):
                    self.close_code = item.code
                    await self._socket.close(item.code, item.reason)
                    return False
                await self._socket.send_text(item)
        return True


def _take_in(arrival: Arrival, action: Append | Replace | Spoil | Finish) -> None:
    match action:
        case Append():
            arrival.put(action.chunk, action.audio)
        case Replace():
            arrival.put_whole(action.audio)
        case Spoil():
            arrival.fail(action.error)
        case Finish():
            arrival.end(action.chunks)


def _bytes_in(text: str | None, binary: bytes | None) -> int:
    if text is None:
        return len(binary or b"")
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
