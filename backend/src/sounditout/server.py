"""The process that serves: uvicorn with the options this protocol needs."""

import asyncio
import socket
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from sounditout import logs
from sounditout.analysis.ports import Engines
from sounditout.app import create_app
from sounditout.services import Services
from sounditout.settings import Settings

log = structlog.get_logger(__name__)

_PEER_TIMEOUT_MILLISECONDS: Final = 40_000
"""The kernel drops a connection whose data nobody acknowledges for so long."""
_HARD_LIMIT: Final = 2
"""Times the frame limit. A frame over the limit is read to its end and closes with 1009; cut off in the middle, the
connection would be reset, and the client would never see why. Frames of more than twice the limit are cut off."""
_DRAIN_SLACK_SECONDS: Final = 1.0
"""More than the time that the steps have by the settings."""
_GRACE_SECONDS: Final = 10
"""For open streams after that; orchestrators kill after 30 s."""


_BACKLOG: Final = 2048
"""Connections that may wait to be accepted: a whole school reconnecting after a restart."""


class Server(uvicorn.Server):
    """uvicorn, which asks the app to drain before it cuts connections."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody new, drain, then stop."""
        for server in self.servers:
            server.close()
        app = self.config.app
        services = getattr(app.state, "services", None) if isinstance(app, FastAPI) else None
        if isinstance(services, Services):
            await _drain(services)
        await super().shutdown(sockets)


async def _drain(services: Services) -> None:
    try:
        async with asyncio.timeout(services.settings.drain_seconds + _DRAIN_SLACK_SECONDS):
            await services.drain.run()
    except TimeoutError:
        log.warning("draining took too long", seconds=services.settings.drain_seconds)
    except Exception:
        log.exception("draining failed")


def make_server(app: ASGIApp, settings: Settings, trusted_proxies: str | None = None) -> Server:
    """A server for the app that still needs a socket.

    Args:
        trusted_proxies: comma-separated addresses whose `X-Forwarded-*` headers are believed; None: nobody's.
    """
    logs.protect_uvicorn()
    return Server(
        uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,  # the app writes its own line, without the query
            server_header=False,
            proxy_headers=trusted_proxies is not None,
            forwarded_allow_ips=trusted_proxies,
            ws_max_size=_HARD_LIMIT * settings.max_frame_bytes,
            ws_per_message_deflate=False,  # base64 of compressed audio does not shrink; the buffers cost 33 kB each
            ws_ping_interval=settings.peer_ping_seconds,
            ws_ping_timeout=settings.peer_ping_seconds,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one, a name that stands for both means IPv4.

    Raises:
        OSError: the address is taken or not ours.
    """
    families = [found[0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_TIMEOUT_MILLISECONDS)
    return listener


def run(
    settings: Settings,
    host: str,
    port: int,
    *,
    trusted_proxies: str | None = None,
    log_format: logs.Format | None = None,
    engines: Engines | None = None,
) -> None:
    """Serve until a signal says stop.

    Args:
        host: address or name to listen on.
        port: 0 takes a free one; the log says which.
        trusted_proxies: comma-separated addresses whose `X-Forwarded-*` headers are believed; None: nobody's.
        log_format: None: coloured lines for a terminal, otherwise JSON.
        engines: instead of the real ones.

    Raises:
        OSError: the address is taken or not ours.
    """
    logs.configure(settings.log_level, log_format)
    listener = listen(host, port)
    log.info("listening", url=_url(listener))
    make_server(create_app(settings, engines), settings, trusted_proxies).run([listener])


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
