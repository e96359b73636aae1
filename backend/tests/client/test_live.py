"""Readings that are sent while they are being read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from manual_time import ManualTime
from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.analysis.events import Analysis, CancelledEvent, Complete, Error, Event, Partial, ProcessingStarted
from sounditout.client import Client, TransportName
from sounditout.settings import Settings
from speech import encode, tone
from trials import AUDIO, SENTENCE, Listening, Network, assert_whole
from websocket_filter import WebSocketFilter


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
    async with (
        Network(server.base_url) as network,
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
    async with (
        Network(server.base_url) as network,
        Client(network.base_url, "ws", learner.token, timing=time.timing) as client,
    ):
        listening = Listening(client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id))
        await listening.until(ProcessingStarted)
        microphone.say(3)
        with serving(settings, tiny_engines()) as successor:
            network.lead_to(successor.base_url)
            await network.cut()
            microphone.say()
            events = await listening.ended()
            await client.close()
    with server.client(learner.headers) as http:  # which waits for the rest
        assert http.post(f"/api/ai/analyze-audio/{events[0].request_id}/cancel").json()["cancelled"]
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
        events = [e async for e in client.analyze(AUDIO, "a.wav", SENTENCE)]
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


class TestFallingBack:
    @pytest.fixture
    def server_options(self) -> dict[str, Any]:
        return {"upload_idle_seconds": 1}

    async def test_one_that_has_only_begun_goes_on_over_sse(
        self, server: RunningServer, learner: Learner, microphone: Microphone, time: ManualTime
    ) -> None:
        port = int(server.base_url.rpartition(":")[2])
        async with (
            WebSocketFilter(port).listening() as network,
            Network(network.base_url) as outer,
            Client(outer.base_url, "auto", learner.token, timing=time.timing) as client,
        ):
            listening = Listening(client.analyze_live(microphone, "a.webm", SENTENCE, session_id=learner.session_id))
            await listening.until(ProcessingStarted)
            microphone.say(3)
            network.treatment = "forbid"
            await outer.cut()
            microphone.say()
            assert_whole(await listening.ended())
