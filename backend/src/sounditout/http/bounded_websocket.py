"""uvicorn's WebSocket, with bounds on messages of which only a part has come.

uvicorn holds the frames of a message until the last one has come, and a frame until its last byte has; there it knows
a limit for one message, but none for how long that may take, for how many frames it may be, or for all connections.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sounditout.connection.unfinished import Unfinished
from sounditout.wire import CLOSE_CODES, CLOSE_FRAME_TOO_LARGE, CLOSE_FULL, CLOSE_TOO_SLOW

_FRAME_BYTES: Final = 64
"""That holding a frame costs beside its bytes: someone may send one byte in each."""
_LARGEST: Final = 2
"""Times the limit of a message; so much is only held for frames that are smaller than what holding them costs."""
_LINGER_SECONDS: Final = 1.0
"""From the close frame to the end of the connection: cut off while it sends, a client would not see why."""


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """Of what is held of messages that are not complete."""

    seconds: float
    """From the first byte of a message to the last."""
    unfinished: Unfinished
    """Of all connections."""


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """One connection; see `bounded_websocket`."""

    limits: ClassVar[MessageLimits]
    _received = 0
    """Bytes, since the last complete message."""
    _deadline: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self.transport.is_closing() or not (self.frames or self.conn.reader.buffer):
            self._settle()
        else:
            self._grow(len(data))

    def send_receive_event_to_app(self) -> None:
        """A message is complete."""
        self._settle()
        super().send_receive_event_to_app()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._settle()
        super().connection_lost(exc)

    def give_way(self) -> None:
        """All connections together hold too much."""
        self._give_up(CLOSE_FULL)

    def _grow(self, count: int) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.limits.seconds, self._too_slow)
        self._received += count
        held = self._received + _FRAME_BYTES * len(self.frames)
        if held > _LARGEST * self.config.ws_max_size:
            self._give_up(CLOSE_FRAME_TOO_LARGE)
        else:
            self.limits.unfinished.hold(self, held)

    def _settle(self) -> None:
        """Nothing is held."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
            self.limits.unfinished.forget(self)
        self._received = 0

    def _too_slow(self) -> None:
        if self.read_paused:  # not the client's fault
            self._deadline = self.loop.call_later(self.limits.seconds, self._too_slow)
        else:
            self._give_up(CLOSE_TOO_SLOW)

    def _give_up(self, code: int) -> None:
        self._settle()
        if self.transport.is_closing():
            return
        reason = CLOSE_CODES[code]
        self.conn.fail(code, reason)  # from now on it throws away what comes
        self.conn.reader.discard()
        self.frames = []
        if self.close_sent:  # before, with another code
            self.transport.close()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)


def bounded_websocket(message_limits: MessageLimits) -> type[BoundedWebSocket]:
    """The protocol of one server's connections, for `uvicorn.Config`."""

    class OfOneServer(BoundedWebSocket):
        limits = message_limits

    return OfOneServer
