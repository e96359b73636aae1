"""Everything that happens to servers and networks, at random."""

import asyncio
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from bench.running_server import LOOPBACK, free_port, own_environment, wait_until_ready
from bench.tcp_proxy import TcpProxy

STOP_SECONDS = 30.0


class Restartable:
    """A running server with a port and a database of its own, which can die and come back.

    Args:
        folder: keeps its data; empty.
        settings: become SOUNDITOUT_* variables.
    """

    def __init__(self, folder: str, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._environment = own_environment(folder, settings)
        self._process = self._launch()

    @property
    def resident_bytes(self) -> int:
        """Memory in use."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * 4096

    def _launch(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "sounditout", "serve", "--port", str(self.port)]
        return subprocess.Popen(command, env=self._environment)

    async def ready(self) -> None:
        """Return when it is."""
        await asyncio.to_thread(wait_until_ready, self.url, self._process)

    async def restart(self, how: signal.Signals) -> None:
        """Ask it to stop, or kill it, and start another one in its place."""
        await self.stop(how)
        self._process = self._launch()
        await self.ready()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop, or kill it; return when it is gone."""
        self._process.send_signal(how)
        await asyncio.to_thread(self._process.wait, STOP_SECONDS)


class Trouble:
    """Makes some every few seconds until it is told to stop.

    Args:
        server: may be restarted while `restarts` is true.
        network: between clients and server.
        chance: decides what, and when.
    """

    def __init__(self, server: Restartable, network: TcpProxy, chance: random.Random, pause_seconds: float) -> None:
        self.made: Counter[str] = Counter()
        self.restarts = True
        self._server, self._network = server, network
        self._chance = chance
        self._pause_seconds = pause_seconds

    async def run(self) -> None:
        """Until cancelled."""
        kinds: dict[str, Callable[[], Awaitable[object]]] = {
            "connections cut": self._network.cut,
            "network silent for 2 s": self._freeze,
            "nobody let in for 3 s": self._refuse,
            "SIGTERM and restart": partial(self._server.restart, signal.SIGTERM),
            "kill -9 and restart": partial(self._server.restart, signal.SIGKILL),
        }
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * self._pause_seconds)
            allowed = [kind for kind in kinds if self.restarts or "restart" not in kind]
            kind = self._chance.choice(allowed)
            self.made[kind] += 1
            await asyncio.shield(asyncio.ensure_future(kinds[kind]()))

    async def _freeze(self) -> None:
        self._network.freeze()
        await asyncio.sleep(2)
        self._network.thaw()

    async def _refuse(self) -> None:
        self._network.refuse()
        await self._network.cut()
        await asyncio.sleep(3)
        await self._network.listen()
