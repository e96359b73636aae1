"""The phonics data, checked against the dictionary and the list of sounds."""

import re

import pytest

from sounditout.analysis.phonemes import IPA, PHONEMES
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.practice.phonics import PLACES, Place, confusion_hint, sound

PRONOUNCE = DictionaryPronouncer().pronounce

PAIRS = [
    "S SH", "R L", "TH S", "TH T", "TH F", "DH D", "DH Z", "V W", "V B", "V F", "F P", "IH IY", "AE EH", "AE AH",
    "N NG", "B P", "D T", "G K", "Z S", "JH CH", "CH SH", "JH ZH", "R W", "L W", "UH UW", "EH IH", "AA AH", "EH EY",
    "AY IH",
]  # fmt: skip


def has(phoneme: str, place: Place, sounds: tuple[str, ...]) -> bool:
    return {"start": sounds[0] == phoneme, "end": sounds[-1] == phoneme, "middle": phoneme in sounds[1:-1]}[place]


@pytest.mark.parametrize("phoneme", PHONEMES)
def test_every_practice_word_has_the_sound_where_it_says(phoneme: str) -> None:
    known = sound(phoneme)
    for place in PLACES:
        for word in known.words_at(place):
            assert has(phoneme, place, PRONOUNCE(word)[0]), (word, place)
    assert has(phoneme, known.place, PRONOUNCE(known.keyword)[0])


@pytest.mark.parametrize("phoneme", PHONEMES)
def test_every_sound_has_enough_words_and_spellings(phoneme: str) -> None:
    known = sound(phoneme)
    assert len(known.words) >= 5
    assert len(set(known.words)) == len(known.words)
    assert len(known.words_at(known.place)) >= 3
    spelled = re.compile("|".join(spelling.replace("_", ".") for spelling in known.spellings))
    assert [word for word in known.words_at(known.place) if not spelled.search(word)] == []


@pytest.mark.parametrize("phoneme", PHONEMES)
def test_how_a_sound_is_made_is_one_short_sentence_that_can_be_said(phoneme: str) -> None:
    speakable(sound(phoneme).how)
    assert len(sound(phoneme).how.split()) <= 24
    assert not re.search(r"[/“”]", sound(phoneme).said)


def test_every_sound_is_described_in_its_own_way() -> None:
    for said in ("name", "keyword", "how"):
        values = [getattr(sound(phoneme), said) for phoneme in PHONEMES]
        doubled = {value for value in values if values.count(value) > 1}
        assert doubled <= {"ball"}, said  # the b of ball, and its vowel


@pytest.mark.parametrize("pair", PAIRS)
def test_usual_confusions_have_a_hint_in_both_directions(pair: str) -> None:
    expected, heard = pair.split()
    one, other = confusion_hint(expected, heard), confusion_hint(heard, expected)
    assert one
    assert other
    assert one != other


def test_hints_are_short_and_can_be_said() -> None:
    hints = [hint for a in PHONEMES for b in PHONEMES if (hint := confusion_hint(a, b))]
    assert len(hints) >= 100
    for hint in hints:
        speakable(hint)
        assert len(hint.split()) <= 18


def test_a_sound_is_not_confused_with_itself() -> None:
    assert not any(confusion_hint(phoneme, phoneme) for phoneme in PHONEMES)


def test_an_unknown_sound_is_an_error() -> None:
    with pytest.raises(KeyError):
        sound("XX")


def speakable(text: str) -> None:
    assert text.endswith(".")
    assert text.count(".") == 1
    assert not re.search(r"[/!\[\]“”]", text)
    assert not set(text) & (set("".join(IPA.values())) - set("abcdefghijklmnopqrstuvwxyz"))
