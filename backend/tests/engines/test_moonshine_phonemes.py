"""The real models on generated speech."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.judge import listen_to
from sounditout.analysis.models import SAMPLE_RATE, ReadingReport, Sentence, Waveform
from sounditout.analysis.phonemes import CLASSES
from sounditout.analysis.ports import Engines
from sounditout.analysis.score import report
from sounditout.analysis.sentence import parse_sentence
from sounditout.errors import NoSpeech
from speech import joined, noise, silence, speak, speak_phonemes, tone

TEXT = "The little cat sat on the red mat."
LONG = (
    "My mother bought seven yellow umbrellas, and then we walked slowly down the long street to the old house "
    "where my grandmother lives with her two dogs and a very small cat that sleeps all day."
)


def sentence(text: str, engines: Engines) -> Sentence:
    return parse_sentence(text, engines.pronouncer, 300)


def read(waveform: Waveform, text: str, engines: Engines) -> ReadingReport:
    shown = sentence(text, engines)
    heard, alignment = listen_to(waveform, shown, engines.recognizer, Cancellation())
    return report(heard, shown, engines.recognizer.info, alignment=alignment)


def statuses(found: ReadingReport) -> dict[str, str]:
    return {f"{word.index}:{word.text}": word.status for word in found.words if word.status != "correct"}


@pytest.mark.parametrize("speed", [0.7, 1.0, 1.3])
def test_a_good_reading_is_all_correct(engines: Engines, speed: float) -> None:
    found = read(speak(TEXT, speed), TEXT, engines)

    assert statuses(found) == {}
    assert found.scores.accuracy == found.scores.completeness == 100
    assert found.scores.phoneme_error_rate == 0


def test_shouted_text_is_read_like_any_other(engines: Engines) -> None:
    assert statuses(read(speak(TEXT), TEXT.upper(), engines)) == {}


def test_a_wrong_vowel_is_heard_and_named(engines: Engines) -> None:
    found = read(speak_phonemes("ðə lˈɪTᵊl kˈʌt sˈæt ˌɔn ðə ɹˈɛd mˈæt."), TEXT, engines)

    assert statuses(found) == {"2:cat": "mispronounced"}
    wrong = [(one.expected, one.heard) for one in found.words[2].phonemes if one.status != "correct"]
    assert wrong == [("AE", "AH")]
    assert found.problems.focus_phoneme == "AE"


def test_a_wrong_consonant_is_heard_and_named(engines: Engines) -> None:
    found = read(speak_phonemes("ðə lˈɪTᵊl kˈæt sˈæt ˌɔn ðə ɹˈɛd bˈæt."), TEXT, engines)

    assert statuses(found) == {"7:mat": "mispronounced"}
    assert [one.heard for one in found.words[7].phonemes] == ["B", "AE", "T"]


def test_two_miscues_in_one_sentence_are_both_heard(engines: Engines) -> None:
    found = read(speak_phonemes("ðə lˈɪTᵊl kˈʌt sˈɪt ˌɔn ðə ɹˈɛd mˈæt."), TEXT, engines)

    assert statuses(found) == {"2:cat": "mispronounced", "3:sat": "mispronounced"}


def test_a_skipped_word_is_omitted(engines: Engines) -> None:
    found = read(speak("The little cat on the red mat."), TEXT, engines)

    assert statuses(found) == {"3:sat": "omitted"}
    assert found.scores.completeness == pytest.approx(100 * 7 / 8)


def test_a_reading_that_stops_early_leaves_the_rest_omitted(engines: Engines) -> None:
    found = read(speak("The little cat."), TEXT, engines)

    assert [word.status for word in found.words][:3] == ["correct"] * 3
    assert {word.status for word in found.words[3:]} == {"omitted"}


def test_a_repeated_word_is_inserted_and_named(engines: Engines) -> None:
    found = read(speak("The little cat cat sat on the red mat."), TEXT, engines)

    assert [word.text for word in found.words if word.status == "inserted"] == ["cat"]


@pytest.mark.parametrize(
    "phonemes",
    [
        "ðə kˈæ, lˈɪTᵊl kˈæt sˈæt ˌɔn ðə ɹˈɛd mˈæt.",  # begins the wrong word, then goes back
        "ðə lˈɪTᵊl kˈæ, kˈæt sˈæt ˌɔn ðə ɹˈɛd mˈæt.",  # stops in a word, then says it again
        "ʌm, ðə lˈɪTᵊl kˈæt, nˈO wˈAt, sˈæt ˌɔn ðə ɹˈɛd mˈæt.",  # talks between the words
    ],
)
def test_false_starts_are_additions_and_no_miscues(engines: Engines, phonemes: str) -> None:
    found = read(speak_phonemes(phonemes), TEXT, engines)

    assert {word.status for word in found.words if word.index is not None} == {"correct"}
    assert any(word.status == "inserted" for word in found.words)


def test_a_pause_costs_fluency_and_nothing_else(engines: Engines) -> None:
    halting = joined(speak("The little cat"), silence(1.5), speak("sat on the red mat."))

    found = read(halting, TEXT, engines)

    assert statuses(found) == {}
    assert found.scores.fluency < 70


def test_another_sentence_is_mostly_wrong_and_does_not_crash(engines: Engines) -> None:
    found = read(speak("My mother bought seven yellow umbrellas."), TEXT, engines)

    wrong = [word for word in found.words if word.status in {"mispronounced", "omitted"}]
    assert len(wrong) >= 6


@pytest.mark.parametrize("text", ["a", "I", "cat"])
def test_one_short_word_is_enough(engines: Engines, text: str) -> None:
    assert read(speak(text), text, engines).words[0].status in {"correct", "unsure"}


@pytest.mark.parametrize(
    "waveform", [silence(2), noise(2, 0.1), noise(2, 0.003), tone(2), Waveform(np.zeros(0, np.float32))]
)
def test_what_is_no_speech_is_refused(engines: Engines, waveform: Waveform) -> None:
    with pytest.raises(NoSpeech):
        engines.recognizer.listen(waveform, sentence(TEXT, engines), Cancellation())


@pytest.mark.parametrize("gain", [0.01, 20.0])
def test_loudness_does_not_matter(engines: Engines, gain: float) -> None:
    heard = Waveform((speak(TEXT).samples * np.float32(gain)).astype(np.float32))

    assert statuses(read(heard, TEXT, engines)) == {}


def test_a_long_recording_is_heard_in_pieces_with_one_clock(engines: Engines) -> None:
    slow = speak(LONG, 0.55)
    assert slow.seconds > 15

    found = read(slow, LONG, engines)

    assert [word.text for word in found.words if word.status in {"mispronounced", "omitted"}] == []
    starts = [word.start_seconds for word in found.words if word.start_seconds is not None]
    assert starts == sorted(starts)
    assert starts[-1] == pytest.approx(slow.seconds - 1, abs=1)


def test_silence_before_the_reading_moves_every_time(engines: Engines) -> None:
    early, late = read(speak(TEXT), TEXT, engines), read(joined(silence(1), speak(TEXT)), TEXT, engines)

    for one, two in zip(early.words, late.words, strict=True):
        assert one.start_seconds is not None
        assert two.start_seconds == pytest.approx(one.start_seconds + 1, abs=0.1)


def test_hearing_has_the_promised_shapes(engines: Engines) -> None:
    shown = sentence(TEXT, engines)
    heard, _ = listen_to(speak(TEXT), shown, engines.recognizer, Cancellation())

    frames = len(heard.log_probs)
    assert heard.log_probs.shape == (frames, CLASSES)
    assert np.allclose(np.exp(heard.log_probs).sum(axis=1), 1, atol=1e-3)
    assert heard.embeddings is not None
    assert heard.embeddings.shape == (frames, 576)
    assert heard.evidence is not None
    assert len(heard.evidence) == len(shown.words)
    assert heard.seconds_per_frame == pytest.approx(speak(TEXT).seconds / frames, rel=0.05)


def test_threads_hear_the_same(engines: Engines) -> None:
    shown = sentence(TEXT, engines)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: listen_to(speak(TEXT), shown, engines.recognizer, Cancellation()), range(8)))

    first, alignment = found[0]
    assert all(np.array_equal(heard.log_probs, first.log_probs) for heard, _ in found)
    assert all(heard.evidence == first.evidence for heard, _ in found)
    assert all(one == alignment for _, one in found)


def test_the_judge_was_fitted_for_this_head(engines: Engines) -> None:
    from sounditout.analysis.verdict import packaged_judge

    assert packaged_judge().head == engines.recognizer.info.version


def test_a_tenth_of_a_second_does_no_harm(engines: Engines) -> None:
    short = Waveform(speak(TEXT).samples[: SAMPLE_RATE // 10])

    with pytest.raises(NoSpeech):
        engines.recognizer.listen(short, sentence(TEXT, engines), Cancellation())


def test_a_short_reading_in_a_long_silence_is_heard(engines: Engines) -> None:
    waited = joined(silence(6), speak(TEXT), silence(14))
    assert statuses(read(waited, TEXT, engines)) == {}


def test_a_click_in_silence_is_no_reading(engines: Engines) -> None:
    with pytest.raises(NoSpeech):
        engines.recognizer.listen(joined(silence(2), tone(0.02), silence(2)), sentence(TEXT, engines), Cancellation())
