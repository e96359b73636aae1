"""A network between client and server that has its own opinion of WebSockets: schools and hotels have such ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Literal

from websockets.asyncio.server import ServerConnection, serve

Treatment = Literal["pass", "forbid", "hang up", "swallow"]


class WebSocketFilter:
    """A proxy that does as it likes with WebSockets and passes everything else on to a server.

    Attributes:
        treatment: of WebSockets. `swallow`: somebody opens them who never speaks.
        websockets: handshakes that were tried.
        streams: other connections.
    """

    def __init__(self, port: int) -> None:
        self.treatment: Treatment = "pass"
        self.websockets = 0
        self.streams = 0
        self.base_url = ""
        self._port = port
        self._accepted: set[asyncio.Task[None]] = set()
        self._swallower = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["WebSocketFilter"]:
        async def swallow(socket: ServerConnection) -> None:
            await socket.wait_closed()

        async with (
            serve(swallow, "127.0.0.1", 0, subprotocols=["sounditout.v1"]) as swallower,  # type: ignore[list-item]
            await asyncio.start_server(self._accept, "127.0.0.1", 0) as listener,
        ):
            self._swallower = swallower.sockets[0].getsockname()[1]
            self.base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                await self._hang_up()

    async def _hang_up(self) -> None:
        """End connections whose client has gone, or not."""
        for task in self._accepted:
            task.cancel()
        await asyncio.gather(*self._accepted, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._treat(reader, writer))
        self._accepted.add(task)
        task.add_done_callback(self._accepted.discard)

    async def _treat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            treatment: Treatment = "pass"
            if b"upgrade: websocket" in head.lower():
                self.websockets += 1
                treatment = self.treatment
            else:
                self.streams += 1
            if treatment == "forbid":
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            elif treatment != "hang up":
                port = self._swallower if treatment == "swallow" else self._port
                await self._pass_on(head, port, reader, writer)

    async def _pass_on(
        self, head: bytes, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        far_writer.write(head)
        copies = [asyncio.create_task(copy(reader, far_writer)), asyncio.create_task(copy(far_reader, writer))]
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.close()
            for task in copies:
                task.cancel()
            await asyncio.gather(*copies, return_exceptions=True)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
