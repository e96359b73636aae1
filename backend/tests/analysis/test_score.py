"""The sums of the report, and the verdicts behind them, on hearings that leave no doubt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import read, said, skipped
from reports import report as made_report
from sounditout.analysis.client_hearing import certain_posteriors
from sounditout.analysis.models import (
    Evidence,
    Hearing,
    Pronunciation,
    ReadingReport,
    RecognizerInfo,
    Sentence,
    Word,
    WordReading,
)
from sounditout.analysis.phonemes import INDEX, PHONEMES
from sounditout.analysis.score import (
    accuracy,
    completeness,
    fluency,
    phoneme_error_rate,
    problems,
    report,
    words_correct_per_minute,
)

INFO = RecognizerInfo(name="test", version="1")
SENTENCE = Sentence(
    "the cat sat",
    (
        Word("the", "the", (("DH", "AH"), ("DH", "IY"))),
        Word("cat", "cat", (("K", "AE", "T"),)),
        Word("sat", "sat", (("S", "AE", "T"),)),
    ),
)


def reading(text: str, *, clock: bool = True) -> ReadingReport:
    """Report on `"DH AH K AE T"`, heard without a doubt and without a second listener."""
    phonemes = text.split()
    posteriors = certain_posteriors(phonemes)
    step = 0.1 if clock else None
    return report(Hearing(posteriors, step, len(posteriors) * 0.1), SENTENCE, INFO)


def timed(word: WordReading, start: float, end: float) -> WordReading:
    return word.model_copy(update={"start_seconds": start, "end_seconds": end})


def test_everything_right() -> None:
    found = reading("DH AH K AE T S AE T")

    assert [word.status for word in found.words] == ["correct"] * 3
    assert found.scores.accuracy == found.scores.completeness == 100
    assert found.scores.phoneme_error_rate == 0
    assert found.problems.focus_phoneme is None


def test_a_wrong_sound() -> None:
    found = reading("DH AH K IH T S AE T")

    cat = found.words[1]
    assert cat.status == "mispronounced"
    assert [(one.expected, one.heard, one.status) for one in cat.phonemes] == [
        ("K", "K", "correct"),
        ("AE", "IH", "substituted"),
        ("T", "T", "correct"),
    ]
    assert cat.phoneme_error_rate == pytest.approx(1 / 3, abs=5e-5)
    assert cat.phonemes[1].heard_ipa == "ɪ"
    assert found.scores.accuracy == pytest.approx(100 * 7 / 8)
    assert found.problems.focus_phoneme == "AE"
    assert found.problems.by_group["short_vowel"].wrong == 1


def test_a_sound_that_is_blamed_for_want_of_a_worse_one_stays_in_doubt() -> None:
    posteriors = certain_posteriors(["DH", "AH", "K", "AE", "T", "S", "AE", "T"])
    frame = int(np.argmax(posteriors[:, INDEX["AE"]]))
    posteriors[frame, INDEX["EH"]] = posteriors[frame, INDEX["AE"]] = np.log(0.499)
    surprised = (Evidence((0.0,)), Evidence((14.0,)), Evidence((0.0,)))
    cat = report(Hearing(posteriors, 0.1, 2.0, surprised), SENTENCE, INFO).words[1]

    assert cat.status == "mispronounced"
    blamed = [one for one in cat.phonemes if one.status == "substituted"]
    assert [(one.expected, one.heard) for one in blamed] == [("AE", "EH")]
    assert blamed[0].confidence < cat.confidence / 2


def test_a_skipped_word() -> None:
    found = reading("DH AH S AE T")

    assert [word.status for word in found.words] == ["correct", "omitted", "correct"]
    assert found.words[1].start_seconds is None
    assert found.scores.completeness == pytest.approx(200 / 3, abs=0.05)
    assert found.scores.accuracy == 100
    assert found.scores.phoneme_error_rate == pytest.approx(3 / 8, abs=5e-5)


def test_an_added_word_is_in_reading_order_without_an_index() -> None:
    found = reading("DH AH B IH G K AE T S AE T")

    assert [(word.index, word.status) for word in found.words] == [
        (0, "correct"),
        (None, "inserted"),
        (1, "correct"),
        (2, "correct"),
    ]


def test_without_a_clock_there_are_no_times_and_no_rate() -> None:
    found = reading("DH AH K AE T S AE T", clock=False)

    assert all(word.start_seconds is None for word in found.words)
    assert found.scores.words_correct_per_minute == 0
    assert found.scores.fluency == 100


@given(st.lists(st.sampled_from(PHONEMES), max_size=25))
def test_whatever_was_heard_the_report_is_valid(phonemes: list[str]) -> None:
    found = reading(" ".join(phonemes))

    shown = [word.index for word in found.words if word.index is not None]
    assert shown == [0, 1, 2]
    assert all(word.phonemes for word in found.words)
    ReadingReport.model_validate_json(found.model_dump_json())


@given(st.lists(st.sampled_from([("K", "AE", "T"), ("DH", "AH"), ("S", "AE", "T")]), min_size=1, max_size=8))
def test_reading_what_is_written_is_always_right(words: list[Pronunciation]) -> None:
    sentence = Sentence("…", tuple(Word("w", "w", (word,)) for word in words))
    posteriors = certain_posteriors([phoneme for word in words for phoneme in word])

    found = report(Hearing(posteriors, None, 0.0), sentence, INFO)

    assert {word.status for word in found.words} == {"correct"}


def test_accuracy_counts_only_words_that_were_read() -> None:
    words = made_report(said("cat", "K AE T", "K IH T"), skipped("sat", "S AE T")).words

    assert accuracy(words) == pytest.approx(100 * 2 / 3)
    assert accuracy([words[1]]) == 0
    assert completeness(words, 2) == 50
    assert phoneme_error_rate(words) == pytest.approx(4 / 6)


def test_fluency_is_the_part_of_the_time_spent_reading() -> None:
    words = [timed(read("the"), 0.0, 0.5), timed(read("cat"), 0.6, 1.0), timed(read("sat"), 1.8, 2.0)]

    assert fluency(words) == pytest.approx(100 * (1 - 0.8 / 2.0))
    assert words_correct_per_minute(words) == pytest.approx(90)


def test_nothing_read_has_no_fluency_and_no_rate() -> None:
    words = [skipped("cat", "K AE T")]

    assert fluency(words) == 0
    assert words_correct_per_minute(words) == 0


def test_problems_leave_skipped_words_out() -> None:
    words = made_report(said("cat", "K AE T", "K IH T"), skipped("sat", "S AE T")).words

    found = problems(words)

    assert "S" not in found.by_phoneme
    assert (found.by_phoneme["AE"].expected, found.by_phoneme["AE"].wrong) == (1, 1)


def test_numbers_are_finite_on_flat_posteriors() -> None:
    flat = np.full((50, 40), np.log(1 / 40), np.float32)

    found = report(Hearing(flat, 0.024, 1.2), SENTENCE, INFO)

    assert all(np.isfinite(list(found.scores.model_dump().values())))
