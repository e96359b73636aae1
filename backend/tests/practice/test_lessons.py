"""From a report to the one thing it teaches."""

import pytest

from reports import extra, read, report, said, skipped, unsure
from sounditout.analysis.models import WordReading
from sounditout.practice.lessons import (
    AllRight,
    ExtraWords,
    HardWord,
    Lesson,
    NotHeard,
    ReadTogether,
    SoundSlip,
    Stopped,
    lesson_of,
)

FINE = [read("the"), read("cat"), read("sat")]
SLIP = said("ship", "SH IH P", "S IH P")


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        ([], AllRight(())),
        (FINE, AllRight(())),
        ([*FINE, unsure("on")], AllRight(("on",))),
        ([*FINE, SLIP], SoundSlip("ship", "SH", "S", missing=False, place="start", sounds=3)),
        ([*FINE, said("ship", "SH IH P", "SH IH -")], SoundSlip("ship", "P", None, True, "end", 3)),
        ([*FINE, said("stop", "S T AA P", "S D AA P")], SoundSlip("stop", "T", "D", False, "middle", 4)),
        ([*FINE, said("stop", "S T AA P -", "S T AA P T")], SoundSlip("stop", None, "T", False, "end", 4)),
        ([*FINE, said("ship", "SH IH P", "AH IH P")], SoundSlip("ship", "SH", None, False, "start", 3)),
        ([*FINE, said("ship", "SH IH P", "SH IH P")], HardWord("ship")),
        ([*FINE, said("ship", "SH IH P", "K AE T")], HardWord("ship")),
        ([*FINE, said("eye", "AY", "EY")], SoundSlip("eye", "AY", "EY", False, "start", 1)),
        ([*FINE, skipped("on")], NotHeard(("on",))),
        ([*FINE[:2], extra(), *FINE[2:]], ExtraWords(many=False, after="cat")),
        ([extra(), *FINE, extra()], ExtraWords(many=True, after=None)),
        ([*FINE, skipped("on"), skipped("it")], Stopped("sat", "on", all_right_so_far=True)),
        ([*FINE, SLIP, *map(skipped, ("on", "it", "now"))], Stopped("ship", "on", all_right_so_far=False)),
        ([SLIP, SLIP, *FINE[:1]], ReadTogether()),
        (list(map(skipped, ("on", "it", "now"))), ReadTogether()),
        ([SLIP], SoundSlip("ship", "SH", "S", False, "start", 3)),
        ([skipped("on")], NotHeard(("on",))),
    ],
)
def test_the_lesson(words: list[WordReading], lesson: Lesson) -> None:
    assert lesson_of(report(*words, sentence="A sentence.")) == lesson


def test_a_slip_comes_before_a_skipped_word_and_that_before_an_extra_one() -> None:
    everything = [*FINE, *FINE, skipped("on"), read("a"), extra(), read("b")]
    assert lesson_of(report(*everything, SLIP)) == SoundSlip("ship", "SH", "S", False, "start", 3)
    assert lesson_of(report(*everything)) == NotHeard(("on",))


def test_of_two_slips_in_one_word_the_surer_is_chosen() -> None:
    word = said("stop", "S T AA P", "Z T AA B")
    first, *middle, last = word.phonemes
    surer = last.model_copy(update={"confidence": 0.99})
    word = word.model_copy(update={"phonemes": (first, *middle, surer)})
    assert lesson_of(report(*FINE, word, focus="T")) == SoundSlip("stop", "P", "B", False, "end", 4)
