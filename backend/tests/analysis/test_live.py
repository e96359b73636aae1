"""The real recogniser follows generated speech, a quarter of a second at a time."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from sounditout.analysis.align import align
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.events import PartialData
from sounditout.analysis.graph import Graph, build_graph
from sounditout.analysis.live import LiveReading
from sounditout.analysis.models import SAMPLE_RATE, Float32, Hearing, RecognizerInfo, Sentence, Waveform
from sounditout.analysis.ports import Engines, PhonemeRecognizer
from sounditout.analysis.sentence import parse_sentence
from sounditout.analysis.verdict import packaged_judge
from sounditout.errors import Cancelled, NoSpeech
from speech import as_wav, encode, joined, noise, silence, speak, speak_phonemes

LIMITS = DecodeLimits(min_seconds=0.3, max_seconds=60, max_bytes=4 * 1024 * 1024)
TEXT = "The little cat sat on the red mat."
LONG = (
    "My mother bought seven yellow umbrellas, and then we walked slowly down the long street to the old house "
    "where my grandmother lives with her two dogs and a very small cat that sleeps all day."
)
SMALL_WORDS = "I am in a big red bus and it is on its way up to the top of a hill in the sun."
"""23 words, of which the voice says five a second, and more when it hurries."""
STEP = SAMPLE_RATE // 4
HEADER_BYTES = 44


class Measured:
    """A recogniser that notes how many seconds it was given each time."""

    def __init__(self, inner: PhonemeRecognizer) -> None:
        self._inner = inner
        self.seconds: list[float] = []

    @property
    def info(self) -> RecognizerInfo:
        return self._inner.info

    def listen(self, waveform: Waveform, sentence: Sentence, stop: Cancellation) -> Hearing:
        self.seconds.append(waveform.seconds)
        return self._inner.listen(waveform, sentence, stop)

    def second_opinion(self, hearing: Hearing, sentence: Sentence, stop: Cancellation) -> None:
        del hearing, sentence, stop


@pytest.fixture
def recognizer(engines: Engines) -> Measured:
    return Measured(engines.recognizer)


def sentence(text: str, engines: Engines) -> Sentence:
    return parse_sentence(text, engines.pronouncer, 300)


def growing_wav(samples: Float32, step: int = STEP) -> Iterator[bytes]:
    """All bytes so far, `step` samples more each time."""
    whole = as_wav(samples)
    for end in range(step, len(samples) + step, step):
        yield whole[: HEADER_BYTES + 2 * end]


def follow(spoken: Waveform, shown: Sentence, recognizer: PhonemeRecognizer, step: int = STEP) -> list[PartialData]:
    live = LiveReading(shown, recognizer, LIMITS)
    stop = Cancellation()
    return [live.follow(audio, stop) for audio in growing_wav(spoken.samples, step)]


def statuses(told: PartialData) -> list[str]:
    return [word.status for word in told.words]


def told_at(told: list[PartialData]) -> dict[int, float]:
    """Seconds that had been heard when a word was told of first."""
    first: dict[int, float] = {}
    for partial in told:
        for word in partial.words:
            first.setdefault(word.index, partial.heard_seconds)
    return first


def ends(spoken: Waveform, shown: Sentence, recognizer: PhonemeRecognizer) -> list[float]:
    """Seconds at which the words are over, by the alignment of the whole."""
    hearing = recognizer.listen(spoken, shown, Cancellation())
    assert hearing.seconds_per_frame is not None
    return [word.end * hearing.seconds_per_frame for word in align(hearing, shown, packaged_judge().costs).words]


def assert_list_only_grows(told: list[PartialData]) -> None:
    for before, after in pairwise(told):
        assert len(before.words) <= len(after.words)
        assert before.heard_seconds <= after.heard_seconds
    for partial in told:
        assert [word.index for word in partial.words] == list(range(len(partial.words)))


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        (TEXT, 0.7),
        (TEXT, 1.0),
        (TEXT, 1.3),
        ("My mother bought seven yellow umbrellas.", 1.0),
        ("The dog ran home to the big cat.", 1.3),
        (SMALL_WORDS, 1.0),
        (SMALL_WORDS, 1.2),
    ],
)
def test_words_are_told_soon_after_they_are_said_and_never_before(
    text: str, speed: float, engines: Engines, recognizer: Measured
) -> None:
    shown, spoken = sentence(text, engines), joined(silence(0.5), speak(text, speed), silence(1))

    told = follow(spoken, shown, recognizer)

    assert_list_only_grows(told)
    assert len(told[-1].words) == len(shown.words)
    assert statuses(told[-1]).count("correct") >= len(shown.words) - 1  # the voice slurs "my" when it speaks fast
    delays = np.array([told_at(told)[i] - end for i, end in enumerate(ends(spoken, shown, recognizer))])
    assert delays.min() >= -0.15
    assert np.quantile(delays, 0.8) <= 0.6


def test_the_finished_recording_is_decoded_as_if_it_had_come_at_once(engines: Engines, recognizer: Measured) -> None:
    audio = encode(speak(TEXT).samples)
    live, stop = LiveReading(sentence(TEXT, engines), recognizer, LIMITS), Cancellation()
    for end in range(2000, len(audio), 4000):
        live.follow(audio[:end], stop)

    assert np.array_equal(live.waveform(audio, stop).samples, decode(audio, LIMITS).samples)


def test_a_skipped_word_is_not_called_correct(engines: Engines, recognizer: Measured) -> None:
    spoken = joined(speak("The little cat on the red mat."), silence(1))

    told = statuses(follow(spoken, sentence(TEXT, engines), recognizer)[-1])

    assert len(told) == 8
    assert told[3] in {"omitted", "unsure"}
    assert told[:3] + told[4:] == ["correct"] * 7


def test_nobody_is_told_on_the_way_that_a_word_was_wrong(engines: Engines, recognizer: Measured) -> None:
    spoken = joined(speak_phonemes("ðə lˈɪTᵊl kˈʌt sˈæt ˌɔn ðə ɹˈɛd mˈæt."), silence(1))

    told = statuses(follow(spoken, sentence(TEXT, engines), recognizer)[-1])

    assert told[2] == "unsure"
    assert told[3:] == ["correct"] * 5


def test_a_pause_does_not_move_the_reader_on(engines: Engines, recognizer: Measured) -> None:
    spoken = joined(speak("The little cat"), silence(4))

    told = follow(spoken, sentence(TEXT, engines), recognizer)

    assert statuses(told[-1]) == ["correct"] * 3


def test_words_that_were_read_a_while_ago_are_not_looked_for_again(
    engines: Engines, recognizer: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[int] = []

    def noted(ahead: Sentence) -> Graph:
        looked_for.append(len(ahead.words))
        return build_graph(ahead)

    monkeypatch.setattr("sounditout.analysis.progress.build_graph", noted)
    shown = sentence(TEXT, engines)

    told = follow(joined(speak(TEXT, 0.7), silence(2)), shown, recognizer)

    assert statuses(told[-1]) == ["correct"] * 8
    assert max(looked_for) == 8
    assert looked_for[-1] == 4


def test_reading_goes_on_after_a_pause(engines: Engines, recognizer: Measured) -> None:
    spoken = joined(speak("The little cat"), silence(12), speak("sat on the red mat."), silence(1))

    told = follow(spoken, sentence(TEXT, engines), recognizer, step=SAMPLE_RATE)

    assert_list_only_grows(told)
    assert statuses(told[-1]) == ["correct"] * 8
    assert told_at(told)[3] > 12


def test_reading_the_beginning_again_does_not_run_ahead(engines: Engines, recognizer: Measured) -> None:
    again = joined(speak("The little cat."), silence(0.5), speak("The little cat."), silence(0.5))
    spoken = joined(again, speak(TEXT), silence(1))

    told = follow(spoken, sentence(TEXT, engines), recognizer, step=SAMPLE_RATE // 2)

    assert_list_only_grows(told)
    assert all(len(partial.words) <= 3 for partial in told if partial.heard_seconds < again.seconds)
    assert len(told[-1].words) == 8


@pytest.mark.parametrize("nothing", [silence(3), noise(3, 0.1), noise(3, 0.01), joined(noise(1), silence(1))])
def test_silence_and_noise_are_no_words(nothing: Waveform, engines: Engines, recognizer: Measured) -> None:
    told = follow(nothing, sentence(TEXT, engines), recognizer)

    assert all(partial.words == () for partial in told)
    assert told[-1].heard_seconds > 1


def test_another_sentence_is_not_taken_for_this_one(engines: Engines, recognizer: Measured) -> None:
    spoken = joined(speak("My mother bought seven yellow umbrellas."), silence(1))

    told = follow(spoken, sentence(TEXT, engines), recognizer)

    assert len(told[-1].words) <= 1


@pytest.mark.parametrize(
    "audio",
    [b"", bytes(5000), encode(speak(TEXT).samples)[:600], as_wav(silence(0.2).samples)],
    ids=["empty", "zeros", "header", "too short"],
)
def test_what_cannot_be_opened_yet_is_no_error(audio: bytes, engines: Engines, recognizer: Measured) -> None:
    told = LiveReading(sentence(TEXT, engines), recognizer, LIMITS).follow(audio, Cancellation())

    assert told == PartialData(words=(), heard_seconds=0)
    assert recognizer.seconds == []


def test_nothing_new_is_not_listened_to_again(engines: Engines, recognizer: Measured) -> None:
    live, audio = LiveReading(sentence(TEXT, engines), recognizer, LIMITS), as_wav(speak(TEXT).samples)

    assert live.follow(audio, Cancellation()) == live.follow(audio, Cancellation())
    assert len(recognizer.seconds) == 1


def test_a_long_reading_is_followed_with_a_bounded_ear(engines: Engines, recognizer: Measured) -> None:
    shown, spoken = sentence(LONG, engines), joined(speak(LONG, 0.55), silence(1))
    assert spoken.seconds > 16

    told = follow(spoken, shown, recognizer, step=SAMPLE_RATE)

    assert_list_only_grows(told)
    assert max(recognizer.seconds) <= 10
    assert len(told[-1].words) == len(shown.words)
    assert statuses(told[-1]).count("correct") >= 0.9 * len(shown.words)
    delays = [told_at(told)[i] - end for i, end in enumerate(ends(spoken, shown, recognizer))]
    assert min(delays) >= -0.15


def test_a_reader_who_came_all_at_once_is_caught_up_with(engines: Engines, recognizer: Measured) -> None:
    shown, audio = sentence(LONG, engines), as_wav(joined(speak(LONG, 0.55), silence(1)).samples)
    live = LiveReading(shown, recognizer, LIMITS)

    told = [live.follow(audio, Cancellation()) for _ in range(5)]

    assert_list_only_grows(told)
    assert max(recognizer.seconds) <= 10
    assert len(told[-1].words) == len(shown.words)


def test_nothing_is_listened_to_after_the_request_to_stop(engines: Engines, recognizer: Measured) -> None:
    live, stop = LiveReading(sentence(TEXT, engines), recognizer, LIMITS), Cancellation()
    stop.request()

    with pytest.raises(Cancelled):
        live.follow(as_wav(speak(TEXT).samples), stop)

    assert recognizer.seconds == []


def test_a_look_that_was_stopped_is_made_good_by_the_next(engines: Engines) -> None:
    live = LiveReading(sentence(TEXT, engines), engines.recognizer, LIMITS)
    audio = as_wav(joined(speak(TEXT), silence(1)).samples)
    stop = Cancellation()
    stop.request()
    with pytest.raises(Cancelled):
        live.follow(audio, stop)

    assert len(live.follow(audio, Cancellation()).words) == 8


@pytest.mark.parametrize(
    "between", [noise(12, 0.05), speak(LONG.partition(",")[0] + "." + LONG.partition(",")[2], 0.7)]
)
def test_noise_and_talk_do_not_move_the_reader_on(between: Waveform, engines: Engines, recognizer: Measured) -> None:
    before = joined(speak("The little cat"), silence(0.5), between)
    spoken = joined(before, silence(1), speak("sat on the red mat."), silence(1))

    told = follow(spoken, sentence(TEXT, engines), recognizer, step=SAMPLE_RATE)

    assert all(len(partial.words) <= 3 for partial in told if partial.heard_seconds < before.seconds)
    assert len(told[-1].words) == 8


def test_a_reader_who_was_lost_is_found_again(engines: Engines, recognizer: Measured) -> None:
    beginning, rest = LONG.split(", ")
    elsewhere = speak("The dog ran home to the big cat, and nobody saw it go there or come back.", 0.6)
    spoken = joined(speak(beginning[: beginning.index("yellow")]), elsewhere, speak(rest, 0.7), silence(1))

    told = follow(spoken, sentence(LONG, engines), recognizer, step=SAMPLE_RATE)

    assert_list_only_grows(told)
    assert len(told[-1].words) == len(LONG.split())
    assert statuses(told[-1])[4:6] == ["unsure", "unsure"] or "omitted" in statuses(told[-1])[4:6]


def test_nothing_said_is_an_error_of_the_whole_and_not_of_its_parts(engines: Engines) -> None:
    shown = sentence(TEXT, engines)
    with pytest.raises(NoSpeech):
        engines.recognizer.listen(silence(2), shown, Cancellation())
    told = LiveReading(shown, engines.recognizer, LIMITS).follow(as_wav(silence(2).samples), Cancellation())
    assert told.words == ()
