"""Engines that wait or shout, and waiting for what happens in the server's own loop."""

import asyncio
import threading
from collections.abc import Callable

from serving import Learner, RunningServer
from sounditout.analysis.ports import Speech

Serve = Callable[..., RunningServer]
"""Starts a server whose engines and settings differ as told."""


class Gate:
    """Holds the recogniser until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()

    def __call__(self) -> None:
        self.reached.release()
        assert self.opened.wait(20)

    async def wait_until_reached(self) -> None:
        assert await asyncio.to_thread(self.reached.acquire, timeout=20)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens in the server's own loop."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  (another thread makes it true)
            await asyncio.sleep(0.01)


def in_flight(server: RunningServer, learner: Learner) -> list[str]:
    requests = server.app.state.desk.requests
    known = [requests.find(learner.user_id, request_id) for request_id in requests.of_user(learner.user_id)]
    return [held.request_id for held in known if not held.ended]


class LoudSpeaker:
    """Says 16 MiB."""

    async def speak(self, text: str) -> Speech:
        return Speech(text.encode() + bytes(16 * 1024 * 1024), "long.wav", "audio/wav")
