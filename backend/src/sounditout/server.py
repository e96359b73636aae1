"""The process that serves: uvicorn with the options this protocol needs."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from sounditout import logs
from sounditout.analysis.ports import Engines
from sounditout.app import create_app
from sounditout.connection.unfinished import Unfinished
from sounditout.http.bounded_websocket import MessageLimits, bounded_websocket
from sounditout.http.timely_http import timely_http
from sounditout.services import Services
from sounditout.settings import Settings
from sounditout.supervisor import Lifeline, Supervisor
from sounditout.telemetry.metrics import shared_figures

log = structlog.get_logger(__name__)

_PEER_TIMEOUT_MILLISECONDS: Final = 40_000
"""The kernel drops a connection whose data nobody acknowledges for so long."""
_HARD_LIMIT: Final = 2
"""Times the frame limit. A frame over the limit is read to its end and closes with 1009; cut off in the middle, the
connection would be reset, and the client would never see why. Frames of more than twice the limit are cut off."""
_DRAIN_SLACK_SECONDS: Final = 1.0
"""More than the time that the steps have by the settings."""
_LAST_WORDS_SECONDS: Final = 5.0
"""For what has been said to reach those with a slow network, after draining."""
_GRACE_SECONDS: Final = 3
"""For connections to close after that."""
_FIRST_LOOK_SECONDS: Final = 0.001
_LOOK_SECONDS: Final = 0.05
"""Between the first two looks at whether they have closed, and at most; nothing tells."""
_TICK_SECONDS: Final = 1.0
"""Between two ticks, at which uvicorn writes the date of its answers anew."""
_STOP_SECONDS: Final = 15.0
"""For all of these, and to put everything away; then the process ends itself. With the 10 s of draining that leaves a
little of the 30 s after which orchestrators kill."""
_IDLE_SECONDS: Final = 75
"""That a connection over which nothing is asked stays open. A reader pauses for several seconds between two
sentences, and with uvicorn's 5 s each of them, sent over HTTP, would open a connection of its own; nginx, too, keeps
those of browsers for 75 s. Proxies before the server must give theirs up earlier (deploy/)."""
_BACKLOG: Final = 2048
"""Connections that may wait to be accepted: a whole school reconnecting after a restart."""
_KILLED: Final = 128
"""Shells add this to the number of the signal that ended a process."""


def _nothing() -> None:
    """Does nothing."""


class Server(uvicorn.Server):
    """uvicorn, which asks the app to drain before it cuts connections.

    A signal is a request to stop, and stopping as requested is exit code 0. The second one ends the process at once.

    Attributes:
        when_serving: called when connections are accepted.
        when_asked_to_stop: called when a signal says so, or `stop` does.
    """

    when_serving: Callable[[], object] = staticmethod(_nothing)
    when_asked_to_stop: Callable[[], object] = staticmethod(_nothing)
    _signalled = False
    _wake: Callable[[], object] = staticmethod(_nothing)

    def stop(self) -> None:
        """Drain, then end; may be called in any thread, and by the handler of a signal."""
        if not self.should_exit:
            self.when_asked_to_stop()
        self.should_exit = True
        self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        del frame
        if self._signalled:
            os._exit(_KILLED + sig)  # the default action of a signal does nothing to the first process of a container
        self._signalled = True
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app, then listen."""
        await super().startup(sockets)
        self.when_serving()

    async def main_loop(self) -> None:
        """Until somebody calls `stop`.

        uvicorn looks ten times a second whether it is to stop, also while nobody asks anything of it; this is woken.
        """
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended in the meantime
                loop.call_soon_threadsafe(stopped.set)

        self._wake = wake  # before the first look at whether it is to stop: none is missed
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody new, drain, let everybody hear the rest, then stop.

        uvicorn's own does the last steps only, and waits a tenth of a second when there is nothing to wait for.
        """
        for server in self.servers:
            server.close()
        log.info("draining", connections=len(self.server_state.connections))
        app = self.config.app
        services = getattr(app.state, "services", None) if isinstance(app, FastAPI) else None
        if isinstance(services, Services):
            await _drain(services)
        log.info("drained", connections=len(self.server_state.connections))
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_LAST_WORDS_SECONDS)
        self._cut_streams()
        await self._close_connections()
        await self._end_tasks()
        for listener in sockets or ():
            listener.close()
        await self.lifespan.shutdown()

    def _cut_streams(self) -> None:
        """What is still being answered never ends: its reading was stopped, or its client takes nothing."""
        for connection in tuple(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)  # HTTP has one; a WebSocket is closed with its code
            if cycle is not None and not cycle.response_complete:
                connection.transport.abort()

    async def _close_connections(self) -> None:
        """Ask each to close, and reset those that have not after a while.

        uvicorn would ask as well, but it stops at the first that fails, and one whose client began to close it does.
        """
        connections = self.server_state.connections
        for connection in tuple(connections):
            try:
                connection.shutdown()
            except Exception as error:  # noqa: BLE001  (whatever it is, the others are to be closed, too)
                log.info("a connection is reset", reason=repr(error))
                connection.transport.abort()
        await self._until_closed(_GRACE_SECONDS)
        for connection in tuple(connections):
            connection.transport.abort()
        await self._until_closed(_GRACE_SECONDS)

    async def _until_closed(self, seconds: float) -> None:
        pause = _FIRST_LOOK_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.server_state.connections:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LOOK_SECONDS)

    async def _end_tasks(self) -> None:
        """Those of connections that have closed; what has not noticed that is cancelled."""
        if not self.server_state.tasks:
            return
        _, stuck = await asyncio.wait(self.server_state.tasks, timeout=_GRACE_SECONDS)
        if stuck:
            log.error("requests that do not end are cancelled", requests=len(stuck))
        for task in stuck:
            task.cancel()


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
            http=timely_http(settings.request_head_seconds),
            # 18.9 kB of memory for an idle connection; uvicorn's older implementation takes 26.5
            ws=bounded_websocket(MessageLimits(settings.message_seconds, Unfinished(settings.max_unfinished_bytes))),
            log_config=None,
            access_log=False,  # the app writes its own line, without the query
            server_header=False,
            proxy_headers=trusted_proxies is not None,
            forwarded_allow_ips=trusted_proxies,
            ws_max_size=_HARD_LIMIT * settings.max_frame_bytes,
            ws_per_message_deflate=False,  # base64 of compressed audio does not shrink; the buffers cost 33 kB each
            ws_ping_interval=settings.peer_ping_seconds,
            ws_ping_timeout=settings.peer_ping_seconds,
            timeout_keep_alive=_IDLE_SECONDS,
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
    # Connections inherit it; without it the second of two small messages waits 40 ms for the client to say that the
    # first has come. asyncio would set it, but does not know what kind of socket this is.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        engines: instead of the real ones; several processes get a pickled copy each.

    Raises:
        OSError: the address is taken or not ours.
        SystemExit: the server could not start, or stop properly.
    """
    serve = _Serve(settings, trusted_proxies, log_format, engines)
    serve.configure_logs()
    listener = listen(host, port)
    log.info("listening", url=_url(listener), processes=settings.processes)
    if settings.processes == 1:
        serve.alone(listener)
        return
    stop_seconds = settings.drain_seconds + _STOP_SECONDS + _DRAIN_SLACK_SECONDS
    with shared_figures() as forget:
        supervisor = Supervisor(serve, listener, settings.processes, stop_seconds=stop_seconds, when_ended=forget)
        exit_code = supervisor.run()
    if exit_code:
        sys.exit(exit_code)


