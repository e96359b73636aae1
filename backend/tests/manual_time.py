"""A clock for tests that moves only when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sounditout.client import Timing


class ManualTime:
    """Waits and time limits of a client, which pass when a test says so. Short waits pass at once.

    Args:
        chance: what the client's dice show.
        short: seconds; what is not longer is a short wait.
    """

    def __init__(self, chance: Callable[[], float] = lambda: 0.0, short: float = 0.5) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        """All that were ever begun."""
        self._chance = chance
        self._short = short
        self._alarms: list[_Alarm] = []
        self._changed = asyncio.Condition()

    @property
    def timing(self) -> Timing:
        return Timing(now=lambda: self.now, sleep=self.sleep, limit=self.limit, chance=self._chance)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if seconds <= self._short:
            self._move(seconds)
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        async with self._waiting(_Alarm(seconds, self.now + seconds, woken.set)):
            await woken.wait()

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None if seconds > 0 else 0) as scope:
            alarm = _Alarm(seconds, self.now + seconds, lambda: scope.reschedule(loop.time()))
            async with self._waiting(alarm):
                yield

    async def pass_(self, seconds: float) -> None:
        """Wait until somebody waits for, or is limited to, so long; then let that time pass."""
        await self.until(seconds)
        self._move(seconds)

    async def until(self, seconds: float) -> None:
        """Wait until somebody waits for, or is limited to, so long."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: seconds in self._awaited())

    def _awaited(self) -> set[float]:
        return {alarm.seconds for alarm in self._alarms if not alarm.rung}

    def _move(self, seconds: float) -> None:
        self.now += seconds
        for alarm in self._alarms:
            if alarm.due <= self.now:
                alarm.ring()

    @asynccontextmanager
    async def _waiting(self, alarm: "_Alarm") -> AsyncIterator[None]:
        self._alarms.append(alarm)
        try:
            async with self._changed:
                self._changed.notify_all()
            yield
        finally:
            self._alarms.remove(alarm)


class _Alarm:
    def __init__(self, seconds: float, due: float, call: Callable[[], object]) -> None:
        self.seconds = seconds
        self.due = due
        self.rung = False
        self._call = call

    def ring(self) -> None:
        """Once, however often it is due."""
        if not self.rung:
            self.rung = True
            self._call()
