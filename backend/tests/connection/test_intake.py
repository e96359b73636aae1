"""From a message to a recording."""

from typing import Any

import pytest

from examples import LIMITS
from sounditout.analysis.models import ClientHearing
from sounditout.connection.intake import to_recording
from sounditout.errors import InvalidMessage, InvalidSentence, NoSpeech
from sounditout.messages import AnalyzeAudio


def message(**changes: Any) -> AnalyzeAudio:  # noqa: ANN401
    fields = {
        "type": "analyze_audio",
        "session_id": 7,
        "attempted_sentence": "The cat sat.",
        "audio_base64": b"sound",
    }
    return AnalyzeAudio.model_validate(fields | changes, context=LIMITS)


def test_everything_is_carried_over() -> None:
    recording = to_recording(message(filename="a.webm", content_type="audio/webm"), 3, "r-1", LIMITS)
    assert (recording.request_id, recording.user_id, recording.session_id) == ("r-1", 3, 7)
    assert (recording.sentence, recording.audio) == ("The cat sat.", b"sound")
    assert (recording.filename, recording.content_type) == ("a.webm", "audio/webm")
    assert recording.mode == "server"


@pytest.mark.parametrize("sentence", ["", "   ", "\n", "…!?", "🐈🐈", "a\0b", "x" * 301])
def test_a_sentence_nobody_can_read(sentence: str) -> None:
    with pytest.raises(InvalidSentence):
        to_recording(message(attempted_sentence=sentence), 3, "r-1", LIMITS)


@pytest.mark.parametrize("sentence", ["A", "3", "blorp", "  The   cat\n", "x" * 300, "🐈 cat", "İ"])
def test_a_sentence_that_may_be_tried(sentence: str) -> None:
    assert to_recording(message(attempted_sentence=sentence), 3, "r-1", LIMITS).sentence == " ".join(sentence.split())


def test_what_the_browser_heard_is_used_with_and_without_audio() -> None:
    heard = {"client_phonemes": [["K", "AE", "T"]], "client_words": ["cat"]}
    hybrid = to_recording(message(**heard), 3, "r-1", LIMITS)
    alone = to_recording(message(**heard, audio_base64=""), 3, "r-1", LIMITS)
    assert hybrid.client == alone.client == ClientHearing((("K", "AE", "T"),), ("cat",))
    assert (hybrid.mode, alone.mode) == ("hybrid", "client")


@pytest.mark.parametrize("phonemes", ["nonsense", [["QX"]], [], [[]], {"a": 1}, 3, [["K"]] * 201])
def test_what_cannot_be_used_is_ignored_beside_audio(phonemes: object) -> None:
    assert to_recording(message(client_phonemes=phonemes), 3, "r-1", LIMITS).mode == "server"


@pytest.mark.parametrize("phonemes", ["nonsense", [["QX"]], {"a": 1}, 3])
def test_what_cannot_be_used_is_refused_without_audio(phonemes: object) -> None:
    with pytest.raises(InvalidMessage):
        to_recording(message(client_phonemes=phonemes, audio_base64=""), 3, "r-1", LIMITS)


def test_a_browser_that_heard_nothing_and_sent_no_audio() -> None:
    with pytest.raises(NoSpeech):
        to_recording(message(client_phonemes=[[]], audio_base64=""), 3, "r-1", LIMITS)
