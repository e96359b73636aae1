"""The rules, without a socket."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from examples import LIMITS, REQUEST_ID, every_event
from sounditout.analysis.events import Complete, CompleteData
from sounditout.connection.conversation import Abandon, Action, Begin, Conversation, DuplicateRequest, Send
from sounditout.connection.outbox import Close
from sounditout.errors import (
    AudioTooLarge,
    Forbidden,
    InvalidBase64,
    InvalidMessage,
    SoundItOutError,
    TooManyRequests,
    UnknownType,
)
from sounditout.messages import AnalyzeAudio, Cancel, Ping
from sounditout.wire import Unreadable, encode

ANALYZE = AnalyzeAudio(type="analyze_audio", request_id=REQUEST_ID, session_id=1, attempted_sentence="The cat sat.")


def talk() -> Conversation:
    return Conversation("c-1", LIMITS, 30, expires_at=1000.0, new_request_id=lambda: "made-here")


def said(actions: list[Action]) -> dict[str, Any]:
    """The one message that is sent."""
    [text] = [action.text for action in actions if isinstance(action, Send)]
    message: dict[str, Any] = json.loads(text)
    return message


def closed(actions: list[Action]) -> list[int]:
    return [action.code for action in actions if isinstance(action, Close)]


def unreadable(error: SoundItOutError | None = None, request_id: str | None = None) -> Unreadable:
    return Unreadable(error or InvalidMessage(), request_id)


def test_it_opens_with_what_a_client_needs_to_know() -> None:
    message = said(talk().opened())
    assert message["type"] == "ready"
    assert message["data"]["connection_id"] == "c-1"
    assert message["data"]["heartbeat_seconds"] == 30
    assert message["data"]["limits"] == LIMITS.model_dump()
    assert message["data"]["held"] == []


def test_a_ping_is_answered() -> None:
    assert said(talk().received(Ping(type="ping", sent_at=12.5))) == {"type": "pong", "data": {"sent_at": 12.5}}


def test_a_reading_is_begun() -> None:
    assert talk().received(ANALYZE) == [Begin(REQUEST_ID, ANALYZE)]


def test_a_reading_without_an_id_gets_one() -> None:
    nameless = ANALYZE.model_copy(update={"request_id": None})
    assert talk().received(nameless) == [Begin("made-here", nameless)]


def test_a_cancel_is_passed_on() -> None:
    assert talk().received(Cancel(type="cancel", request_id="x")) == [Abandon("x")]


def test_events_are_sent_as_they_are() -> None:
    for event in every_event():
        assert talk().happened(event) == [Send(encode(event))]


def test_a_refused_reading_ends_with_its_only_event() -> None:
    conversation = talk()
    conversation.received(ANALYZE)
    message = said(conversation.refused(REQUEST_ID, Forbidden()))
    assert (message["type"], message["request_id"], message["seq"]) == ("error", REQUEST_ID, 0)
    assert message["data"]["code"] == "forbidden"
    assert conversation.received(ANALYZE) == [Begin(REQUEST_ID, ANALYZE)], "it may be sent again"


def test_the_same_reading_twice_does_not_end_the_first() -> None:
    conversation = talk()
    conversation.received(ANALYZE)
    again = said(conversation.received(ANALYZE))
    assert "request_id" not in again
    assert again["data"]["code"] == "invalid_message"
    garbled = said(conversation.received(unreadable(InvalidBase64(), REQUEST_ID)))
    assert "request_id" not in garbled


def test_a_reading_begun_on_another_connection_is_not_ended_here() -> None:
    conversation = talk()
    conversation.received(ANALYZE)
    assert "request_id" not in said(conversation.refused(REQUEST_ID, DuplicateRequest()))


def test_an_id_is_free_again_after_the_last_event() -> None:
    conversation = talk()
    conversation.received(ANALYZE)
    conversation.happened(Complete(request_id=REQUEST_ID, seq=5, data=CompleteData(timings={})))
    assert conversation.received(ANALYZE) == [Begin(REQUEST_ID, ANALYZE)]


def test_the_third_unreadable_message_closes() -> None:
    conversation = talk()
    assert closed(conversation.received(unreadable())) == []
    assert closed(conversation.received_binary()) == []
    conversation.received(Ping(type="ping"))
    last = conversation.received(unreadable(InvalidBase64(), REQUEST_ID))
    assert said(last)["data"]["code"] == "invalid_base64"
    assert closed(last) == [4400]
    assert isinstance(last[-1], Close)


def test_what_can_be_read_but_not_done_does_not_count() -> None:
    conversation = talk()
    for error in (UnknownType(), AudioTooLarge(), TooManyRequests(), UnknownType(), AudioTooLarge()):
        assert closed(conversation.received(unreadable(error))) == []


def test_an_unreadable_message_is_answered_as_its_request_when_that_is_known() -> None:
    message = said(talk().received(unreadable(InvalidBase64(), "r-9")))
    assert (message["request_id"], message["seq"], message["data"]["code"]) == ("r-9", 0, "invalid_base64")
    assert "request_id" not in said(talk().received(unreadable()))


def test_a_frame_over_the_limit_closes() -> None:
    assert closed(talk().received_too_much()) == [1009]


def test_the_end_of_the_token_closes() -> None:
    assert talk().ticked(999.9) == []
    assert closed(talk().ticked(1000.0)) == [4401]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["analyze", "end", "refuse", "garbled", "unreadable", "unknown", "ping", "cancel"]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_a_reading_that_goes_on_is_ended_by_its_own_last_event_only(
    steps: list[tuple[str, str]],
) -> None:
    conversation, going_on, unreadable_so_far = talk(), set[str](), 0
    for step, request_id in steps:
        before = set(going_on)
        actions = take(conversation, step, request_id)
        begun = {action.request_id for action in actions if isinstance(action, Begin)}
        assert not begun & before, "never twice at once"
        going_on |= begun
        if step in {"end", "refuse"}:
            going_on.discard(request_id)
        for action in actions:
            ended = json.loads(action.text).get("request_id") if isinstance(action, Send) else None
            assert ended not in going_on
        unreadable_so_far += step in {"garbled", "unreadable"}
        assert bool(closed(actions)) == (step in {"garbled", "unreadable"} and unreadable_so_far >= 3)


def take(conversation: Conversation, step: str, request_id: str) -> list[Action]:
    match step:
        case "analyze":
            return conversation.received(ANALYZE.model_copy(update={"request_id": request_id}))
        case "end":
            return conversation.happened(Complete(request_id=request_id, seq=5, data=CompleteData(timings={})))
        case "refuse":
            return conversation.refused(request_id, Forbidden())
        case "garbled":
            return conversation.received(unreadable(InvalidBase64(), request_id))
        case "unreadable":
            return conversation.received_binary()
        case "unknown":
            return conversation.received(unreadable(UnknownType(), request_id))
        case "ping":
            return conversation.received(Ping(type="ping"))
        case _:
            return conversation.received(Cancel(type="cancel", request_id=request_id))
