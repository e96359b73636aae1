"""uvicorn's HTTP, with bounds on how long the head of a request may take, and how large it may be.

uvicorn waits for ever for a request that was begun, and for the first one on a connection. `BodyLimit` bounds what
follows the head.
"""

import asyncio
from http import HTTPStatus
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MAX_HEAD_BYTES: Final = 64 * 1024
"""Request line and headers: ours have 1 kB; nginx takes 32."""


class TimelyHttp(HttpToolsProtocol):
    """One connection; see `timely_http`."""

    head_seconds: ClassVar[float]
    _head_comes_next = True
    """Or goes on, if it has begun."""
    _head_bytes = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._head_comes_next:
            self._expect_head()
        super().data_received(data)
        if self._deadline is not None:
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The head of a request began."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """The head of a request is complete."""
        self._stop_waiting()
        self._head_comes_next = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body of a request is complete."""
        self._head_comes_next = True
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes the connection over."""
        self._stop_waiting()
        self._head_comes_next = False
        super().handle_websocket_upgrade()

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(self.head_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """End the connection, with a word if there is something to answer and no answer is under way."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        is_answering = not getattr(self.cycle, "response_complete", True)  # there is none before the first request
        if self._head_bytes and not is_answering:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode())
        self.transport.close()


def timely_http(seconds: float) -> type[TimelyHttp]:
    """The protocol of one server's connections, for `uvicorn.Config`.

    Args:
        seconds: from the first byte of a request, or from when the client has connected, to the end of its head.
    """

    class OfOneServer(TimelyHttp):
        head_seconds = seconds

    return OfOneServer
