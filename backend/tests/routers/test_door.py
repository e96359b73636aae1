"""Who is refused at the door and has left already."""

from types import SimpleNamespace

from starlette.types import Message, Receive, Scope, Send

from sounditout.errors import Unauthorized
from sounditout.routers.door import let_in
from sounditout.telemetry.metrics import Metrics


class _Nobody:
    """Knows no token."""

    async def authenticate(self, token: str | None) -> None:
        raise Unauthorized


def _scope(metrics: Metrics) -> Scope:
    services = SimpleNamespace(settings=SimpleNamespace(allowed_origins=()), authenticator=_Nobody(), metrics=metrics)
    app = SimpleNamespace(state=SimpleNamespace(desk=SimpleNamespace(services=services)))
    return {"type": "websocket", "app": app, "headers": [], "query_string": b"", "subprotocols": []}


def _peer(sent: list[str], *, gone: bool) -> tuple[Receive, Send]:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if gone and message["type"] == "websocket.close":
            raise OSError

    return receive, send


async def test_a_stranger_who_has_left_before_being_told_is_no_fault() -> None:
    for gone in (False, True):
        sent: list[str] = []
        assert await let_in(_scope(Metrics()), *_peer(sent, gone=gone), lambda *_: True) is None
        assert sent == ["websocket.accept", "websocket.close"]