@dataclass(frozen=True, slots=True)
class _Serve:
    """What a server process needs to know beside its socket; travels pickled to several of them."""

    settings: Settings
    trusted_proxies: str | None
    log_format: logs.Format | None
    engines: Engines | None

    def __call__(self, listener: socket.socket, lifeline: Lifeline) -> None:
        """Serve as one of several processes."""
        self.configure_logs()
        server = self._server()
        server.when_serving = lifeline.serving
        lifeline.when_it_ends(server.stop)
        server.run([listener])

    def alone(self, listener: socket.socket) -> None:
        """Serve as the only process."""
        self._server().run([listener])

    def configure_logs(self) -> None:
        """With several processes, every line says whose it is."""
        logs.configure(self.settings.log_level, self.log_format)
        if self.settings.processes > 1:
            structlog.contextvars.bind_contextvars(process=os.getpid())

    def _server(self) -> Server:
        server = make_server(create_app(self.settings, self.engines), self.settings, self.trusted_proxies)
        server.when_asked_to_stop = lambda: end_after(self.settings.drain_seconds + _STOP_SECONDS)
        return server


def end_after(seconds: float) -> None:
    """End the process when it takes longer, also if a thread is stuck in a model."""

    def end() -> None:
        log.error("stopping took too long", seconds=seconds)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
