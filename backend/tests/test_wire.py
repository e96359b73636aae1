"""Events to bytes, bytes to messages, codes to statuses."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from examples import LIMITS, REQUEST_ID, every_event
from sounditout.analysis.events import TERMINAL, Event
from sounditout.audio_field import decode_base64
from sounditout.connection.told import Told
from sounditout.errors import (
    AudioTooLarge,
    InvalidBase64,
    InvalidMessage,
    NoSpeech,
    SoundItOutError,
    UnknownType,
    all_codes,
)
from sounditout.messages import AnalyzeAudio, Cancel, Ping, Pong, PongData
from sounditout.wire import (
    CLOSE_CODES,
    Unreadable,
    close_code,
    encode,
    encode_message,
    ends_request,
    http_status,
    message_error,
    message_from_form,
    parse_client_message,
    read_client_message,
    sse_comment,
)

ANALYZE = {
    "type": "analyze_audio",
    "request_id": REQUEST_ID,
    "session_id": 7,
    "attempted_sentence": "The cat sat.",
    "audio_base64": base64.b64encode(b"sound").decode(),
    "filename": "a.webm",
    "content_type": "audio/webm",
}


def read(**changes: object) -> AnalyzeAudio:
    message = parse_client_message(json.dumps(ANALYZE | changes), LIMITS)
    assert isinstance(message, AnalyzeAudio)
    return message


@pytest.mark.parametrize("event", every_event(), ids=lambda event: event.type)
def test_an_event_is_one_compact_json_object_in_the_order_of_the_envelope(event: Event) -> None:
    text = encode(event)
    fields = json.loads(text)
    assert list(fields) == ["type", "request_id", "seq", "data"]
    assert fields["type"] == event.type
    assert (fields["request_id"], fields["seq"]) == (event.request_id, event.seq)
    assert "\n" not in text
    assert ': "' not in text.replace("\\", "") or fields["type"] == "gpt_response"
    assert TypeAdapter(Event).validate_json(text) == event


@pytest.mark.parametrize("event", every_event(), ids=lambda event: event.type)
def test_an_sse_event_carries_the_same_bytes(event: Event) -> None:
    expected = f"id: {event.request_id}:{event.seq}\ndata: {encode(event)}\n\n".encode()
    assert Told.of(event).as_sse() == expected
    assert expected.count(b"\n") == 3


def test_a_comment_is_no_event() -> None:
    assert sse_comment("listening") == b": listening\n\n"


def test_messages_without_a_request_have_type_and_data_only() -> None:
    assert encode_message(Pong(data=PongData(sent_at=1.5))) == '{"type":"pong","data":{"sent_at":1.5}}'
    fields = json.loads(encode_message(message_error(NoSpeech())))
    assert list(fields) == ["type", "data"]
    assert fields["data"]["code"] == "no_speech"


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_every_error_has_a_status_and_a_rule_for_the_connection(code: str) -> None:
    assert 400 <= http_status(code) < 600
    assert close_code(code) in {None, *CLOSE_CODES}


def test_only_what_comes_after_the_report_is_never_fatal() -> None:
    assert {code for code in all_codes() if not ends_request(code)} == {"coach_failed", "speech_failed"}


def test_our_own_faults_and_the_clients_are_told_apart() -> None:
    assert {code for code in all_codes() if http_status(code) >= 500} == {
        "overloaded",
        "timeout",
        "analysis_failed",
        "coach_failed",
        "speech_failed",
        "internal",
    }


def test_exactly_three_events_are_terminal() -> None:
    assert {event.type for event in every_event() if isinstance(event, TERMINAL)} == {
        "complete",
        "error",
        "cancelled",
    }


def test_a_whole_message_is_read() -> None:
    message = read(client_phonemes=[["K"]], client_words=["k"], something_new={"a": 1})
    assert (message.audio, message.filename, message.content_type) == (b"sound", "a.webm", "audio/webm")
    assert (message.client_phonemes, message.client_words) == ([["K"]], ["k"])


def test_what_may_be_absent_may_be_absent() -> None:
    message = parse_client_message('{"type":"analyze_audio","session_id":1,"attempted_sentence":"A."}', LIMITS)
    assert isinstance(message, AnalyzeAudio)
    assert (message.request_id, message.audio, message.client_phonemes) == (None, b"", None)


def test_small_messages() -> None:
    assert parse_client_message('{"type":"cancel","request_id":"a-1"}', LIMITS) == Cancel(
        type="cancel", request_id="a-1"
    )
    assert parse_client_message('{"type":"ping"}', LIMITS) == Ping(type="ping")


@pytest.mark.parametrize("sent_at", [0, -1, 1.5, 1764000000000, "2026-11-23T05:00:00Z", None])
def test_a_ping_comes_back_as_it_was(sent_at: object) -> None:
    ping = parse_client_message(json.dumps({"type": "ping", "sent_at": sent_at}), LIMITS)
    assert isinstance(ping, Ping)
    answer = json.loads(encode_message(Pong(data=PongData(sent_at=ping.sent_at))))["data"]["sent_at"]
    assert answer == sent_at


UNREADABLE = [
    "",
    " ",
    "{",
    "nonsense",
    "null",
    "1",
    '"text"',
    "[]",
    '[{"type":"ping"}]',
    "{}",
    '{"type":null}',
    '{"type":1}',
    '{"type":["ping"]}',
    '{"type":"ping","sent_at":NaN}',
    '{"type":"ping","sent_at":Infinity}',
    '{"type":"ping","sent_at":1e999}',
    '{"type":"ping","sent_at":{}}',
    '{"type":"ping","sent_at":true}',
    '{"type":"ping","sent_at":' + "9" * 400 + "}",
    '{"type":"ping","sent_at":"' + "x" * 65 + '"}',
    '{"type":"ping","sent_at":"\\ud800"}',
    '{"type":"cancel"}',
    '{"type":"cancel","request_id":""}',
    '{"type":"cancel","request_id":"a b"}',
    '{"type":"cancel","request_id":"a\\n"}',
    '{"type":"cancel","request_id":7}',
    '{"type":"cancel","request_id":"' + "x" * 65 + '"}',
    "[" * 100_000,
    '{"a":' * 100_000,
    "1" * 10_000,
    '{"type":"ping","x":[' + "0," * 30_000 + "0]}",
    "\ud800",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:32].encode("ascii", "replace").decode())
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_client_message(text, LIMITS)


@pytest.mark.parametrize(
    "changes",
    [
        {"session_id": "7"},
        {"session_id": 7.5},
        {"session_id": 0},
        {"session_id": True},
        {"session_id": 2**60},
        {"session_id": None},
        {"attempted_sentence": None},
        {"attempted_sentence": 3},
        {"attempted_sentence": "\ud800"},
        {"request_id": "../../etc"},
        {"request_id": "a\nid: b"},
        {"audio_base64": None},
        {"audio_base64": ["AAAA"]},
        {"filename": "x" * 256},
        {"content_type": 1},
    ],
    ids=str,
)
def test_a_wrong_field_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidMessage):
        read(**changes)


def test_a_refusal_names_the_field_and_repeats_nothing() -> None:
    with pytest.raises(InvalidMessage) as caught:
        read(session_id="my secret")
    assert "session_id" in caught.value.message
    assert "secret" not in caught.value.message


def test_unknown_types_are_told_apart() -> None:
    with pytest.raises(UnknownType):
        parse_client_message('{"type":"dance"}', LIMITS)


@pytest.mark.parametrize(
    "text", ["A", "AAA", "AAAAA", "AA=A", "AA==AAAA", "AA==\n", "A A=", "!!!!", "AAAA====", "ÄÄÄÄ"]
)
def test_bad_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidBase64):
        read(audio_base64=text)


@given(st.binary(max_size=2000), st.integers(min_value=0, max_value=10))
def test_base64_round_trip(audio: bytes, room: int) -> None:
    assert decode_base64(base64.b64encode(audio).decode(), len(audio) + room) == audio


def test_long_base64_is_decoded_in_pieces() -> None:
    audio = bytes(range(256)) * 4096 + b"end"
    text = base64.b64encode(audio).decode()
    assert decode_base64(text, len(audio)) == audio
    spoiled = text[: 256 * 1024 - 2] + "==" + text[256 * 1024 :]
    with pytest.raises(InvalidBase64):
        decode_base64(spoiled, len(audio))


def test_audio_up_to_the_limit() -> None:
    limit = LIMITS.max_audio_bytes
    assert len(read(audio_base64=base64.b64encode(bytes(limit)).decode()).audio) == limit
    with pytest.raises(AudioTooLarge):
        read(audio_base64=base64.b64encode(bytes(limit + 1)).decode())


def test_a_refusal_knows_its_request_if_it_can() -> None:
    bad = read_client_message(json.dumps(ANALYZE | {"audio_base64": "!"}), LIMITS)
    assert isinstance(bad, Unreadable)
    assert (bad.request_id, bad.error.code) == (REQUEST_ID, "invalid_base64")
    for text in ("{", json.dumps(ANALYZE | {"request_id": "a b"}), '{"type":"dance"}'):
        refused = read_client_message(text, LIMITS)
        assert isinstance(refused, Unreadable)
        assert refused.request_id is None


def test_a_form_is_the_same_message() -> None:
    form = {name: value for name, value in ANALYZE.items() if name != "type"}
    form |= {"session_id": "7", "audio_base64": b"sound", "client_phonemes": '[["K"]]', "client_words": '["k"]'}
    assert message_from_form(form, LIMITS) == read(client_phonemes=[["K"]], client_words=["k"])


def test_a_form_with_json_that_is_none_keeps_the_text() -> None:
    form = {"session_id": "7", "attempted_sentence": "A.", "client_phonemes": "[[", "audio_base64": b"x"}
    assert message_from_form(form, LIMITS).client_phonemes == "[["


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)
FIELDS = st.dictionaries(
    st.sampled_from([*AnalyzeAudio.model_fields, "audio_base64", "sent_at", "unknown"]),
    JSON | st.sampled_from(["analyze_audio", "cancel", "ping", "AAAA", "A.", 1, [["K"]]]),
)


def survives(text: str) -> bool:
    """Whether the text is a message; raises what the parser raises, except for our own errors."""
    try:
        parse_client_message(text, LIMITS)
    except SoundItOutError:
        return False
    return True


@given(st.text())
@example("[" * 1_000_000)
@example('{"type":"ping","sent_at":' + "[" * 990 + "]" * 990 + "}")
def test_no_text_raises_anything_but_our_own_errors(text: str) -> None:
    assert not survives(text)


@given(FIELDS, st.sampled_from(["analyze_audio", "cancel", "ping"]))
@example({}, "ping")
def test_no_object_raises_anything_but_our_own_errors(fields: dict[str, Any], kind: str) -> None:
    assert survives(json.dumps(fields | {"type": kind})) in {True, False}
