"""The same readings over SSE and over the WebSocket: the same events, and the same report saved once."""

import json
from dataclasses import replace
from typing import Any

import pytest
from readers import new_learner, saved_readings
from transports import OverSse, OverWebSocket, Reading, Transport

from serving import Learner, RunningServer
from speech import encode, joined, noise, silence, speak, tone

WHOLE = ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]
SENTENCE = "The cat sat on the mat."


def good_reading(**more: object) -> Reading:
    return Reading.of(speak(SENTENCE), SENTENCE, **more)


async def test_a_good_reading(transport: Transport, server: RunningServer, learner: Learner) -> None:
    reading = good_reading(request_id="good-1")
    outcome = await transport.read(server, learner, reading)
    assert outcome.milestones == WHOLE
    assert {event["request_id"] for event in outcome.events} == {"good-1"}
    assert [event["seq"] for event in outcome.events] == list(range(len(outcome.events)))
    assert outcome.events[0]["data"] == {"received_bytes": len(reading.audio or b""), "mode": "server"}
    assert outcome.report["sentence"] == SENTENCE
    assert set(outcome.statuses().values()) <= {"correct", "unsure"}
    assert outcome.report["scores"]["accuracy"] > 90
    assert outcome.events[-1]["data"]["timings"]["total"] > 0


async def test_a_misread_word(transport: Transport, server: RunningServer, learner: Learner) -> None:
    outcome = await transport.read(server, learner, Reading.of(speak("The dog sat on the mat."), SENTENCE))
    assert outcome.milestones == WHOLE
    assert outcome.statuses()["cat"] != "correct"
    assert outcome.statuses()["mat"] == "correct"


async def test_the_advice_and_its_sound(transport: Transport, server: RunningServer, learner: Learner) -> None:
    events = {
        event["type"]: event["data"] for event in (await transport.read(server, learner, good_reading())).events
    }
    assert events["gpt_response"]["source"] == "coach"
    assert events["gpt_response"]["feedback"]
    assert events["gpt_response"]["next_sentence"]
    assert events["audio_feedback_file"]["mimetype"] == "audio/mpeg"
    assert len(events["audio_feedback_file"]["data"]) > 1000


async def test_a_reading_is_saved_once_as_it_was_sent(
    transport: Transport, server: RunningServer, learner: Learner
) -> None:
    outcome = await transport.read(server, learner, good_reading(request_id="saved-1"))
    [saved] = saved_readings(server, learner)
    assert saved.request_id == "saved-1"
    assert saved.report == json.loads(json.dumps(outcome.report))
    again = await transport.read(server, learner, good_reading(request_id="saved-1"))
    assert again.milestones == WHOLE
    assert len(saved_readings(server, learner)) == 1


async def test_without_a_request_id_the_server_makes_one(
    transport: Transport, server: RunningServer, learner: Learner
) -> None:
    outcome = await transport.read(server, learner, good_reading())
    [saved] = saved_readings(server, learner)
    assert {event["request_id"] for event in outcome.events} == {saved.request_id}
    assert len(saved.request_id) == 36


SPOKEN = {
    "numbers": ("three cats", "3 cats"),
    "punctuation": ("Well, the cat sat!", "“Well, the cat — sat!”…"),
    "capitals": ("The cat sat.", "THE CAT SAT."),
    "emoji": ("The cat sat.", "The 🐈 cat sat 🎉."),
    "apostrophe": ("Don't sit on the cat.", "Don’t sit on the cat."),
}


@pytest.mark.parametrize("case", SPOKEN, ids=str)
async def test_sentences_as_people_write_them(
    transport: Transport, server: RunningServer, learner: Learner, case: str
) -> None:
    said, shown = SPOKEN[case]
    outcome = await transport.read(server, learner, Reading.of(speak(said), shown))
    assert outcome.milestones == WHOLE
    assert "mispronounced" not in outcome.statuses().values()


async def test_a_word_no_dictionary_knows(transport: Transport, server: RunningServer, learner: Learner) -> None:
    outcome = await transport.read(server, learner, Reading.of(speak("The blorp sat."), "The blorp sat."))
    assert outcome.milestones == WHOLE
    assert "blorp" in outcome.statuses()


UNUSABLE = {
    "silence": (Reading.of(silence(2), SENTENCE), "no_speech"),
    "nothing": (Reading(audio=b"", sentence=SENTENCE), "unsupported_audio"),
    "text": (Reading(audio=b"Dear server, this is no sound.\n" * 100, sentence=SENTENCE), "unsupported_audio"),
    "cut off at once": (Reading(audio=encode(speak(SENTENCE).samples)[:150], sentence=SENTENCE), "unsupported_audio"),
    "too short": (Reading.of(tone(0.1), SENTENCE), "audio_too_short"),
    "too long": (Reading.of(tone(61), SENTENCE), "audio_too_long"),
}


@pytest.mark.parametrize("case", UNUSABLE, ids=str)
async def test_a_recording_that_cannot_be_used(
    transport: Transport, server: RunningServer, learner: Learner, case: str
) -> None:
    reading, code = UNUSABLE[case]
    outcome = await transport.read(server, learner, reading)
    assert outcome.milestones == ["processing_started", "error"]
    assert outcome.code == code
    assert outcome.events[-1]["data"]["message"]
    assert saved_readings(server, learner) == []


async def test_noise_is_not_a_good_reading(transport: Transport, server: RunningServer, learner: Learner) -> None:
    outcome = await transport.read(server, learner, Reading.of(noise(2), SENTENCE))
    if outcome.code is None:
        assert list(outcome.statuses().values()).count("correct") <= 2
    else:
        assert outcome.code == "no_speech"


