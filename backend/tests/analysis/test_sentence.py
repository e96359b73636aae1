import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sounditout.analysis.models import Pronunciation, Sentence
from sounditout.analysis.phonemes import INDEX
from sounditout.analysis.sentence import parse_sentence
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.errors import InvalidSentence
from thorough import examples

PRONOUNCER = DictionaryPronouncer()


def parse(text: str) -> Sentence:
    return parse_sentence(text, PRONOUNCER, 300)


def texts(text: str) -> list[str]:
    return [word.text for word in parse(text).words]


def spoken(text: str) -> list[str]:
    return [word.spoken for word in parse(text).words]


def said(text: str) -> set[str]:
    (word,) = parse(text).words
    return {" ".join(sounds) for sounds in word.pronunciations}


class TestWords:
    def test_punctuation_and_capitals(self) -> None:
        sentence = parse('  The "cat" sat,   on (the) MAT!  ')
        assert sentence.text == 'The "cat" sat, on (the) MAT!'
        assert [word.text for word in sentence.words] == ["The", "cat", "sat", "on", "the", "MAT"]
        assert sentence.spoken == "the cat sat on the mat"

    def test_every_word_has_its_pronunciations(self) -> None:
        (word,) = parse("the").words
        assert word.pronunciations == PRONOUNCER.pronounce("the")

    @pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "`", "´"])
    def test_every_apostrophe(self, apostrophe: str) -> None:
        assert spoken(f"Don{apostrophe}t go") == ["don't", "go"]

    def test_quotation_marks_are_no_apostrophes(self) -> None:
        assert texts("‘Go home,’ she said, 'now'.") == ["Go", "home", "she", "said", "now"]

    def test_elisions_keep_theirs(self) -> None:
        assert texts("'Tis rock 'n' roll, get 'em") == ["'Tis", "rock", "'n", "roll", "get", "'em"]

    def test_possessives(self) -> None:
        assert spoken("the dogs' and cat's bowls") == ["the", "dogs", "and", "cat's", "bowls"]

    def test_dropped_endings(self) -> None:
        assert "G OW AH N" in said("goin'")

    @pytest.mark.parametrize("dash", ["–", "—", " - ", "―", "…", "/", ";"])
    def test_what_parts_words(self, dash: str) -> None:
        assert texts(f"stop{dash}now") == ["stop", "now"]

    @pytest.mark.parametrize("hyphen", ["-", "‐", "‑"])
    def test_hyphens_join(self, hyphen: str) -> None:
        (word,) = parse(f"mother{hyphen}in{hyphen}law").words
        assert word.text == "mother-in-law"
        assert word.spoken == "mother in law"
        assert word.pronunciations[0] == ("M", "AH", "DH", "ER", "IH", "N", "L", "AO")

    def test_emoji_and_invisible_characters_are_dropped(self) -> None:
        assert texts("I\u00a0love 😀 my ca\u00adt\u200b ❤️!") == ["I", "love", "my", "cat"]

    def test_accents(self) -> None:
        assert spoken("Zoë's naïve café") == ["zoe's", "naive", "cafe"]
        assert texts("Zoe\u0308") == ["Zoë"]

    def test_what_cannot_be_written_in_utf_8_is_dropped(self) -> None:
        assert parse("a \ud83d cat").text == "a cat"

    def test_words_nobody_has_ever_read(self) -> None:
        assert spoken("blorp xqz") == ["blorp", "xqz"]


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("3", "three"),
            ("23", "twenty three"),
            ("101", "one hundred one"),
            ("1,234", "one thousand two hundred thirty four"),
            ("2024", "twenty twenty four"),
            ("1905", "nineteen oh five"),
            ("1st", "first"),
            ("22nd", "twenty second"),
            ("3.5", "three point five"),
            (".25", "zero point two five"),
            ("-5", "minus five"),
            ("007", "zero zero seven"),
            ("$5", "five dollars"),
            ("$1", "one dollar"),
            ("$5.50", "five dollars and fifty cents"),
            ("£0.01", "one pence"),
            ("$3 million", "three million dollars"),
            ("50%", "fifty percent"),
            ("10:30", "ten thirty"),
            ("10:00", "ten o'clock"),
            ("7:05", "seven oh five"),
            ("1/2", "one half"),
            ("3/4", "three quarters"),
            ("2/3", "two thirds"),
            ("½", "one half"),
            ("2½", "two and a half"),
            ("1990s", "nineteen nineties"),
            ("'60s", "sixties"),
            ("3-5", "three to five"),
            ("3 – 5", "three to five"),
            ("3D", "three d"),
            ("5-year-old", "five year old"),
            ("10kg", "ten kilograms"),
            ("20°", "twenty degrees"),
            ("4x4", "four x four"),
            ("100,000,000,000,000", "one " + " ".join(["zero"] * 14)),
        ],
    )
    def test_one_word_read_as_people_read_it(self, text: str, words: str) -> None:
        (word,) = parse(text).words
        assert word.spoken == words

    def test_it_is_shown_as_it_was_written(self) -> None:
        written = ["3", "cats", "cost", "$5.50", "at", "10:30", "2½", "1st", ".5"]
        assert texts(" ".join(written)) == written

    def test_other_readings_are_right_as_well(self) -> None:
        assert {
            "T W EH N T IY T W EH N T IY F AO R",
            "T UW TH AW Z AH N D T W EH N T IY F AO R",
            "T UW TH AW Z AH N D AH N D T W EH N T IY F AO R",
        } <= said("2024")
        assert {"W AH N HH AH N D R AH D", "AH HH AH N D R AH D"} <= said("100")
        assert "F AY V F IH F T IY" in said("$5.50")

    def test_units_only_after_a_number(self) -> None:
        assert spoken("5 km") == ["five", "kilometers"]
        assert spoken("oz") == ["oz"]


