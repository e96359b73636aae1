"""What a WebSocket handshake says about who is calling, and from which page."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

SUBPROTOCOL: Final = "sounditout.v1"
_TOKEN_PREFIX: Final = "bearer."  # noqa: S105  (not a token: what stands before one)
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def offered_token(headers: Mapping[str, str], subprotocols: Sequence[str], query: Mapping[str, str]) -> str | None:
    """The token from the first place that has one: `Authorization`, subprotocols, `?token=`."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    for subprotocol in subprotocols:
        if subprotocol.startswith(_TOKEN_PREFIX):
            return subprotocol.removeprefix(_TOKEN_PREFIX)
    return query.get("token")


def selected_subprotocol(offered: Sequence[str]) -> str | None:
    """What the server answers: its own name, never the token that came beside it."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def client_id(query: Mapping[str, str]) -> str | None:
    """The name a browser tab gave itself; None when it gave none that can be used."""
    name = query.get("client_id", "")
    return name if _CLIENT_ID.fullmatch(name) else None


def origin_allowed(headers: Mapping[str, str], allowed: Sequence[str]) -> bool:
    """Whether the page that opens the connection may: programs (no Origin), our own pages, and `allowed` ones.

    Args:
        allowed: origins, `scheme://host[:port]`.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    place = _place(origin)
    if place is None:
        return False
    # Behind a proxy that ends TLS our own scheme is not the page's: for our own pages it is not compared.
    scheme, _, _ = place
    return place == _place(f"{scheme}://{headers.get('host', '')}") or place in map(_place, allowed)


def _place(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for anything that is not a web origin, as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port
