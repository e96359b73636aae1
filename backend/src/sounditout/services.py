"""What one running server has, made once by the composition root and handed to whoever asks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sounditout.accounts.accounts import Accounts
from sounditout.accounts.auth import Authenticator
from sounditout.accounts.revocations import Revocations
from sounditout.analysis.ports import Engines
from sounditout.analysis.workers import Workers
from sounditout.flag import WebSocketFlag
from sounditout.persistence.database import Database
from sounditout.settings import Settings
from sounditout.telemetry.metrics import Metrics
from sounditout.telemetry.tracing import Tracing


class Drain:
    """What has to happen when the server is asked to stop, while connections still work."""

    def __init__(self) -> None:
        self.started = False
        self._steps: list[Callable[[], Awaitable[None]]] = []

    def register(self, step: Callable[[], Awaitable[None]]) -> None:
        """Await `step()` at the beginning of the end; steps run together."""
        self._steps.append(step)

    async def run(self) -> None:
        """Take the steps, once."""
        if not self.started:
            self.started = True
            await asyncio.gather(*(step() for step in self._steps))


@dataclass(frozen=True, slots=True)
class Services:
    """Kept at `app.state.services` between start and stop."""

    settings: Settings
    database: Database
    authenticator: Authenticator
    accounts: Accounts
    revocations: Revocations
    engines: Engines
    workers: Workers
    flag: WebSocketFlag
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=Tracing)
    drain: Drain = field(default_factory=Drain)