class TestAbbreviations:
    def test_titles(self) -> None:
        assert spoken("Mr. and Mrs. Lee, Prof Day") == ["mister", "and", "missus", "lee", "professor", "day"]

    def test_the_same_letters_before_a_name_and_after_it(self) -> None:
        assert spoken("St. Mary of Oak St. saw Dr. Lee of Elm Dr.") == [
            *("saint", "mary", "of", "oak", "street", "saw", "doctor", "lee", "of", "elm", "drive")
        ]

    def test_number(self) -> None:
        assert spoken("No. 5") == ["number", "five"]
        assert spoken("No, 5!") == ["no", "five"]

    @pytest.mark.parametrize(
        ("text", "sounds"),
        [
            ("TV", "T IY V IY"),
            ("USA", "Y UW EH S EY"),
            ("U.S.A.", "Y UW EH S EY"),
            ("NASA", "N AE S AH"),
            ("FBI", "EH F B IY AY"),
            ("p.m.", "P IY EH M"),
            ("R&B", "AA R AH N D B IY"),
            ("VIII", "EY T"),
        ],
    )
    def test_acronyms(self, text: str, sounds: str) -> None:
        (word,) = parse(f"the {text} said").words[1:-1]
        assert tuple(sounds.split()) in word.pronunciations

    def test_a_sentence_in_capitals_is_not_spelled(self) -> None:
        assert spoken("STOP THE CAR") == ["stop", "the", "car"]

    def test_single_letters(self) -> None:
        assert spoken("A B C") == ["a", "b", "c"]
        assert said("X") == {"EH K S"}

    def test_symbols(self) -> None:
        assert spoken("you & me @ home") == ["you", "and", "me", "at", "home"]


class TestRefusals:
    @pytest.mark.parametrize("text", ["", "   ", "\n", "...", "?!", "😀", "'", "- -", "$", "\u200b"])
    def test_nothing_to_read(self, text: str) -> None:
        with pytest.raises(InvalidSentence, match="no words"):
            parse(text)

    def test_too_long(self) -> None:
        with pytest.raises(InvalidSentence, match="too long"):
            parse("a" * 301)

    def test_white_space_does_not_count(self) -> None:
        assert parse(" " * 400 + "cat").text == "cat"

    @pytest.mark.parametrize("text", ["Привет мир", "你好", "I say Привет"])
    def test_not_english(self, text: str) -> None:
        with pytest.raises(InvalidSentence, match="not an English word"):
            parse(text)

    def test_no_word_at_all(self) -> None:
        with pytest.raises(InvalidSentence, match="too long for a word"):
            parse("a" * 46)

    @pytest.mark.parametrize("text", ["9" * 300, "w " * 150, "77,777,777 " * 27, "999 " * 75])
    def test_more_than_fits_into_a_minute(self, text: str) -> None:
        with pytest.raises(InvalidSentence, match="minute"):
            parse(text)


class TestBounds:
    @pytest.mark.parametrize("text", ["9 " * 150, "$5.55 " * 40, "1-" * 100 + "1", "a " * 150, "1/2" * 60])
    def test_the_worst_sentences_are_cheap(self, text: str) -> None:
        begun = time.thread_time()
        try:
            sentence = parse(text)
        except InvalidSentence:
            sentence = parse("refused")
        assert time.thread_time() - begun < 1
        assert sum(len(sounds) for word in sentence.words for sounds in word.pronunciations) < 6000

    @given(st.text(max_size=320) | st.text("abcAB 0123456789.,:;/$%&'’-–½ßé😀Ж", max_size=60))
    @example("1/0")
    @example("0/0")
    @example("00:00")
    @example("'" * 10 + "s")
    @example("²³ ① Ⅷ ﷺ ǅ")
    @example("$0.00 $.5 5.. ..5")
    @example("٣ ३ 3")
    @examples(200)
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            sentence = parse(text)
        except InvalidSentence:
            return
        assert sentence.words
        for word in sentence.words:
            assert word.text
            assert word.spoken == word.spoken.lower().strip()
            assert word.pronunciations
            assert all(word.pronunciations)
            assert {sound for sounds in word.pronunciations for sound in sounds} <= set(INDEX)

    @given(
        st.lists(
            st.sampled_from(["the", "cat's", "3", "$5", "TV", "10:30", "e-mail", "Mr.", "don't"]),
            min_size=1,
            max_size=20,
        )
    )
    @examples(40)
    def test_no_word_is_lost(self, words: list[str]) -> None:
        assert len(parse(" , ".join(words)).words) == len(words)


def test_the_pronouncer_is_asked_for_letters_only() -> None:
    asked: list[str] = []

    class Listening:
        def pronounce(self, word: str) -> tuple[Pronunciation, ...]:
            asked.append(word)
            return (("AH",),)

    parse_sentence("It’s 3 o'clock, Zoë! $5 & 50% — TV’s", Listening(), 300)
    assert asked
    assert all(set(word) <= set("abcdefghijklmnopqrstuvwxyz'") for word in asked)


def test_a_null_character_is_refused() -> None:
    with pytest.raises(InvalidSentence):
        parse("a\0 cat")
