"""The rules of one WebSocket conversation: messages, events and ticks in, actions out.

    received(message) ─┐
    told(event) ───────┤
    ticked(now) ───────┼─→ [Send | Close | Begin | Append | Finish | Follow | Abandon | Renew]
    draining() … ──────┘

No socket, no clock, no waiting: whoever has those carries the actions out and says how it went.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sounditout.connection.allowance import Allowance
from sounditout.connection.outbox import Close
from sounditout.connection.told import Told
from sounditout.errors import AudioTooLarge, InvalidMessage, SoundItOutError, UnknownRequest, UnknownType
from sounditout.limits import Limits
from sounditout.messages import (
    AnalyzeAudio,
    AudioChunk,
    AudioEnd,
    AudioStart,
    Cancel,
    ClientMessage,
    Draining,
    DrainingData,
    Ping,
    Pong,
    PongData,
    Ready,
    ReadyData,
    RefreshToken,
    Resume,
    ServerMessage,
    TokenExpiring,
    TokenExpiringData,
    TokenRefreshed,
    TokenRefreshedData,
)
from sounditout.wire import (
    CLOSE_FRAME_TOO_LARGE,
    CLOSE_PROTOCOL,
    CLOSE_RESTART,
    CLOSE_TOO_MANY_MESSAGES,
    CLOSE_UNAUTHORIZED,
    Unreadable,
    encode,
    encode_message,
    message_error,
    refusal,
)

WARN_SECONDS: Final = 60.0
"""Before the token ends: enough to fetch another one, also over a phone's network."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a text frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Start to work on a reading, or find out that somebody does, and follow it."""

    request_id: str
    message: AnalyzeAudio | AudioStart


@dataclass(frozen=True, slots=True)
class Follow:
    """Pass on what a request has told after one of its events, and what it will tell."""

    request_id: str
    after_seq: int


@dataclass(frozen=True, slots=True)
class Append:
    """A piece of a recording came."""

    request_id: str
    chunk: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class Replace:
    """A recording that was coming in pieces came as a whole."""

    request_id: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class Spoil:
    """A recording cannot become one any more; if its request is not one in pieces, only say so."""

    request_id: str
    error: SoundItOutError


@dataclass(frozen=True, slots=True)
class Finish:
    """A recording is complete."""

    request_id: str
    chunks: int | None


