"""The coach: true, kind, short, at most one thing to learn, and never a word against an unsure one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import extra, read, report, said, skipped, unsure
from sounditout.analysis.events import Advice
from sounditout.analysis.models import ReadingReport, WordReading
from sounditout.analysis.phonemes import IPA, PHONEMES
from sounditout.analysis.ports import Coach
from sounditout.engines.phonics_coach import PhonicsCoach
from sounditout.engines.pronunciations import DictionaryPronouncer
from thorough import examples

COACH: Coach = PhonicsCoach(DictionaryPronouncer())
SHIP_AS_SIP = said("ship", "SH IH P", "S IH P")
LETTERS = set("abcdefghijklmnopqrstuvwxyz")

TRICKY = ("cat", "ship", "though", "I'm", "3", "straße", "a/b", "x" * 200, "")


def sounds() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*PHONEMES, "-"]), min_size=1, max_size=6).map(" ".join)


def words() -> st.SearchStrategy[WordReading]:
    text = st.sampled_from(TRICKY)
    return st.one_of(
        st.builds(read, text, sounds()),
        st.builds(unsure, text, sounds(), sounds()),
        st.builds(said, text, sounds(), sounds(), st.floats(0, 1)),
        st.builds(skipped, text, sounds()),
        st.builds(extra, text, sounds()),
    )


def reports() -> st.SearchStrategy[ReadingReport]:
    listed = st.lists(words(), max_size=8)
    return st.builds(
        lambda given, sentence, focus, fluency: report(*given, sentence=sentence, focus=focus, fluency=fluency),
        listed,
        st.sampled_from(["The ship sat on the mat.", "A.", "word " * 60]),
        st.sampled_from([None, *PHONEMES]),
        st.floats(0, 100),
    )


@given(reports())
@examples(100)
async def test_whatever_was_read_the_advice_is_short_and_can_be_said(some: ReadingReport) -> None:
    advice = await COACH.advise(some)
    assert 10 < len(advice.feedback) <= 400
    assert 10 < len(advice.feedback_speech) <= 400
    assert len(re.findall(r"[.?](?:\s|$)", advice.feedback)) <= 3
    assert not re.search(r"[/“”!]", advice.feedback_speech)
    assert not set(advice.feedback_speech) & (set("".join(IPA.values())) - LETTERS)
    assert advice.source == "coach"
    assert advice.next_sentence != some.sentence
    assert advice == await COACH.advise(some)


@given(reports())
async def test_an_unsure_word_is_never_called_wrong(some: ReadingReport) -> None:
    marked = [w.model_copy(update={"text": "quokka"}) if w.status == "unsure" else w for w in some.words]
    advice = await COACH.advise(some.model_copy(update={"words": tuple(marked)}))
    if "quokka" in advice.feedback:
        assert re.search(r"could not hear .quokka. well|(after|from|comes|far as|up to) .quokka.", advice.feedback)


async def advice_on(*given: WordReading, **more: str) -> Advice:
    return await COACH.advise(report(*given, **more))  # type: ignore[arg-type]


async def test_all_right() -> None:
    advice = await advice_on(read("the"), read("cat"), read("sat"))
    assert "right" in advice.feedback
    assert advice.focus_phoneme is None


async def test_only_a_fluent_reading_is_called_fluent() -> None:
    def reading(number: int, fluency: float) -> ReadingReport:
        return report(read("a"), read("dog"), sentence=f"Number {number}.", fluency=fluency)

    fluent = [(await COACH.advise(reading(n, 90.0))).feedback for n in range(20)]
    halting = [(await COACH.advise(reading(n, 40.0))).feedback for n in range(20)]
    assert all(re.search("smooth|flow", text) for text in fluent)
    assert not any(re.search("smooth|flow", text) for text in halting)


async def test_one_wrong_sound() -> None:
    advice = await advice_on(read("the"), SHIP_AS_SIP, read("sank"))
    assert "In “ship”, the first sound came out as the /s/ sound; it is the /sh/ sound." in advice.feedback
    assert "In ship, the first sound came out like the sound at the start of sun." in advice.feedback_speech
    assert "Draw your tongue back a little" in advice.feedback_speech
    assert advice.feedback.endswith("“ship”.")
    assert advice.focus_phoneme == "SH"
    assert "sh" in advice.next_sentence.lower()


@pytest.mark.parametrize("expected", PHONEMES)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
async def test_every_sound_can_be_taught_wherever_it_is(expected: str, place: str) -> None:
    around = {"first": "{} B D", "middle": "B {} D", "last": "B D {}"}[place]
    heard = "ZH" if expected != "ZH" else "K"
    wrong = said("quokka", around.format(expected), around.format(heard))
    advice = await advice_on(read("the"), wrong, read("sank"))
    assert f"the {place} sound" in advice.feedback_speech
    assert advice.focus_phoneme == expected


async def test_what_was_heard_is_told_only_when_it_is_certain() -> None:
    advice = await advice_on(read("the"), said("ship", "SH IH P", "S IH P", 0.55), read("sank"))
    assert "“ship”" in advice.feedback
    assert "/s/" not in advice.feedback
    assert "first sound" in advice.feedback


@pytest.mark.parametrize(
    "weak",
    [said("a", "AH", "EH"), said("was", "W AH Z", "W EH Z"), said("about", "AH B AW T", "IY B AW T")],
)
async def test_a_weak_vowel_is_not_taught_as_a_sound(weak: WordReading) -> None:
    advice = await advice_on(read("the"), weak, read("sank"))
    assert f"“{weak.text}”" in advice.feedback
    assert "sound" not in advice.feedback
    assert advice.focus_phoneme is None or weak.text == "about"


async def test_a_consonant_of_a_small_word_is_taught() -> None:
    advice = await advice_on(said("the", "DH AH", "D AH"), read("ship"), read("sank"))
    assert advice.focus_phoneme == "DH"
    assert "the first sound came out like the sound at the start of dog" in advice.feedback_speech


@pytest.mark.parametrize(
    "vague", [said("though", "DH OW", "DH OW"), said("though", "DH OW", "D OW", 0.2), said("though", "DH OW", "M IY")]
)
async def test_a_word_that_is_wrong_in_no_clear_way_is_only_named(vague: WordReading) -> None:
    advice = await advice_on(read("the"), vague, read("sank"))
    assert "“though”" in advice.feedback
    assert "sound" not in advice.feedback
    assert "heard" not in advice.feedback


async def test_a_sound_that_was_perhaps_missing_or_added_is_not_claimed() -> None:
    missing = await advice_on(read("the"), said("cat", "K AE T", "K AE -", 0.5), read("sat"))
    assert "could not hear" not in missing.feedback
    assert "the last sound wants a little care: the /t/ sound" in missing.feedback
    added = await advice_on(read("the"), said("stop", "S T AA P -", "S T AA P AH", 0.5), read("sat"))
    assert "extra" not in added.feedback


async def test_the_only_sound_of_a_word_is_not_called_the_first_one() -> None:
    advice = await advice_on(said("eye", "AY", "IH"), read("the"), read("sat"), read("there"))
    assert "In “eye”, the sound " in advice.feedback


async def test_a_missing_sound() -> None:
    advice = await advice_on(read("the"), said("cat", "K AE T", "K AE -"), read("sat"))
    assert "I could not hear the last sound" in advice.feedback_speech
    assert advice.focus_phoneme == "T"


async def test_a_missing_sound_in_a_cluster_is_not_called_the_middle_one() -> None:
    advice = await advice_on(read("the"), said("stop", "S T AA P", "S - AA P"), read("sat"))
    assert "a sound in the middle, the /t/ sound" in advice.feedback


@pytest.mark.parametrize(
    ("expected", "heard", "where"),
    [
        ("S T AA P -", "S T AA P AH", "end"),
        ("- S T AA P", "EH S T AA P", "start"),
        ("S - T AA P", "S AH T AA P", "middle"),
    ],
)
async def test_an_added_sound(expected: str, heard: str, where: str) -> None:
    advice = await advice_on(read("the"), said("stop", expected, heard), read("sat"))
    assert f"an extra sound {'in' if where == 'middle' else 'at'} the {where}" in advice.feedback


async def test_of_several_slips_only_one_is_taught_and_the_focus_decides() -> None:
    given = [said("three", "TH R IY", "S R IY", 0.95), SHIP_AS_SIP, read("sank"), read("there"), read("too")]
    by_focus = await advice_on(*given, focus="SH")
    assert "“ship”" in by_focus.feedback
    assert "three" not in by_focus.feedback
    clearest = await advice_on(*given, focus="B")
    assert clearest.focus_phoneme == "TH"


async def test_a_skipped_word() -> None:
    advice = await advice_on(read("the"), skipped("big"), read("cat"), read("sat"))
    assert advice.feedback.startswith("Every word you read was right. I did not hear “big”.")
    two = await advice_on(read("the"), skipped("big"), read("cat"), skipped("to"), read("nap"))
    assert "I did not hear: big, to." in two.feedback_speech
    three = await advice_on(skipped("the"), skipped("big"), read("cat"), skipped("has"), read("a"), read("nap"))
    assert "3 of the words, the first of them “the”" in three.feedback


async def test_an_extra_word() -> None:
    advice = await advice_on(read("the"), extra("fat"), read("cat"))
    assert "Every word on the page was right. I heard an extra word after “the”" in advice.feedback
    assert "an extra word at the beginning" in (await advice_on(extra("fat"), read("cat"))).feedback


async def test_somebody_who_stopped_is_shown_where_to_go_on() -> None:
    advice = await advice_on(read("the"), read("cat"), *map(skipped, ("sat", "on", "it")))
    assert "Everything up to “cat” was right." in advice.feedback
    assert "“sat”" in advice.feedback
    not_all = await advice_on(read("a"), SHIP_AS_SIP, read("sat"), *map(skipped, ("on", "it", "now")))
    assert "right" not in not_all.feedback


async def test_a_hard_sentence_is_read_together() -> None:
    advice = await advice_on(
        SHIP_AS_SIP, said("sat", "S AE T", "P OW M"), skipped("on"), read("mats"), sentence="Ship!"
    )
    assert "together" in advice.feedback
    assert "You read “mats” just right." in advice.feedback
    assert advice.feedback_speech.endswith("Ship!")


async def test_unsure_words_are_as_good_as_read() -> None:
    advice = await advice_on(read("the"), unsure("cat", "K AE T", "K AE D"), read("sat"), focus="T")
    assert "That sounded good." in advice.feedback
    assert advice.focus_phoneme is None


async def test_when_nothing_was_clear_nothing_is_praised() -> None:
    advice = await advice_on(unsure("the"), unsure("cat"))
    assert "right" not in advice.feedback
    assert "good" not in advice.feedback


@given(reports())
async def test_praise_is_true(some: ReadingReport) -> None:
    shown = [word for word in some.words if word.index is not None]
    right = sum(word.status == "correct" for word in shown)
    feedback = (await COACH.advise(some)).feedback
    if count := re.match(r"(\d+) of the (\d+) words were right", feedback):
        assert (right, len(shown)) == tuple(map(int, count.groups()))
    if re.match("Every word you read", feedback):
        assert right == sum(word.status != "omitted" for word in shown)
    elif re.match("Every word|All the words|You read all of it", feedback):
        assert right == len(shown)
    if re.match("Almost there|Nearly all|So close", feedback):
        assert right == len(shown) - 1 >= 2


async def test_phrases_vary_from_sentence_to_sentence() -> None:
    texts = {(await COACH.advise(report(read("a"), read("b"), sentence=f"Number {n}."))).feedback for n in range(20)}
    assert len(texts) >= 3
