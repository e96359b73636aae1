"""Reading reports in few words, for tests.

    report(read("the"), said("ship", "SH IH P", "S IH P"), skipped("sat"), extra("on"))

Sounds are written as ARPAbet with spaces; `-` stands for no sound, on either side.
"""

from collections import Counter
from itertools import zip_longest

from sounditout.analysis.models import (
    Count,
    PhonemeReading,
    PhonemeStatus,
    Problems,
    ReadingReport,
    RecognizerInfo,
    Scores,
    WordReading,
    WordStatus,
)
from sounditout.analysis.phonemes import GROUP, IPA


def read(text: str, sounds: str = "AH") -> WordReading:
    """A word that was right."""
    return _word(text, "correct", said_sounds(sounds, sounds))


def unsure(text: str, sounds: str = "AH", heard: str | None = None) -> WordReading:
    """A word that could not be judged, whatever was heard."""
    return _word(text, "unsure", said_sounds(sounds, heard or sounds, wrong="unsure", confidence=0.3))


def said(text: str, sounds: str, heard: str, confidence: float = 0.9) -> WordReading:
    """A word that was mispronounced; the sounds are compared one by one."""
    return _word(text, "mispronounced", said_sounds(sounds, heard, confidence=confidence))


def skipped(text: str, sounds: str = "AH") -> WordReading:
    """A word that was left out."""
    return _word(text, "omitted", said_sounds(sounds, "- " * len(sounds.split())))


def extra(text: str = "", heard: str = "AH") -> WordReading:
    """A word that is not in the sentence."""
    return _word(text, "inserted", said_sounds("- " * len(heard.split()), heard))


def report(
    *words: WordReading, sentence: str | None = None, focus: str | None = None, fluency: float = 90.0
) -> ReadingReport:
    """A report of these words; scores and problems follow from them unless they are given."""
    indexes = iter(range(len(words)))
    placed = [w if w.status == "inserted" else w.model_copy(update={"index": next(indexes)}) for w in words]
    shown = [w for w in placed if w.index is not None]
    sounds = [sound for word in shown for sound in word.phonemes if sound.expected]
    expected = Counter(sound.expected for sound in sounds)
    wrong = Counter(sound.expected for sound in sounds if sound.status in {"substituted", "omitted"})
    return ReadingReport(
        sentence=sentence or " ".join(word.text for word in shown).capitalize() + ".",
        duration_seconds=2.0,
        scores=Scores(
            accuracy=_percent(sum(w.status in {"correct", "unsure"} for w in shown), len(shown)),
            completeness=_percent(sum(w.status != "omitted" for w in shown), len(shown)),
            fluency=fluency,
            phoneme_error_rate=min(1.0, wrong.total() / max(1, len(sounds))),
            words_correct_per_minute=60.0,
        ),
        words=tuple(placed),
        problems=Problems(
            focus_phoneme=focus or next((phoneme for phoneme, _ in wrong.most_common(1)), None),
            by_phoneme={p: Count(expected=n, wrong=wrong[p]) for p, n in expected.items() if p},
            by_group={
                GROUP[p]: Count(
                    expected=sum(expected[q] for q in expected if q and GROUP[q] == GROUP[p]),
                    wrong=sum(wrong[q] for q in wrong if q and GROUP[q] == GROUP[p]),
                )
                for p in expected
                if p
            },
        ),
        recognizer=RecognizerInfo(name="test", version="1"),
    )


def said_sounds(
    expected: str, heard: str, *, wrong: PhonemeStatus | None = None, confidence: float = 0.9
) -> tuple[PhonemeReading, ...]:
    """Sound by sound; every difference gets the status `wrong`, or the one that it has by itself."""
    pairs = zip_longest(expected.split(), heard.split(), fillvalue="-")
    return tuple(_sound(a.strip("-") or None, b.strip("-") or None, wrong, confidence) for a, b in pairs)


def _sound(expected: str | None, heard: str | None, wrong: PhonemeStatus | None, confidence: float) -> PhonemeReading:
    status: PhonemeStatus = "substituted" if expected and heard else "omitted" if expected else "inserted"
    return PhonemeReading(
        expected=expected,
        expected_ipa=IPA.get(expected or ""),
        heard=heard,
        heard_ipa=IPA.get(heard or ""),
        status="correct" if expected == heard else wrong or status,
        start_seconds=None,
        end_seconds=None,
        confidence=confidence,
    )


def _word(text: str, status: WordStatus, sounds: tuple[PhonemeReading, ...]) -> WordReading:
    wrong = sum(sound.status in {"substituted", "omitted", "inserted"} for sound in sounds)
    expected = max(1, sum(sound.expected is not None for sound in sounds))
    return WordReading(
        index=None,
        text=text,
        status=status,
        start_seconds=None,
        end_seconds=None,
        confidence=0.9,
        accuracy=100 * max(0.0, 1 - wrong / expected),
        phoneme_error_rate=wrong / expected,
        phonemes=sounds,
    )


def _percent(part: int, whole: int) -> float:
    return 100 * part / max(1, whole)


def some_report(sentence: str = "The ship sat.") -> ReadingReport:
    """One word, misread: "ship" as "sip"."""
    sound = PhonemeReading(
        expected="SH",
        expected_ipa="ʃ",
        heard="S",
        heard_ipa="s",
        status="substituted",
        start_seconds=0.25,
        end_seconds=0.5,
        confidence=0.875,
    )
    word = WordReading(
        index=1,
        text="ship",
        status="mispronounced",
        start_seconds=0.25,
        end_seconds=0.75,
        confidence=0.9,
        accuracy=66.7,
        phoneme_error_rate=1 / 3,
        phonemes=(sound,),
    )
    return ReadingReport(
        sentence=sentence,
        duration_seconds=1.5,
        scores=Scores(
            accuracy=88.9, completeness=100, fluency=75, phoneme_error_rate=0.125, words_correct_per_minute=81.5
        ),
        words=(word,),
        problems=Problems(
            focus_phoneme="SH",
            by_phoneme={"SH": Count(expected=1, wrong=1)},
            by_group={"fricative": Count(expected=2, wrong=1)},
        ),
        recognizer=RecognizerInfo(name="tiny", version="1"),
    )
