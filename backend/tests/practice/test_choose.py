"""What comes next: the right sound, the right level, never the same again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import read, report, said, skipped, unsure
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.phonemes import PHONEMES
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.practice.bank import LEVELS, load_bank, place_of
from sounditout.practice.choose import next_sentence, wanted_level

BANK = load_bank(DictionaryPronouncer())
BY_TEXT = {sentence.text: sentence for sentence in BANK.sentences}
FIRST = {level: next(s.text for s in BANK.sentences if s.level == level) for level in LEVELS}


def one_slip(sentence: str) -> ReadingReport:
    return report(read("a"), read("b"), said("ship", "SH", "S"), sentence=sentence)


def perfect(sentence: str) -> ReadingReport:
    return report(read("a"), read("b"), sentence=sentence)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("phoneme", PHONEMES)
def test_the_next_sentence_has_the_sound_at_that_level_whenever_there_is_one(phoneme: str, level: int) -> None:
    chosen = BY_TEXT[next_sentence(BANK, one_slip(FIRST[level]), phoneme)]
    assert chosen.counts[phoneme] >= 1
    if any(s.counts.get(phoneme, 0) for s in BANK.sentences if s.level == level and s.text != FIRST[level]):
        assert chosen.level == level


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("phoneme", PHONEMES)
def test_a_sound_comes_up_several_times_where_there_is_enough_to_choose_from(phoneme: str, level: int) -> None:
    rich = [
        s for s in BANK.sentences if s.level == level and s.counts.get(phoneme, 0) >= 2 and s.text != FIRST[level]
    ]
    if len(rich) >= 3:
        assert BY_TEXT[next_sentence(BANK, one_slip(FIRST[level]), phoneme)].counts[phoneme] >= 2


@pytest.mark.parametrize("level", LEVELS)
def test_without_a_sound_to_practise_the_level_goes_on(level: int) -> None:
    chosen = BY_TEXT[next_sentence(BANK, perfect(FIRST[level]), None)]
    assert chosen.level == min(level + 1, 5)


def test_levels_follow_the_reading() -> None:
    lost = report(read("a"), skipped("b"), skipped("c"))
    assert [wanted_level(level, lost) for level in LEVELS] == [1, 1, 2, 3, 4]
    assert [wanted_level(level, one_slip("A.")) for level in LEVELS] == [1, 2, 3, 4, 5]
    assert [wanted_level(level, perfect("A.")) for level in LEVELS] == [2, 3, 4, 5, 5]


def test_one_word_that_went_wrong_in_a_long_sentence_keeps_the_level() -> None:
    assert wanted_level(2, report(*[read("a")] * 20, skipped("b"))) == 2
    assert wanted_level(2, report(*[read("a")] * 20, unsure("b"))) == 3


@given(
    sentence=st.one_of(st.sampled_from(list(BY_TEXT)), st.text(max_size=80)), focus=st.sampled_from([None, *PHONEMES])
)
def test_never_the_sentence_just_read_and_always_the_same_choice(sentence: str, focus: str | None) -> None:
    chosen = next_sentence(BANK, one_slip(sentence), focus)
    assert chosen in BY_TEXT
    assert place_of(chosen) != place_of(sentence)
    assert chosen == next_sentence(BANK, one_slip(sentence), focus)


@pytest.mark.parametrize("phoneme", PHONEMES)
def test_a_session_meets_every_suitable_sentence_before_it_meets_one_again(phoneme: str) -> None:
    read_so_far = [next_sentence(BANK, one_slip("My own sentence of level three is here."), phoneme)]
    while (chosen := next_sentence(BANK, one_slip(read_so_far[-1]), phoneme)) not in read_so_far:
        read_so_far.append(chosen)
    assert len(read_so_far) >= 3


def test_an_unknown_sound_still_gets_a_sentence() -> None:
    assert next_sentence(BANK, one_slip("A."), "XX") in BY_TEXT