@dataclass(frozen=True, slots=True)
class Abandon:
    """Stop to work on a reading, if anybody does."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Renew:
    """Find out what a newer token is worth."""

    token: str


Action = Send | Close | Begin | Follow | Append | Replace | Spoil | Finish | Abandon | Renew
_MOST_UNKNOWN: Final = 16
"""Unknown requests that a client is told of once and not again; then it is told again."""


class Conversation:
    """One client's conversation after it has proved who it is.

    Args:
        now: Unix time (seconds), as everywhere here.
        expires_at: when that proof ends.
        new_request_id: makes an id for a request that has none.
        held: requests of this user that can be resumed.
    """

    __slots__ = (
        "_chunks",
        "_connection_id",
        "_expires_at",
        "_following",
        "_heartbeat_seconds",
        "_held",
        "_limits",
        "_messages",
        "_new_request_id",
        "_unknown",
        "_unreadable",
        "_warned",
    )

    def __init__(
        self,
        connection_id: str,
        limits: Limits,
        heartbeat_seconds: int,
        now: float,
        expires_at: float,
        new_request_id: Callable[[], str],
        held: Sequence[str] = (),
    ) -> None:
        self._connection_id = connection_id
        self._limits = limits
        self._heartbeat_seconds = heartbeat_seconds
        self._expires_at = expires_at
        self._warned = False
        self._new_request_id = new_request_id
        self._held = held
        self._unreadable = 0
        self._messages = Allowance(limits.max_messages_per_minute, now)
        self._chunks = Allowance(limits.max_chunks_per_minute, now)
        self._following: set[str] = set()
        self._unknown: set[str] = set()

    @property
    def wakes_at(self) -> float:
        """When `ticked` has something to do next."""
        return self._expires_at if self._warned else self._expires_at - WARN_SECONDS

    def opened(self) -> list[Action]:
        data = ReadyData(
            connection_id=self._connection_id,
            heartbeat_seconds=self._heartbeat_seconds,
            limits=self._limits,
            held=list(self._held),
        )
        self._held = ()
        return [_say(Ready(data=data))]

    def received(self, message: ClientMessage | Unreadable, now: float) -> list[Action]:
        """A text frame came, and this is what it said."""
        allowance = self._chunks if isinstance(message, AudioChunk) else self._messages
        if not allowance.take(now):
            return [Close(CLOSE_TOO_MANY_MESSAGES)]
        match message:
            case AnalyzeAudio() | AudioStart():
                return self._begin(message.request_id or self._new_request_id(), message)
            case Resume():
                return self._follow(message)
            case Ping():
                return [_say(Pong(data=PongData(sent_at=message.sent_at)))]
            case Unreadable():
                return self._not_understood(message)
            case _:
                return [_handed_on(message)]

    def received_binary(self, now: float) -> list[Action]:
        """A binary frame came; this protocol has none."""
        return self.received(Unreadable(InvalidMessage("Messages are text frames.")), now)

    def received_too_much(self) -> list[Action]:
        """A frame over the limit came."""
        return [Close(CLOSE_FRAME_TOO_LARGE)]

    def refused(self, request_id: str, error: SoundItOutError) -> list[Action]:
        """A `Begin` could not be carried out."""
        self._following.discard(request_id)
        return [Send(encode(refusal(request_id, error)))]

    def unknown(self, request_id: str) -> list[Action]:
        """A `Follow`, `Append` or `Finish` is about a request nobody knows. Said once, not for every piece."""
        if request_id in self._unknown:
            return []
        if len(self._unknown) >= _MOST_UNKNOWN:
            self._unknown.clear()
        self._unknown.add(request_id)
        return self.refused(request_id, UnknownRequest())

    def told(self, told: Told) -> list[Action]:
        """A request of this connection has come so far."""
        if told.is_terminal:
            self._following.discard(told.request_id)
        return [Send(told.text)]

    def told_all(self, request_id: str) -> list[Action]:
        """There is nothing more to tell of a request."""
        self._following.discard(request_id)
        return []

    def renewed(self, expires_at: float, now: float) -> list[Action]:
        """A `Renew` brought a token that ends then; the later of both ends counts."""
        self._expires_at = max(self._expires_at, expires_at)
        self._warned = self._expires_at - now < WARN_SECONDS and self._warned
        data = TokenRefreshedData(expires_in_seconds=round(max(0.0, self._expires_at - now), 1))
        return [_say(TokenRefreshed(data=data))]

    def not_renewed(self, error: SoundItOutError) -> list[Action]:
        """A `Renew` brought nothing: the old token counts until it ends."""
        return self.complained(error)

    def complained(self, error: SoundItOutError) -> list[Action]:
        """Something went wrong that ends no request."""
        return [_say(message_error(error))]

    def ticked(self, now: float) -> list[Action]:
        """Time has passed."""
        if now >= self._expires_at:
            return [Close(CLOSE_UNAUTHORIZED)]
        if self._warned or now < self._expires_at - WARN_SECONDS:
            return []
        self._warned = True
        return [_say(TokenExpiring(data=TokenExpiringData(expires_in_seconds=round(self._expires_at - now, 1))))]

    def revoked(self) -> list[Action]:
        """The user has signed out everywhere, or is gone."""
        return [Close(CLOSE_UNAUTHORIZED)]

    def draining(self, reconnect_within_ms: int) -> list[Action]:
        """The server has begun to stop."""
        return [_say(Draining(data=DrainingData(reconnect_within_ms=reconnect_within_ms)))]

    def stopped(self) -> list[Action]:
        """The server has finished what it had begun."""
        return [Close(CLOSE_RESTART)]

    def _begin(self, request_id: str, message: AnalyzeAudio | AudioStart) -> list[Action]:
        self._unreadable = 0
        if request_id in self._following:  # it arrived before; its events go on
            audio = message.audio if isinstance(message, AnalyzeAudio) else b""
            return [Replace(request_id, audio)] if audio else []
        self._following.add(request_id)
        self._unknown.discard(request_id)
        return [Begin(request_id, message)]

    def _follow(self, message: Resume) -> list[Action]:
        if message.request_id in self._following:
            return []
        self._following.add(message.request_id)
        self._unknown.discard(message.request_id)
        return [Follow(message.request_id, message.after_seq)]

    def _not_understood(self, message: Unreadable) -> list[Action]:
        if isinstance(message.error, AudioTooLarge) and message.request_id in self._following:
            return [Spoil(message.request_id, message.error)]
        answer = self._unread(message)
        if not isinstance(message.error, InvalidMessage) or isinstance(message.error, UnknownType):
            return [answer]  # understood well enough
        self._unreadable += 1
        if self._unreadable < self._limits.max_unreadable_messages:
            return [answer]
        return [answer, Close(CLOSE_PROTOCOL)]

    def _unread(self, message: Unreadable) -> Send:
        """An `error` of the request it was about; of none, when that would end the stream of one that goes on."""
        if message.request_id is None or message.request_id in self._following:
            return _say(message_error(message.error))
        return Send(encode(refusal(message.request_id, message.error)))


def _handed_on(message: AudioChunk | AudioEnd | Cancel | RefreshToken) -> Action:
    """What is to be done about a message that changes nothing in the conversation."""
    match message:
        case AudioChunk():
            return Append(message.request_id, message.chunk, message.audio)
        case AudioEnd():
            return Finish(message.request_id, message.chunks)
        case Cancel():
            return Abandon(message.request_id)
        case RefreshToken():
            return Renew(message.token)


def _say(message: ServerMessage) -> Send:
    return Send(encode_message(message))
