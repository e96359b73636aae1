"""A network between client and server that can be far away, narrow, silent or rude: a TCP proxy on loopback.

    async with TcpProxy("127.0.0.1", port) as proxy:  # stands wherever the server's address would
        proxy.up.bytes_per_second = 125_000  # 1 Mbit/s towards the server
        proxy.down.delay_seconds = 0.1

It lives in the event loop of the caller, who must therefore not block it.
"""

import asyncio
import socket
import struct
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

_LARGEST_READ: Final = 64 * 1024
_SMALLEST_READ: Final = 1024
_READ_SECONDS: Final = 0.01
"""A narrow link is given data for so long at a time: it flows, and does not come in lumps."""
_UNDER_WAY: Final = 512
"""Reads that may be on their way: 32 MiB, a second of delay at 0.25 Gbit/s."""
_SOCKET_BUFFER: Final = 64 * 1024
"""Bytes. The megabytes that loopback has by default would hide a narrow link from whoever sends into it."""
_RESET: Final = struct.pack("ii", 1, 0)
"""Linger for no time: what was not sent is dropped, and the peer is told by a reset."""


@dataclass(slots=True)
class Link:
    """One direction, shared by all connections. What is under way does not notice a change.

    Attributes:
        delay_seconds: from the moment the last byte of a piece was sent until it arrives.
        bytes_per_second: None: as fast as the machine.
        passed_bytes: so many have arrived.
    """

    delay_seconds: float = 0.0
    bytes_per_second: float | None = None
    passed_bytes: int = field(default=0, init=False)
    _free_at: float = field(default=0.0, init=False)

    @property
    def largest_read(self) -> int:
        """Bytes to give to the link at a time."""
        if self.bytes_per_second is None:
            return _LARGEST_READ
        return min(_LARGEST_READ, max(_SMALLEST_READ, int(self.bytes_per_second * _READ_SECONDS)))

    def send(self, now: float, size: int) -> float:
        """When so many bytes, given to the link now, are on their way: after those before them, at its rate."""
        seconds = size / self.bytes_per_second if self.bytes_per_second else 0.0
        self._free_at = max(now, self._free_at) + seconds
        return self._free_at


class TcpProxy:
    """Passes connections on to `host:port`; an asynchronous context manager, which resets them all at its end.

    Attributes:
        up: from client to server.
        down: from server to client.
        handshake_seconds: before a new connection passes anything; over a distance, TCP's handshake is a round trip.
        accepted: connections that were ever accepted.
        port: where it listens on 127.0.0.1; the same until the end.
    """

    def __init__(self, host: str, port: int) -> None:
        self.up = Link()
        self.down = Link()
        self.handshake_seconds = 0.0
        self.accepted = 0
        self.port = 0
        self._target = host, port
        self._listener: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.refuse()
        await self.cut()

    def freeze(self) -> None:
        """Pass nothing any more, either way, not even the end of a connection; still accept new ones."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Go on where `freeze` stopped; nothing was lost."""
        self._flowing.set()

    async def cut(self) -> None:
        """Reset all connections, at both ends, with what is under way on them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def refuse(self) -> None:
        """Refuse new connections; those there are stay."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def listen(self) -> None:
        """Accept connections (again)."""
        if self._listener is None:
            listener = socket.create_server(("127.0.0.1", self.port))
            self.port = listener.getsockname()[1]
            self._listener = await asyncio.start_server(self._accept, sock=listener)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # One that is cancelled before its first step has not come to close anything.
        task.add_done_callback(lambda ended: writer.transport.abort() if ended.cancelled() else None)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        with suppress(OSError), _resetting(writer):
            await asyncio.sleep(self.handshake_seconds)
            await self._flowing.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            with _resetting(far_writer):
                await _all_or_none(self._pass(self.up, reader, far_writer), self._pass(self.down, far_reader, writer))

    async def _pass(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction of one connection, until and with its end."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY)
        await _all_or_none(self._send(link, reader, under_way), self._arrive(link, under_way, writer))

    async def _send(
        self, link: Link, reader: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        clock = asyncio.get_running_loop().time
        data = b"something"
        while data:
            await self._flowing.wait()
            data = await reader.read(link.largest_read)
            sent = link.send(clock(), len(data))
            await under_way.put((sent + link.delay_seconds, data))
            await asyncio.sleep(sent - clock())  # the link is busy; the sender has to wait

    async def _arrive(
        self, link: Link, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        clock = asyncio.get_running_loop().time
        data = b"something"
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(due - clock())
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
            link.passed_bytes += len(data)
        writer.write_eof()


@contextmanager
def _resetting(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Close the connection after the block, or reset it when the block fails."""
    end: socket.socket = writer.get_extra_info("socket")
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        end.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # it has ended by itself
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
        raise
    writer.close()


async def _all_or_none(*parts: Coroutine[object, object, None]) -> None:
    """Return when all have ended; when one fails the others are given up, and its error is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
