"""Which transport a client uses, by name."""

import uuid
from collections.abc import Callable
from typing import Literal

import httpx

from sounditout.client.auto_transport import AutoTransport
from sounditout.client.credentials import Credentials
from sounditout.client.ladder import Ladder
from sounditout.client.sse_transport import SseTransport
from sounditout.client.state import State, Status
from sounditout.client.timing import Timing
from sounditout.client.transport import Transport
from sounditout.client.ws_transport import WebSocketTransport

TransportName = Literal["auto", "ws", "sse"]


def make_transport(
    name: TransportName,
    base_url: str,
    http: httpx.AsyncClient,
    credentials: Credentials,
    timing: Timing,
    status: Status,
) -> Transport:
    """A transport that has opened nothing yet."""
    client_id = uuid.uuid4().hex

    def websocket(show: Callable[[State], object], ladder: Ladder | None) -> WebSocketTransport:
        return WebSocketTransport(base_url, client_id, credentials, timing, show, ladder)

    def sse(show: Callable[[State], object]) -> SseTransport:
        return SseTransport(http, credentials, timing, show)

    if name == "ws":
        return websocket(status.show, None)
    if name == "sse":
        return sse(status.show)
    return AutoTransport(websocket, sse, status.show)
