"""The rules, without a socket."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from examples import LIMITS, REQUEST_ID, every_event
from sounditout.analysis.events import Complete, CompleteData
from sounditout.connection.conversation import (
    Abandon,
    Action,
    Append,
    Begin,
    Conversation,
    Finish,
    Follow,
    Renew,
    Replace,
    Send,
    Spoil,
)
from sounditout.connection.outbox import Close
from sounditout.connection.told import Told
from sounditout.errors import (
    AudioTooLarge,
    Forbidden,
    InvalidBase64,
    InvalidMessage,
    SoundItOutError,
    TooManyRequests,
    Unauthorized,
    UnknownType,
)
from sounditout.messages import (
    AnalyzeAudio,
    AudioChunk,
    AudioEnd,
    AudioStart,
    Cancel,
    Ping,
    RefreshToken,
    Resume,
)
from sounditout.wire import Unreadable, encode, read_client_message

ANALYZE = AnalyzeAudio(type="analyze_audio", request_id=REQUEST_ID, session_id=1, attempted_sentence="The cat sat.")
START = AudioStart(type="audio_start", request_id=REQUEST_ID, session_id=1, attempted_sentence="The cat sat.")
CHUNK = AudioChunk.model_construct(type="audio_chunk", request_id=REQUEST_ID, chunk=3, audio=b"abc")
RESUME = Resume(type="resume", request_id=REQUEST_ID, after_seq=4)
PING = Ping(type="ping")
NOW, EXPIRES = 100.0, 1000.0


def talk(*, held: tuple[str, ...] = ()) -> Conversation:
    return Conversation("c-1", LIMITS, 30, NOW, EXPIRES, lambda: "made-here", held)


def said(actions: list[Action]) -> dict[str, Any]:
    """The one message that is sent."""
    [text] = [action.text for action in actions if isinstance(action, Send)]
    message: dict[str, Any] = json.loads(text)
    return message


def closed(actions: list[Action]) -> list[int]:
    return [action.code for action in actions if isinstance(action, Close)]


def unreadable(error: SoundItOutError | None = None, request_id: str | None = None) -> Unreadable:
    return Unreadable(error or InvalidMessage(), request_id)


def ended(request_id: str = REQUEST_ID) -> Told:
    return Told.of(Complete(request_id=request_id, seq=5, data=CompleteData(timings={})))


def test_it_opens_with_what_a_client_needs_to_know() -> None:
    message = said(talk(held=("r-1", "r-2")).opened())
    assert message["type"] == "ready"
    assert message["data"]["connection_id"] == "c-1"
    assert message["data"]["heartbeat_seconds"] == 30
    assert message["data"]["limits"] == LIMITS.model_dump()
    assert message["data"]["held"] == ["r-1", "r-2"]


def test_a_ping_is_answered() -> None:
    answer = talk().received(Ping(type="ping", sent_at=12.5), NOW)
    assert said(answer) == {"type": "pong", "data": {"sent_at": 12.5}}


def test_a_reading_is_begun() -> None:
    assert talk().received(ANALYZE, NOW) == [Begin(REQUEST_ID, ANALYZE)]
    assert talk().received(START, NOW) == [Begin(REQUEST_ID, START)]


def test_a_reading_without_an_id_gets_one() -> None:
    nameless = ANALYZE.model_copy(update={"request_id": None})
    assert talk().received(nameless, NOW) == [Begin("made-here", nameless)]


def test_what_is_about_a_request_is_handed_on() -> None:
    assert talk().received(CHUNK, NOW) == [Append(REQUEST_ID, 3, b"abc")]
    end = AudioEnd(type="audio_end", request_id=REQUEST_ID, chunks=4)
    assert talk().received(end, NOW) == [Finish(REQUEST_ID, 4)]
    assert talk().received(Cancel(type="cancel", request_id="x"), NOW) == [Abandon("x")]
    assert talk().received(RESUME, NOW) == [Follow(REQUEST_ID, 4)]


def test_events_are_sent_as_they_are() -> None:
    for event in every_event():
        assert talk().told(Told.of(event)) == [Send(encode(event))]


def test_a_refused_reading_ends_with_its_only_event() -> None:
    conversation = talk()
    conversation.received(ANALYZE, NOW)
    message = said(conversation.refused(REQUEST_ID, Forbidden()))
    assert (message["type"], message["request_id"], message["seq"]) == ("error", REQUEST_ID, 0)
    assert message["data"]["code"] == "forbidden"
    assert conversation.received(ANALYZE, NOW) == [Begin(REQUEST_ID, ANALYZE)], "it may be sent again"


def test_the_same_reading_twice_changes_nothing() -> None:
    conversation = talk()
    conversation.received(ANALYZE, NOW)
    for again in (ANALYZE, START, RESUME):
        assert conversation.received(again, NOW) == []
    whole = ANALYZE.model_copy(update={"audio": b"all of it"})
    assert conversation.received(whole, NOW) == [Replace(REQUEST_ID, b"all of it")]
    garbled = said(conversation.received(unreadable(InvalidBase64(), REQUEST_ID), NOW))
    assert "request_id" not in garbled, "it would end the stream of the one that goes on"


def test_after_its_end_it_can_be_asked_for_again() -> None:
    conversation = talk()
    conversation.received(ANALYZE, NOW)
    conversation.told(ended())
    assert conversation.received(RESUME, NOW) == [Follow(REQUEST_ID, 4)]
    conversation.told_all(REQUEST_ID)
    assert conversation.received(ANALYZE, NOW) == [Begin(REQUEST_ID, ANALYZE)]


def test_a_request_nobody_knows_is_refused_once_however_many_pieces_come() -> None:
    conversation = talk()
    message = said(conversation.unknown(REQUEST_ID))
    assert (message["request_id"], message["data"]["code"]) == (REQUEST_ID, "invalid_message")
    assert message["data"]["retryable"] is True
    assert conversation.unknown("another") != []
    assert conversation.unknown(REQUEST_ID) == []
    assert conversation.received(START, NOW) == [Begin(REQUEST_ID, START)]
    assert conversation.unknown(REQUEST_ID) != []


def test_the_third_unreadable_message_closes() -> None:
    conversation = talk()
    assert closed(conversation.received(unreadable(), NOW)) == []
    assert closed(conversation.received_binary(NOW)) == []
    conversation.received(PING, NOW)
    last = conversation.received(unreadable(InvalidBase64(), REQUEST_ID), NOW)
    assert said(last)["data"]["code"] == "invalid_base64"
    assert closed(last) == [4400]
    assert isinstance(last[-1], Close)


def test_a_new_reading_makes_up_for_what_could_not_be_read() -> None:
    conversation = talk()
    for number in range(5):
        assert closed(conversation.received(unreadable(), NOW)) == []
        assert closed(conversation.received(unreadable(), NOW)) == []
        conversation.received(ANALYZE.model_copy(update={"request_id": f"r-{number}"}), NOW)


def test_a_piece_that_is_too_large_spoils_its_recording() -> None:
    conversation, error = talk(), AudioTooLarge()
    conversation.received(START, NOW)
    assert conversation.received(unreadable(error, REQUEST_ID), NOW) == [Spoil(REQUEST_ID, error)]


def test_what_can_be_read_but_not_done_does_not_count() -> None:
    conversation = talk()
    for error in (UnknownType(), AudioTooLarge(), TooManyRequests(), UnknownType(), AudioTooLarge()):
        assert closed(conversation.received(unreadable(error), NOW)) == []


def test_an_unreadable_message_is_answered_as_its_request_when_that_is_known() -> None:
    message = said(talk().received(unreadable(InvalidBase64(), "r-9"), NOW))
    assert (message["request_id"], message["seq"], message["data"]["code"]) == ("r-9", 0, "invalid_base64")
    assert "request_id" not in said(talk().received(unreadable(), NOW))


def test_a_frame_over_the_limit_closes() -> None:
    assert closed(talk().received_too_much()) == [1009]


def test_too_many_messages_close_and_chunks_are_counted_apart() -> None:
    conversation = talk()
    for _ in range(LIMITS.max_messages_per_minute):
        assert closed(conversation.received(PING, NOW)) == []
        assert closed(conversation.received(CHUNK, NOW)) == []
    assert closed(conversation.received(PING, NOW)) == [4429]
    assert closed(conversation.received(CHUNK, NOW)) == []
    assert closed(conversation.received(PING, NOW + 1)) == [], "a little later there is room again"


def test_the_end_of_the_token_is_announced_once_and_closes() -> None:
    conversation = talk()
    assert conversation.wakes_at == EXPIRES - 60
    assert conversation.ticked(EXPIRES - 60.1) == []
    warning = said(conversation.ticked(EXPIRES - 60))
    assert warning == {"type": "token_expiring", "data": {"expires_in_seconds": 60.0}}
    assert conversation.wakes_at == EXPIRES
    assert conversation.ticked(EXPIRES - 1) == []
    assert closed(conversation.ticked(EXPIRES)) == [4401]


def test_a_newer_token_puts_it_off() -> None:
    conversation = talk()
    conversation.ticked(EXPIRES - 60)
    assert conversation.received(RefreshToken(type="refresh_token", token="t"), NOW) == [Renew("t")]
    answer = said(conversation.renewed(EXPIRES + 500, EXPIRES - 50))
    assert answer == {"type": "token_refreshed", "data": {"expires_in_seconds": 550.0}}
    assert conversation.wakes_at == EXPIRES + 440
    assert conversation.ticked(EXPIRES) == []


def test_a_token_that_ends_sooner_takes_nothing_away() -> None:
    conversation = talk()
    assert said(conversation.renewed(EXPIRES - 500, NOW))["data"] == {"expires_in_seconds": EXPIRES - NOW}
    assert conversation.wakes_at == EXPIRES - 60


def test_a_bad_newer_token_changes_nothing() -> None:
    conversation = talk()
    message = said(conversation.not_renewed(Unauthorized()))
    assert (message["data"]["code"], "request_id" in message) == ("unauthorized", False)
    assert closed(conversation.ticked(EXPIRES)) == [4401]


def test_the_end_of_the_user_and_of_the_server() -> None:
    assert closed(talk().revoked()) == [4401]
    assert said(talk().draining(4000)) == {"type": "draining", "data": {"reconnect_within_ms": 4000}}
    assert closed(talk().stopped()) == [1012]


IDS = st.sampled_from(["a", "b", "c"])
FRAMES = st.one_of(
    st.text(max_size=40),
    st.builds(
        lambda kind, request_id, more: json.dumps({"type": kind, "request_id": request_id} | more),
        st.sampled_from(
            ["analyze_audio", "audio_start", "audio_chunk", "audio_end", "resume", "cancel", "ping", "refresh_token"]
        )
        | st.text(max_size=5),
        IDS | st.none() | st.integers(),
        st.sampled_from(
            [
                {},
                {"session_id": 1, "attempted_sentence": "A cat."},
                {"session_id": 1, "attempted_sentence": "A cat.", "audio_base64": "AAAA"},
                {"chunk": 0, "audio_base64": "AAAA"},
                {"chunk": -1, "audio_base64": "A"},
                {"after_seq": -1},
                {"token": "t"},
            ]
        ),
    ),
    st.recursive(st.none() | st.integers() | st.text(max_size=3), st.lists, max_leaves=8).map(json.dumps),
)
STEPS = st.lists(
    st.tuples(st.just("frame"), FRAMES)
    | st.tuples(st.sampled_from(["told", "ends", "tick"]), IDS)
    | st.tuples(st.just("binary"), st.just("")),
    max_size=60,
)


class Server:
    """Carries out what a conversation wants, with requests that end when a test says so."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.running: dict[str, int] = {}
        self.begun: list[str] = []
        self.last_words: list[str] = []
        self.refused: list[str] = []
        self.closed = False

    def do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(text):
                    self._sent(json.loads(text))
                case Close():
                    self.closed = True
                case Renew():
                    self.do(self.conversation.not_renewed(Unauthorized()))
                case Begin(request_id):
                    self._begin(request_id)
                case Abandon(request_id):
                    self.end(request_id)
                case _ if action.request_id not in self.running:
                    self.do(self.conversation.unknown(action.request_id))

    def _sent(self, message: dict[str, Any]) -> None:
        if message["type"] in {"complete", "error", "cancelled"} and "request_id" in message:
            assert message["request_id"] not in self.running, "an end of something that goes on"
            self.last_words.append(message["request_id"])
            if message["type"] == "error":  # the work of this server never fails
                self.refused.append(message["request_id"])

    def _begin(self, request_id: str) -> None:
        assert request_id not in self.running, "never twice at once"
        self.running[request_id] = 0
        self.begun.append(request_id)

    def tell(self, request_id: str) -> None:
        if request_id in self.running:
            self.do(self.conversation.told(Told(request_id, 1, '{"type":"progress"}')))

    def end(self, request_id: str) -> None:
        if self.running.pop(request_id, None) is not None:
            self.do(self.conversation.told(ended(request_id)))

    def take(self, step: str, argument: str, now: float) -> None:
        match step:
            case "frame":
                self.do(self.conversation.received(read_client_message(argument, LIMITS), now))
            case "binary":
                self.do(self.conversation.received_binary(now))
            case "tick":
                self.do(self.conversation.ticked(now))
            case "told":
                self.tell(argument)
            case _:
                self.end(argument)


@given(STEPS)
def test_whatever_is_sent_it_never_raises_and_every_reading_has_one_last_word(steps: list[tuple[str, str]]) -> None:
    server = Server(talk())
    server.do(server.conversation.opened())
    for now, (step, argument) in enumerate(steps, start=int(NOW)):
        if not server.closed:
            server.take(step, argument, float(now))
    for request_id in tuple(server.running):
        server.end(request_id)
    for request_id in set(server.begun):
        refusals = server.refused.count(request_id)
        assert server.last_words.count(request_id) == server.begun.count(request_id) + refusals
