"""The rules of one WebSocket conversation: messages, events and ticks in, actions out.

    received(message) ─┐
    happened(event) ───┼─→ [Send | Close | Begin | Abandon]
    ticked(now) ───────┘

No socket, no clock, no waiting: whoever has those carries the actions out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sounditout.analysis.events import TERMINAL, Event
from sounditout.connection.outbox import Close
from sounditout.errors import InvalidMessage, SoundItOutError, UnknownType
from sounditout.messages import AnalyzeAudio, Cancel, ClientMessage, Limits, Ping, Pong, PongData, Ready, ReadyData
from sounditout.wire import (
    CLOSE_FRAME_TOO_LARGE,
    CLOSE_PROTOCOL,
    CLOSE_UNAUTHORIZED,
    Unreadable,
    encode,
    encode_message,
    message_error,
    refusal,
)


@dataclass(frozen=True, slots=True)
class Send:
    """Send a text frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Start to work on a reading."""

    request_id: str
    message: AnalyzeAudio


@dataclass(frozen=True, slots=True)
class Abandon:
    """Stop to work on a reading, if anybody does."""

    request_id: str


Action = Send | Close | Begin | Abandon


class DuplicateRequest(InvalidMessage):
    """This request id is being worked on already; the stream of that work goes on."""

    default_message = "This reading is already being listened to."


class Conversation:
    """One client's conversation after it has proved who it is.

    Args:
        expires_at: Unix time (seconds) at which that proof ends.
        new_request_id: makes an id for a request that has none.
        held: requests of this user that are being worked on.
    """

    def __init__(
        self,
        connection_id: str,
        limits: Limits,
        heartbeat_seconds: int,
        expires_at: float,
        new_request_id: Callable[[], str],
        held: Sequence[str] = (),
    ) -> None:
        self.expires_at = expires_at
        self._connection_id = connection_id
        self._limits = limits
        self._heartbeat_seconds = heartbeat_seconds
        self._new_request_id = new_request_id
        self._held = list(held)
        self._unreadable = 0
        self._open: set[str] = set()

    def opened(self) -> list[Action]:
        data = ReadyData(
            connection_id=self._connection_id,
            heartbeat_seconds=self._heartbeat_seconds,
            limits=self._limits,
            held=self._held,
        )
        return [Send(encode_message(Ready(data=data)))]

    def received(self, message: ClientMessage | Unreadable) -> list[Action]:
        """A text frame came, and this is what it said."""
        match message:
            case AnalyzeAudio():
                return self._begin(message.request_id or self._new_request_id(), message)
            case Cancel():
                return [Abandon(message.request_id)]
            case Ping():
                return [Send(encode_message(Pong(data=PongData(sent_at=message.sent_at))))]
            case Unreadable():
                return self._not_understood(message)

    def received_binary(self) -> list[Action]:
        """A binary frame came; this protocol has none."""
        return self._not_understood(Unreadable(InvalidMessage("Messages are text frames.")))

    def received_too_much(self) -> list[Action]:
        """A frame over the limit came."""
        return [Close(CLOSE_FRAME_TOO_LARGE)]

    def refused(self, request_id: str, error: SoundItOutError) -> list[Action]:
        """A `Begin` could not be carried out."""
        self._open.discard(request_id)
        return [self._refusal(request_id, error)]

    def happened(self, event: Event) -> list[Action]:
        """Work on a reading of this connection has come so far."""
        if isinstance(event, TERMINAL):
            self._open.discard(event.request_id)
        return [Send(encode(event))]

    def ticked(self, now: float) -> list[Action]:
        """Time has passed. `now`: Unix time, seconds."""
        return [Close(CLOSE_UNAUTHORIZED)] if now >= self.expires_at else []

    def _begin(self, request_id: str, message: AnalyzeAudio) -> list[Action]:
        if request_id in self._open:
            return [self._refusal(request_id, DuplicateRequest())]
        self._open.add(request_id)
        return [Begin(request_id, message)]

    def _not_understood(self, message: Unreadable) -> list[Action]:
        answer = self._refusal(message.request_id, message.error)
        if not isinstance(message.error, InvalidMessage) or isinstance(message.error, UnknownType):
            return [answer]  # understood well enough
        self._unreadable += 1
        if self._unreadable < self._limits.max_unreadable_messages:
            return [answer]
        return [answer, Close(CLOSE_PROTOCOL)]

    def _refusal(self, request_id: str | None, error: SoundItOutError) -> Send:
        """An `error` of its own request; without a request when it would end the stream of one that goes on."""
        if request_id is None or request_id in self._open or isinstance(error, DuplicateRequest):
            return Send(encode_message(message_error(error)))
        return Send(encode(refusal(request_id, error)))
