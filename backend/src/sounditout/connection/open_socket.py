"""An accepted WebSocket, without what was needed to accept it: there are thousands, and most are idle."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class OpenSocket:
    """The two ASGI callables of a connection, as `connection.Socket`."""

    __slots__ = ("_receive", "_send")

    def __init__(self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        self._receive = receive
        self._send = send

    def receive(self) -> Awaitable[Message]:
        return self._receive()

    async def send_text(self, data: str) -> None:
        await self._send({"type": "websocket.send", "text": data})

    async def close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})
