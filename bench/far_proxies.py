"""A distance that any machine can have: a TCP proxy on loopback before each server.

It ends connections, so it hides what the kernel's own TCP does over a distance: that a new connection, or one that
has paused, sends ten packets and then waits for an answer. Of TCP it has only the round trip of the handshake.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from bench.tcp_proxy import TcpProxy


class FarProxies:
    """The way to servers behind proxies, as it is just now.

    Attributes:
        delay: seconds that everything takes, each way.
        up: bytes a second towards each server; 0: as many as come.
        hosts: "127.0.0.1:…" by name of the server.
    """

    def __init__(self, by_name: Mapping[str, TcpProxy]) -> None:
        self._proxies = tuple(by_name.values())
        self.hosts = {name: f"127.0.0.1:{proxy.port}" for name, proxy in by_name.items()}

    @property
    def delay(self) -> float:
        return self._proxies[0].up.delay_seconds

    @delay.setter
    def delay(self, seconds: float) -> None:
        for proxy in self._proxies:
            proxy.up.delay_seconds = proxy.down.delay_seconds = seconds
            proxy.handshake_seconds = 2 * seconds

    @property
    def up(self) -> float:
        return self._proxies[0].up.bytes_per_second or 0.0

    @up.setter
    def up(self, bytes_per_second: float) -> None:
        for proxy in self._proxies:
            proxy.up.bytes_per_second = bytes_per_second or None


@asynccontextmanager
async def far_proxies(ports: Mapping[str, int]) -> AsyncIterator[FarProxies]:
    """The way to servers on these ports of this machine, by name; carried by the caller's event loop."""
    async with AsyncExitStack() as stack:
        by_name = {name: await stack.enter_async_context(TcpProxy("127.0.0.1", port)) for name, port in ports.items()}
        yield FarProxies(by_name)
