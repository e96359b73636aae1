"""Readings that are sent while they are being read."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from manual_time import ManualTime
from proxies import TcpProxy
from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.analysis.events import Analysis, CancelledEvent, Complete, Error, Event, Partial, ProcessingStarted
from sounditout.client import Client, TransportName
from sounditout.settings import Settings
from speech import as_wav, encode, tone

SENTENCE = "The cat sat."


class Microphone:
    """A recording that goes on for as long as the test wants."""

    def __init__(self, audio: bytes, pieces: int = 8) -> None:
        size = -(-len(audio) // pieces)
        self._pieces = [audio[begin : begin + size] for begin in range(0, len(audio), size)]
        self._allowed = asyncio.Semaphore(0)
        self.left = len(self._pieces)

    def say(self, pieces: int | None = None) -> None:
        """So many pieces more; None: all the rest."""
        for _ in range(len(self._pieces) if pieces is None else pieces):
            self._allowed.release()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await self._allowed.acquire()
            self.left -= 1
            yield piece


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def microphone() -> Microphone:
    return Microphone(encode(tone(2).samples))


@pytest.fixture(params=["ws", "sse", "auto"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    name: TransportName = request.param
    return name


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
        async with asyncio.timeout(20):
            while not any(isinstance(event, kind) for event in self.events):
                await self._news.wait()
                self._news.clear()

    async def ended(self) -> list[Event]:
        await asyncio.wait_for(self._task, 20)
        return self.events


def assert_whole(events: list[Event]) -> None:
    kinds = [event.type for event in events if event.type not in ("progress", "partial")]
    assert kinds == ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]
    assert all(earlier.seq < later.seq for earlier, later in itertools.pairwise(events))


def seconds_of(events: list[Event]) -> float:
    (analysis,) = [event for event in events if isinstance(event, Analysis)]
    return analysis.data.duration_seconds


async def test_it_is_judged_like_any_other(
    server: RunningServer, learner: Learner, microphone: Microphone, transport: TransportName
) -> None:
    microphone.say()
    async with Client(server.base_url, transport, learner.token) as client:
        events = await Listening(
            client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id)
        ).ended()
    assert_whole(events)
    assert seconds_of(events) == pytest.approx(2, abs=0.1)


async def test_the_server_starts_and_tells_before_it_has_ended(
    server: RunningServer, learner: Learner, microphone: Microphone, time: ManualTime
) -> None:
    async with Client(server.base_url, "ws", learner.token) as client:
        listening = Listening(client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id))
        await listening.until(ProcessingStarted)
        assert microphone.left == 8
        microphone.say(6)
        await listening.until(Partial)
        microphone.say()
        assert_whole(await listening.ended())


async def test_the_connection_is_cut_in_the_middle(
    server: RunningServer, learner: Learner, microphone: Microphone, time: ManualTime
) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")
    async with (
        TcpProxy(host, int(port)) as network,
        Client(network.base_url, "ws", learner.token, timing=time.timing) as client,
    ):
        listening = Listening(client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id))
        await listening.until(ProcessingStarted)
        microphone.say(3)
        await network.cut()
        microphone.say()
        events = await listening.ended()
    assert_whole(events)
    assert seconds_of(events) == pytest.approx(2, abs=0.1)


async def test_a_server_that_knows_nothing_of_it_gets_it_from_the_start(
    server: RunningServer, settings: Settings, learner: Learner, microphone: Microphone, time: ManualTime
) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")
    async with (
        TcpProxy(host, int(port)) as network,
        Client(network.base_url, "ws", learner.token, timing=time.timing) as client,
    ):
        listening = Listening(client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id))
        await listening.until(ProcessingStarted)
        microphone.say(3)
        with serving(settings, tiny_engines()) as successor:
            network._target = "127.0.0.1", int(successor.base_url.rpartition(":")[2])
            await network.cut()
            microphone.say()
            events = await listening.ended()
            await client.close()
    assert_whole(events)
    assert seconds_of(events) == pytest.approx(2, abs=0.1)


async def test_what_goes_wrong_with_the_recording_is_raised(
    server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a few bytes"
        raise OSError("the microphone was unplugged")

    async with Client(server.base_url, transport, learner.token) as client:
        with pytest.raises(OSError, match="unplugged"):
            await Listening(client.analyze_live(broken(), "a.webm", SENTENCE, session_id=learner.session_id)).ended()
        events = [e async for e in client.analyze(as_wav(tone(1).samples), "a.wav", SENTENCE)]
        assert isinstance(events[-1], Complete)


async def test_one_that_cannot_be_read_ends_before_it_has_been_read(
    server: RunningServer, learner: Learner, microphone: Microphone
) -> None:
    async with Client(server.base_url, "ws", learner.token) as client:
        stream = client.analyze_live(microphone, "a.webm", SENTENCE, session_id=999_999)
        (error,) = await Listening(stream).ended()
    assert isinstance(error, Error)
    assert microphone.left == 8


async def test_cancelled_while_it_is_being_read(
    server: RunningServer, learner: Learner, microphone: Microphone
) -> None:
    async with Client(server.base_url, "ws", learner.token) as client:
        stream = client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id, request_id="r-1")
        listening = Listening(stream)
        await listening.until(ProcessingStarted)
        assert await client.cancel("r-1")
        assert isinstance((await listening.ended())[-1], CancelledEvent)