async def test_a_recording_cut_off_in_the_middle_is_used_as_far_as_it_goes(
    transport: Transport, server: RunningServer, learner: Learner
) -> None:
    whole = encode(joined(speak(SENTENCE), silence(0.5)).samples)
    outcome = await transport.read(server, learner, Reading(audio=whole[: 3 * len(whole) // 4], sentence=SENTENCE))
    assert outcome.milestones == WHOLE


REFUSED: dict[str, tuple[dict[str, Any], str, int]] = {
    "empty sentence": ({"sentence": ""}, "invalid_sentence", 422),
    "sentence of signs": ({"sentence": "…!?"}, "invalid_sentence", 422),
    "long sentence": ({"sentence": "a" * 301}, "invalid_sentence", 422),
    "unknown session": ({"session_id": 999_999}, "unknown_session", 404),
    "session of no kind": ({"session_id": -1}, "invalid_message", 400),
    "session beyond all numbers": ({"session_id": 2**53}, "invalid_message", 400),
    "bad request id": ({"request_id": "a b"}, "invalid_message", 400),
    "too large": ({"audio": bytes(4 * 1024 * 1024 + 1)}, "audio_too_large", 413),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_what_is_refused_before_anything_is_done(
    transport: Transport, server: RunningServer, learner: Learner, case: str
) -> None:
    changes, code, status = REFUSED[case]
    outcome = await transport.read(server, learner, replace(good_reading(), **changes))
    assert outcome.refused == code
    assert outcome.status in {None, status}


async def test_somebody_elses_session(transport: Transport, server: RunningServer, learner: Learner) -> None:
    other = new_learner(server)
    outcome = await transport.read(server, learner, good_reading(session_id=other.session_id))
    assert outcome.refused == "forbidden"
    assert outcome.status in {None, 403}
    assert saved_readings(server, other) == []


HEARD = [["DH", "AH0"], ["K", "AE1", "P"], ["S", "AE", "T"], ["AA", "N"], ["DH", "AH"], ["M", "AE", "T"]]
WORDS = ["the", "cap", "sat", "on", "the", "mat"]


@pytest.mark.parametrize("mode", ["hybrid", "client"])
async def test_what_a_browser_heard(transport: Transport, server: RunningServer, learner: Learner, mode: str) -> None:
    reading = good_reading(client_phonemes=HEARD, client_words=WORDS)
    outcome = await transport.read(server, learner, reading if mode == "hybrid" else replace(reading, audio=None))
    assert outcome.milestones == WHOLE
    assert outcome.events[0]["data"]["mode"] == mode
    assert outcome.report["source"] == "client"
    assert outcome.statuses() == dict.fromkeys(["The", "sat", "on", "the", "mat"], "correct") | {
        "cat": "mispronounced"
    }
    assert len(saved_readings(server, learner)) == 1


@pytest.mark.parametrize("heard", [[["QX"]], "cat", {"a": 1}, [[]], []])
async def test_what_a_browser_cannot_have_heard_is_listened_to_again(
    transport: Transport, server: RunningServer, learner: Learner, heard: object
) -> None:
    outcome = await transport.read(server, learner, good_reading(client_phonemes=heard))
    assert outcome.milestones == WHOLE
    assert outcome.events[0]["data"]["mode"] == "server"
    assert outcome.report["source"] == "server"


@pytest.mark.parametrize(
    ("heard", "code"), [([["QX"]], "invalid_message"), ("x", "invalid_message"), ([], "no_speech")]
)
async def test_what_a_browser_cannot_have_heard_is_refused_without_audio(
    transport: Transport, server: RunningServer, learner: Learner, heard: object, code: str
) -> None:
    outcome = await transport.read(server, learner, replace(good_reading(client_phonemes=heard), audio=None))
    assert outcome.refused == code


BOTH_WAYS = {
    "good": good_reading(),
    "misread": Reading.of(speak("The dog sat on the mat."), SENTENCE),
    "webm": Reading(audio=encode(speak(SENTENCE).samples), sentence=SENTENCE),
    "silence": Reading.of(silence(1), SENTENCE),
    "no sound": Reading(audio=b"nonsense", sentence=SENTENCE),
    "browser": good_reading(client_phonemes=HEARD, client_words=WORDS),
    "browser alone": replace(good_reading(client_phonemes=HEARD), audio=None),
    "quotes and lines": Reading.of(speak(SENTENCE), 'The "cat"\nsat on\tthe mät\u2028.'),
}


@pytest.mark.parametrize("case", BOTH_WAYS, ids=str)
async def test_both_transports_say_the_same(server: RunningServer, case: str) -> None:
    over_sse = await OverSse().read(server, new_learner(server), BOTH_WAYS[case])
    over_websocket = await OverWebSocket().read(server, new_learner(server), BOTH_WAYS[case])
    assert over_sse.comparable() == over_websocket.comparable()
    assert over_sse.refused is over_websocket.refused is None


async def test_both_transports_send_the_same_bytes(server: RunningServer, learner: Learner) -> None:
    reading = good_reading(request_id="same-bytes")
    over_sse = await OverSse().read(server, learner, reading)
    over_websocket = await OverWebSocket().read(server, learner, reading)
    assert over_sse.texts[:-1] == over_websocket.texts[:-1]
    assert over_sse.texts[-1].split('"data"')[0] == over_websocket.texts[-1].split('"data"')[0]
