import json
from importlib.resources import files

import pytest

from sounditout.analysis.phonemes import INDEX
from sounditout.engines.misaki import SYMBOLS, to_arpabet

NO_SOUND = set(';:,.!?—…"()“” ̃ᵝ↓→↗↘ˈˌːʰʲ')


@pytest.mark.parametrize(
    ("misaki", "arpabet"),
    [
        ("kˈæt", "K AE T"),
        ("ʧˈɜɹdᵊl", "CH ER D AH L"),
        ("ʤˈYlɪzɪŋ", "JH OY L IH Z IH NG"),
        ("mˈITɔt", "M AY T AO T"),
        ("nˈWɪʒ", "N AW IH ZH"),
        ("θˈɔɹO", "TH AO R OW"),
        ("ðˈAɹ", "DH EY R"),
        ("əɹˈIv", "AH R AY V"),
        ("hˈɜɹi", "HH ER IY"),
        ("bˈʌn", "B AH N"),
        ("bˈʊk ʃˈuz", "B UH K SH UW Z"),
        ("wˈɛðəɹz", "W EH DH ER Z"),
        ("jˈɑ", "Y AA"),
    ],
)
def test_known_sounds(misaki: str, arpabet: str) -> None:
    assert to_arpabet(misaki)[0] == tuple(arpabet.split())


def test_a_flap_may_be_heard_either_way() -> None:
    assert to_arpabet("bˈʌɾəɹ") == (("B", "AH", "T", "ER"), ("B", "AH", "D", "ER"))
    assert to_arpabet("bˈʌTəɹ") == to_arpabet("bˈʌɾəɹ")


def test_a_reduced_vowel_may_be_heard_either_way() -> None:
    assert to_arpabet("wˈɑntᵻd") == (("W", "AA", "N", "T", "IH", "D"), ("W", "AA", "N", "T", "AH", "D"))


def test_nothing_said() -> None:
    assert to_arpabet("") == ()
    assert to_arpabet("ˈ.,!") == ()


def test_every_letter_the_voice_knows_is_a_sound_or_none_on_purpose() -> None:
    vocabulary = json.loads(files("hibari").joinpath("assets/vocab.json").read_text("utf-8"))
    rules = json.loads(files("hibari").joinpath("assets/oov.json").read_text("utf-8"))["out"]
    assert set(vocabulary) - SYMBOLS == NO_SOUND
    assert set(rules) - SYMBOLS == set(" ()-1ˈˌ")


def test_every_sound_is_one_of_ours() -> None:
    for symbol in SYMBOLS:
        for said in to_arpabet(symbol):
            assert set(said) <= set(INDEX)
