"""What is sent, resumed and passed on: without a socket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from manual_time import ManualTime
from sounditout.analysis.events import (
    CancelledEvent,
    Complete,
    CompleteData,
    Error,
    ErrorData,
    Event,
    ProcessingStarted,
    StartedData,
)
from sounditout.client import ConnectionFailed, Refused
from sounditout.client.in_flight import Inbox, InFlight
from sounditout.client.reading import Reading
from sounditout.client.recording import Live, Recorded
from sounditout.client.request import Request

HELD = frozenset({"r-1"})
NOTHING: frozenset[str] = frozenset()


def request(request_id: str = "r-1") -> Request:
    return Request(Reading("a.wav", "The cat sat.", 1, request_id), Recorded(b"audio"))


def started(seq: int = 0, request_id: str = "r-1") -> Event:
    return ProcessingStarted(request_id=request_id, seq=seq, data=StartedData(received_bytes=5, mode="server"))


def complete(seq: int = 9) -> Event:
    return Complete(request_id="r-1", seq=seq, data=CompleteData(timings={}))


def unknown() -> Event:
    data = ErrorData(code="invalid_message", message="", retryable=True, retry_after=None, stage="receiving")
    return Error(request_id="r-1", seq=0, data=data)


def came(inbox: Inbox) -> list[Event | Exception]:
    return [inbox.get_nowait() for _ in range(inbox.qsize())]


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def in_flight() -> InFlight:
    return InFlight()


class TestSending:
    def test_at_once_over_a_connection(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        in_flight.add(request())
        assert wire.sent == [
            {
                "type": "analyze_audio",
                "request_id": "r-1",
                "session_id": 1,
                "attempted_sentence": "The cat sat.",
                "filename": "a.wav",
                "content_type": "audio/x-wav",
                "audio_base64": "YXVkaW8=",
            }
        ]

    def test_when_there_is_a_connection(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.add(request())
        assert wire.sent == []
        in_flight.connected(wire, NOTHING)
        assert wire.types == ["analyze_audio"]

    def test_not_over_one_whose_server_stops(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        in_flight.draining()
        in_flight.add(request())
        assert wire.sent == []
        assert in_flight.is_quiet

    def test_one_id_is_followed_once(self, in_flight: InFlight) -> None:
        in_flight.add(request())
        with pytest.raises(Refused, match="already"):
            in_flight.add(request())


class TestComingBack:
    def test_what_the_server_holds_is_resumed_after_the_last_event(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(Wire(), NOTHING)
        in_flight.add(request())
        for seq in range(4):
            in_flight.happened(started(seq))
        in_flight.disconnected()
        in_flight.connected(wire, HELD)
        assert wire.sent == [{"type": "resume", "request_id": "r-1", "after_seq": 3}]

    def test_what_it_does_not_hold_is_sent_again(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(Wire(), NOTHING)
        in_flight.add(request())
        in_flight.disconnected()
        in_flight.connected(wire, NOTHING)
        assert wire.types == ["analyze_audio"]

    def test_so_is_what_it_has_let_go_meanwhile(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(Wire(), NOTHING)
        inbox = in_flight.add(request())
        in_flight.disconnected()
        in_flight.connected(wire, HELD)
        in_flight.happened(unknown())
        assert wire.types == ["resume", "analyze_audio"]
        in_flight.happened(unknown())  # the answer to something that was under way before that
        assert wire.types == ["resume", "analyze_audio"]
        assert came(inbox) == []

    def test_what_has_ended_is_let_be(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(Wire(), NOTHING)
        inbox = in_flight.add(request())
        in_flight.happened(complete())
        assert in_flight.is_quiet
        in_flight.disconnected()
        in_flight.connected(wire, HELD)
        assert wire.sent == []
        assert came(inbox) == [complete()]


class TestEvents:
    def test_each_to_its_own(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        one, two = in_flight.add(request("r-1")), in_flight.add(request("r-2"))
        in_flight.happened(started(request_id="r-2"))
        in_flight.happened(started(request_id="nobody's"))
        assert came(one) == []
        assert came(two) == [started(request_id="r-2")]

    def test_none_twice_and_none_after_the_end(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        inbox = in_flight.add(request())
        for event in (started(), started(1), started(1), complete(), complete(), started(10)):
            in_flight.happened(event)
        assert came(inbox) == [started(), started(1), complete()]

    def test_none_for_one_who_has_left(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        left = request()
        inbox = in_flight.add(left)
        in_flight.remove(left)
        in_flight.happened(started())
        assert came(inbox) == []
        assert in_flight.is_quiet

    def test_a_failure_ends_all_that_have_not(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        inbox = in_flight.add(request())
        error = ConnectionFailed("gone")
        in_flight.fail(error)
        assert came(inbox) == [error]


class TestCancelling:
    def test_over_the_connection(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(wire, NOTHING)
        inbox = in_flight.add(request())
        assert in_flight.cancel("r-1")
        assert wire.types == ["analyze_audio", "cancel"]
        assert came(inbox) == []  # the server says when it has stopped

    def test_without_one_it_ends_at_once_and_the_server_hears_later(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.connected(Wire(), NOTHING)
        inbox = in_flight.add(request())
        in_flight.happened(started())
        in_flight.disconnected()
        assert in_flight.cancel("r-1")
        _, cancelled = came(inbox)
        assert isinstance(cancelled, CancelledEvent)
        in_flight.connected(wire, HELD)
        assert wire.sent == [{"type": "cancel", "request_id": "r-1"}]

    @pytest.mark.parametrize(("held", "sent"), [(HELD, ["resume", "cancel"]), (NOTHING, [])])
    def test_again_when_the_connection_broke_before_the_server_could_answer(
        self, in_flight: InFlight, wire: Wire, held: frozenset[str], sent: list[str]
    ) -> None:
        in_flight.connected(Wire(), NOTHING)
        inbox = in_flight.add(request())
        in_flight.cancel("r-1")
        in_flight.disconnected()
        in_flight.connected(wire, held)
        assert wire.types == sent
        assert len(came(inbox)) == (0 if sent else 1)  # it has ended here when the server knows nothing of it

    def test_one_that_was_never_sent_is_never_sent(self, in_flight: InFlight, wire: Wire) -> None:
        in_flight.add(request())
        assert in_flight.cancel("r-1")
        in_flight.connected(wire, HELD)
        assert wire.sent == []

    def test_nothing_to_cancel(self, in_flight: InFlight, wire: Wire) -> None:
        assert not in_flight.cancel("r-1")
        in_flight.connected(wire, NOTHING)
        in_flight.add(request())
        in_flight.happened(complete())
        assert not in_flight.cancel("r-1")


class TestRecordingsInTheMaking:
    """Chunks of two bytes, a second apart."""

    @pytest.fixture
    def time(self) -> ManualTime:
        return ManualTime()

    @pytest.fixture
    def live(self, time: ManualTime) -> Live:
        return Live("r-1", time.timing)

    @pytest.fixture
    def pieces(self, time: ManualTime) -> AsyncIterator[bytes]:
        async def make() -> AsyncIterator[bytes]:
            for piece in (b"ab", b"cd"):
                yield piece
                time.now += 1

        return make()

    def request(self, live: Live) -> Request:
        return Request(Reading("a.webm", "The cat sat.", 1, "r-1"), live)

    async def test_piece_by_piece(
        self, in_flight: InFlight, wire: Wire, live: Live, pieces: AsyncIterator[bytes]
    ) -> None:
        in_flight.connected(wire, NOTHING)
        in_flight.add(self.request(live))
        assert wire.types == ["audio_start"]
        await live.record(pieces)
        assert wire.sent[1:] == [
            {"type": "audio_chunk", "request_id": "r-1", "chunk": 0, "audio_base64": "YWI="},
            {"type": "audio_chunk", "request_id": "r-1", "chunk": 1, "audio_base64": "Y2Q="},
            {"type": "audio_end", "request_id": "r-1", "chunks": 2},
        ]

    async def test_all_pieces_again_after_a_break(
        self, in_flight: InFlight, wire: Wire, live: Live, pieces: AsyncIterator[bytes]
    ) -> None:
        in_flight.connected(Wire(), NOTHING)
        in_flight.add(self.request(live))
        in_flight.happened(started())
        in_flight.disconnected()
        await live.record(pieces)
        in_flight.connected(wire, HELD)
        assert wire.types == ["resume", "audio_chunk", "audio_chunk", "audio_end"]
        in_flight.happened(unknown())
        assert wire.types[4:] == ["audio_start", "audio_chunk", "audio_chunk", "audio_end"]

    async def test_pieces_in_quick_succession_travel_together(
        self, in_flight: InFlight, wire: Wire, live: Live
    ) -> None:
        async def quick() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"abc"

        in_flight.connected(wire, NOTHING)
        in_flight.add(self.request(live))
        await live.record(quick())
        assert wire.types == ["audio_start", "audio_chunk", "audio_chunk", "audio_end"]
        assert await live.whole() == b"abc" * 100

    async def test_nobody_can_make_one_without_end(self, in_flight: InFlight, live: Live) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield bytes(1 << 20)

        inbox = in_flight.add(self.request(live))
        await live.record(endless())
        _, refused = came(inbox)
        assert isinstance(refused, Refused)
        assert refused.code == "audio_too_large"
        with pytest.raises(Refused):
            await live.whole()
