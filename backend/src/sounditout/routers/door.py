"""Who is let in over the WebSocket, and what the others are told."""

from collections.abc import Callable
from contextlib import suppress

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import Receive, Scope, Send

from sounditout.accounts.identity import Identity
from sounditout.connection import handshake
from sounditout.connection.connection import Connection
from sounditout.connection.open_socket import OpenSocket
from sounditout.desk import Desk
from sounditout.errors import Unauthorized
from sounditout.telemetry.measurements import close_label
from sounditout.wire import CLOSE_CODES, CLOSE_FAULT, CLOSE_FULL, CLOSE_RESTART, CLOSE_UNAUTHORIZED

log = structlog.stdlib.get_logger(__name__)

HasRoom = Callable[[int, str | None], bool]
"""Whether one more connection of this user, and of the tab that calls itself so, may come."""


async def let_in(scope: Scope, receive: Receive, send: Send, has_room: HasRoom) -> Connection | None:
    """The accepted connection; None when it was refused, and is closed."""
    websocket = WebSocket(scope, receive, send)
    desk: Desk = websocket.app.state.desk
    if not handshake.origin_allowed(websocket.headers, desk.services.settings.allowed_origins):
        await websocket.close()  # before `accept`: HTTP 403
        return None
    offered = scope["subprotocols"]
    token = handshake.offered_token(websocket.headers, offered, websocket.query_params)
    client_id = handshake.client_id(websocket.query_params)
    # A browser sees the code of a close, not the status of a handshake: nobody is refused before `accept`.
    await websocket.accept(subprotocol=handshake.selected_subprotocol(offered))
    websocket.headers.raw.clear()  # a kilobyte, with a token in it
    user, code = await _verdict(desk, token, client_id, has_room)
    if user is None:
        desk.services.metrics.connections_closed.labels(close_label(code)).inc()
        with suppress(WebSocketDisconnect):  # somebody who has left by now need not be told
            await websocket.close(code, CLOSE_CODES[code])
        return None
    return desk.connect(OpenSocket(receive, send), client_id, user)


async def _verdict(
    desk: Desk, token: str | None, client_id: str | None, has_room: HasRoom
) -> tuple[Identity | None, int]:
    """Whose connection it is, or None and the code to close it with."""
    try:
        user = await desk.services.authenticator.authenticate(token)
    except Unauthorized:
        return None, CLOSE_UNAUTHORIZED
    except Exception:
        log.exception("a token could not be looked at")
        return None, CLOSE_FAULT
    if desk.services.drain.started:  # it was being opened when the others were told
        return None, CLOSE_RESTART
    return (user if has_room(user.user_id, client_id) else None), CLOSE_FULL
