"""From the address of a server to a WebSocket that has been greeted."""

from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from sounditout.client.connection import Connection, Greeting, closed, text_of
from sounditout.client.errors import ConnectionFailed, HandshakeFailed, NotReady, UnreadableAnswer
from sounditout.client.reading import parse_object
from sounditout.client.timing import Timing

_SUBPROTOCOL: Final = Subprotocol("sounditout.v1")
_OPEN_SECONDS: Final = 10.0
"""For TCP, TLS and the handshake: three times a lost packet on a slow network."""
READY_SECONDS: Final = 5.0
"""A server that opens a connection and then says nothing for so long is not there."""
_CLOSE_SECONDS: Final = 1.0
"""Nobody waits longer for the goodbye of a peer that may be gone."""
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
"""Spoken feedback is about 0.2 MB; more than this is not ours."""
_HEARTBEAT_SECONDS: Final = 30.0
"""When the server does not say how often to ping."""
_SERVER_FAULTS: Final = 500
"""Status from which on a handshake may succeed later; before it, it is refused for good."""


async def open_connection(url: str, token: str, timing: Timing) -> Connection:
    """Open a WebSocket and wait to be greeted.

    Args:
        url: `ws://…` or `wss://…`.

    Raises:
        HandshakeFailed, NotReady, ConnectionFailed, Refused, UnreadableAnswer
    """
    socket = await _shake_hands(url, token, timing)
    try:
        return Connection(socket, await _greeting(socket, timing), timing)
    except BaseException:
        await socket.close()
        raise


async def _shake_hands(url: str, token: str, timing: Timing) -> ClientConnection:
    try:
        async with timing.limit(_OPEN_SECONDS):
            return await connect(
                url,
                additional_headers={"Authorization": f"Bearer {token}"},
                subprotocols=[_SUBPROTOCOL],
                compression=None,  # base64 of compressed audio does not shrink
                max_size=_MAX_FRAME_BYTES,
                ping_interval=None,  # `Connection` has its own
                open_timeout=None,
                close_timeout=_CLOSE_SECONDS,
                proxy=None,
            )
    except InvalidURI as error:
        raise ConnectionFailed("This is not the address of a server.", retryable=False) from error
    except InvalidHandshake as error:
        refused = isinstance(error, InvalidStatus) and error.response.status_code < _SERVER_FAULTS
        raise HandshakeFailed("The server does not take WebSocket connections.", retryable=not refused) from error
    except TimeoutError as error:
        raise HandshakeFailed("The server took too long to answer.") from error
    except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError) as error:
        raise HandshakeFailed("The connection broke while it was being opened.") from error
    except OSError as error:
        raise ConnectionFailed("No server answers at this address.") from error


async def _greeting(socket: ClientConnection, timing: Timing) -> Greeting:
    try:
        async with timing.limit(READY_SECONDS):
            ready = parse_object(text_of(await socket.recv()))
    except TimeoutError as error:
        raise NotReady("The server took too long to answer.") from error
    except ConnectionClosed as error:
        raise closed(error, HandshakeFailed) from error
    if ready.get("type") != "ready" or not isinstance(ready.get("data"), dict):
        raise UnreadableAnswer
    return _understood(ready["data"])


def _understood(data: dict[str, Any]) -> Greeting:
    """What we need of it; a server of another version may say more or less."""
    heartbeat, held, limits = data.get("heartbeat_seconds"), data.get("held"), data.get("limits")
    most = limits.get("max_audio_bytes") if isinstance(limits, dict) else None
    return Greeting(
        float(heartbeat) if isinstance(heartbeat, (int, float)) and heartbeat >= 1 else _HEARTBEAT_SECONDS,
        frozenset(map(str, held)) if isinstance(held, list) else frozenset(),
        most if isinstance(most, int) and most > 0 else None,
    )
