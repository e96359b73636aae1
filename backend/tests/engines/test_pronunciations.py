import string
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.phonemes import INDEX
from sounditout.analysis.ports import Pronouncer
from sounditout.engines.pronunciations import DictionaryPronouncer
from thorough import examples

PRONOUNCER = DictionaryPronouncer()


def said(word: str) -> set[str]:
    return {" ".join(sounds) for sounds in PRONOUNCER.pronounce(word)}


def test_it_is_a_pronouncer() -> None:
    pronouncer: Pronouncer = PRONOUNCER
    assert pronouncer.pronounce("cat") == (("K", "AE", "T"),)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("the", {"DH AH", "DH IY"}),
        ("a", {"AH", "EY"}),
        ("to", {"T UW", "T AH"}),
        ("and", {"AE N D", "AH N D", "AH N"}),
        ("of", {"AH V"}),
        ("for", {"F AO R", "F ER"}),
        ("can", {"K AE N", "K AH N"}),
        ("your", {"Y AO R", "Y ER"}),
        ("read", {"R EH D", "R IY D"}),
        ("aalborg", {"AO L B AO R G", "AA L B AO R G"}),
    ],
)
def test_every_usual_form_is_accepted(word: str, forms: set[str]) -> None:
    assert forms <= said(word)


def test_the_usual_form_comes_first() -> None:
    assert PRONOUNCER.pronounce("cats")[0] == ("K", "AE", "T", "S")
    assert PRONOUNCER.pronounce("have")[0] == ("HH", "AE", "V")


def test_there_are_no_doubles() -> None:
    for word in ("the", "and", "with", "because", "zyuganov"):
        forms = PRONOUNCER.pronounce(word)
        assert len(forms) == len(set(forms))


@pytest.mark.parametrize(("word", "form"), [("us", "Y UW EH S"), ("am", "EY EH M"), ("him", "IH M"), ("has", "AE Z")])
def test_what_would_be_another_word_is_not_accepted(word: str, form: str) -> None:
    assert form not in said(word)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("grandpa's", "G R AE N P AA Z"),
        ("blip's", "B L IH P S"),
        ("dogs'", "D AO G Z"),
        ("grouch's", "G R AW CH IH Z"),
        ("don't", "D OW N T"),
        ("o'clock", "AH K L AA K"),
        ("goin'", "G OW AH N"),
        ("'tis", "T IH Z"),
    ],
)
def test_apostrophes(word: str, form: str) -> None:
    assert form in said(word)


@pytest.mark.parametrize(
    ("word", "form"),
    [("blorp", "B L AO R P"), ("thizzle", "TH IH Z AH L"), ("zagnut", "Z AE G N AH T"), ("churdle", "CH ER D AH L")],
)
def test_words_that_are_in_no_dictionary(word: str, form: str) -> None:
    assert form in said(word)


def test_a_long_word_is_read_to_its_end() -> None:
    (sounds,) = PRONOUNCER.pronounce("supercalifragilisticexpialidocious")
    assert sounds[:4] == ("S", "UW", "P", "ER")
    assert sounds[-4:] == ("D", "OW", "SH", "AH", "S")[-4:]


def test_without_rules_a_word_is_spelled() -> None:
    assert DictionaryPronouncer(lambda _: None).pronounce("xqz") == (("EH", "K", "S", "K", "Y", "UW", "Z", "IY"),)


@pytest.mark.parametrize("letter", string.ascii_lowercase)
def test_every_letter_has_its_name(letter: str) -> None:
    assert said(letter)


def test_no_letters_have_no_sound() -> None:
    assert PRONOUNCER.pronounce("") == PRONOUNCER.pronounce("'") == PRONOUNCER.pronounce("''") == ()


@given(st.from_regex(r"[a-z']*[a-z][a-z']*", fullmatch=True))
@examples(100)
def test_it_never_fails_for_letters_and_apostrophes(word: str) -> None:
    forms = PRONOUNCER.pronounce(word)
    assert forms
    assert all(forms)
    assert {sound for form in forms for sound in form} <= set(INDEX)


def test_the_whole_dictionary_is_in_our_alphabet() -> None:
    words = {line.split()[0].partition(b"(")[0].decode() for line in PRONOUNCER._lines if line}
    for word in words:
        for form in PRONOUNCER._listed(word):
            assert form
            assert set(form) <= set(INDEX), word


def test_many_threads_at_once() -> None:
    pronouncer = DictionaryPronouncer()
    words = ["cat", "blorp", "zagnut", "florp", "the", "xqz"] * 20
    ready = threading.Barrier(4)

    def work(_: int) -> list[object]:
        ready.wait()
        return [pronouncer.pronounce(word) for word in words]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert all(result == results[0] for result in results)


def test_it_loads_at_once() -> None:
    begun = time.thread_time()
    DictionaryPronouncer().pronounce("cat")
    assert time.thread_time() - begun < 0.3
