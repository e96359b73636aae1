"""Readings through our own client, held and watched by a test."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable

from bench.tcp_proxy import TcpProxy

from serving import Learner, RunningServer
from sounditout.analysis.events import TERMINAL, Event
from sounditout.client import State
from speech import as_wav, tone

AUDIO = as_wav(tone(1).samples)
SENTENCE = "The cat sat."


class Gate:
    """Holds the recogniser until it is opened, and counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self._reached = threading.Semaphore(0)
        self._opened = threading.Event()

    def __call__(self) -> None:
        self.runs += 1
        self._reached.release()
        assert self._opened.wait(20)

    async def reached(self) -> None:
        """Wait until it holds another reading."""
        assert await asyncio.to_thread(self._reached.acquire, timeout=20)

    def open(self) -> None:
        self._opened.set()


class Network(TcpProxy):
    """A way to a server that can be led to another one."""

    def __init__(self, base_url: str) -> None:
        super().__init__("127.0.0.1", _port(base_url))

    def lead_to(self, base_url: str) -> None:
        self._target = "127.0.0.1", _port(base_url)


def _port(base_url: str) -> int:
    return int(base_url.rpartition(":")[2])


class States:
    """The states of a client, one after the other; `on_state` of the client."""

    def __init__(self) -> None:
        self.seen: list[State] = []
        self._news = asyncio.Event()

    def __call__(self, state: State) -> None:
        self.seen.append(state)
        self._news.set()

    async def until(self, state: State) -> None:
        """Wait until it is that, from now on."""
        await self._until(lambda: self.seen[-1:] == [state])

    async def again(self, state: State) -> None:
        """Wait until it has become that once more."""
        before = self.seen.count(state)
        await self._until(lambda: self.seen.count(state) > before)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._news.clear()
                await self._news.wait()


class Listening:
    """What comes of a reading, as it comes."""

    def __init__(self, stream: AsyncIterator[Event]) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen(stream))

    async def _listen(self, stream: AsyncIterator[Event]) -> None:
        async for event in stream:
            self.events.append(event)
            self._news.set()

    async def until(self, kind: type[Event]) -> None:
        """Wait for an event of a kind."""
        async with asyncio.timeout(20):
            while not any(isinstance(event, kind) for event in self.events):
                self._news.clear()
                await self._news.wait()

    async def ended(self) -> list[Event]:
        """All events, when the last has come."""
        await asyncio.wait_for(self._task, 20)
        return self.events


def assert_whole(events: list[Event]) -> None:
    """Everything was told, once, in order, with one end."""
    kinds = [event.type for event in events if event.type not in ("progress", "partial")]
    assert kinds == ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]
    assert sum(isinstance(event, TERMINAL) for event in events) == 1
    assert len({event.model_dump_json(exclude={"seq"}) for event in events}) == len(events)
    assert all(earlier.seq < later.seq for earlier, later in itertools.pairwise(events))


def saved_readings(server: RunningServer, learner: Learner) -> int:
    """How many are kept in the learner's session."""
    with server.client(learner.headers) as http:
        return len(http.get(f"/api/sessions/{learner.session_id}/readings").raise_for_status().json())
