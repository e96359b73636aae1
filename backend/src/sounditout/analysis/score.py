"""From what was heard to the reading report.

    Hearing + Sentence → Alignment → words → scores

The listening is in `align`, the judging in `verdict`; here are the sums.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, TypeVar

from sounditout.analysis.align import Alignment, align
from sounditout.analysis.models import (
    Count,
    Hearing,
    PhonemeReading,
    Problems,
    ReadingReport,
    RecognizerInfo,
    Scores,
    Sentence,
    Strictness,
    WordReading,
)
from sounditout.analysis.phonemes import GROUP, Group
from sounditout.analysis.readings import WRONG, read_words
from sounditout.analysis.verdict import judge_for

Key = TypeVar("Key", bound=str)

SHORTEST_PASSAGE_SECONDS: Final = 1.0
"""One word said in a quarter of a second is no pace of 240 words a minute."""
HESITATION_SECONDS: Final = 0.2
"""Shorter silences are part of articulation (Cucchiarini, Strik & Boves 2000)."""
_REMEMBERED: Final = 256
"""Pairs of small numbers."""


def report(
    hearing: Hearing,
    sentence: Sentence,
    recognizer: RecognizerInfo,
    *,
    source: Literal["server", "client"] = "server",
    alignment: Alignment | None = None,
    strictness: Strictness = "normal",
) -> ReadingReport:
    """Judge one reading of one sentence, or its `alignment` where that has been found already."""
    judge = judge_for(strictness)
    words = read_words(hearing, sentence, alignment or align(hearing, sentence, judge.costs), judge)
    return ReadingReport(
        sentence=sentence.text,
        duration_seconds=hearing.duration_seconds,
        scores=scores(words, len(sentence.words)),
        words=words,
        problems=problems(words),
        source=source,
        recognizer=recognizer,
    )


def scores(words: Sequence[WordReading], shown: int) -> Scores:
    """All five; `shown` is the number of words in the sentence."""
    return Scores(
        accuracy=accuracy(words),
        completeness=completeness(words, shown),
        fluency=fluency(words),
        phoneme_error_rate=phoneme_error_rate(words),
        words_correct_per_minute=words_correct_per_minute(words),
    )


def accuracy(words: Sequence[WordReading]) -> float:
    """Percent of the sounds of the words that were read which were right; 0 when no word was read.

    The "accuracy score" of pronunciation assessment: how well the phonemes said match those expected,
    whatever was left out (Microsoft, "Use pronunciation assessment", learn.microsoft.com). Unsure counts as right.
    """
    sounds = [one for word in words if word.status not in {"omitted", "inserted"} for one in word.phonemes]
    expected = sum(one.expected is not None for one in sounds)
    wrong = sum(one.status in WRONG for one in sounds)
    return 100 * max(0.0, 1 - wrong / expected) if expected else 0.0


def completeness(words: Sequence[WordReading], shown: int) -> float:
    """Percent of the words of the sentence that were read at all (Microsoft, ibid.: "completeness score")."""
    omitted = sum(word.status == "omitted" for word in words)
    return 100 * (shown - omitted) / shown


def fluency(words: Sequence[WordReading]) -> float:
    """Percent of the time from the first word to the last in which the sentence was being read.

    The phonation-time ratio: with the rate of speech the best predictor of judged fluency (C. Cucchiarini,
    H. Strik, L. Boves 2000, J. Acoust. Soc. Am. 107(2), 989–999). Silences over 0.2 s and words that
    were added or repeated are not reading. 0 when nothing was read; 100 when there is no time axis.
    """
    spans = _spans(words)
    if not spans:
        return 100.0 if any(word.status not in {"omitted", "inserted"} for word in words) else 0.0
    total = spans[-1][1] - spans[0][0]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    lost = sum(gap for gap in gaps if gap > HESITATION_SECONDS)
    return 100 * max(0.0, 1 - lost / total) if total > 0 else 100.0


def phoneme_error_rate(words: Sequence[WordReading]) -> float:
    """(substituted + omitted + inserted) / expected sounds, at most 1; skipped words count with all their sounds.

    Levenshtein's measure on phonemes, as word error rate is on words (I. McCowan et al. 2004, IDIAP-RR 04-73).
    """
    sounds = [one for word in words for one in word.phonemes]
    expected = sum(one.expected is not None for one in sounds)
    return min(1.0, sum(one.status in WRONG for one in sounds) / expected)


def words_correct_per_minute(words: Sequence[WordReading]) -> float:
    """Words read correctly per minute from the first word to the last; 0 without a time axis.

    The measure of oral reading fluency in schools (J. Hasbrouck & G. Tindal 2017, "An update to compiled
    ORF norms", Technical Report 1702, University of Oregon). Unsure counts as correct.
    """
    spans = _spans(words)
    if not spans:
        return 0.0
    seconds = max(SHORTEST_PASSAGE_SECONDS, spans[-1][1] - spans[0][0])
    correct = sum(word.status in {"correct", "unsure"} for word in words)
    return 60 * correct / seconds


def _spans(words: Sequence[WordReading]) -> list[tuple[float, float]]:
    """Start and end of every word of the sentence that was read."""
    return [
        (word.start_seconds, word.end_seconds)
        for word in words
        if word.status != "inserted" and word.start_seconds is not None and word.end_seconds is not None
    ]


def problems(words: Sequence[WordReading]) -> Problems:
    """How often each sound was tried and went wrong. Words that were skipped say nothing about sounds."""
    tried = [
        one
        for word in words
        if word.status not in {"omitted", "inserted"}
        for one in word.phonemes
        if one.expected is not None
    ]
    by_phoneme = _counts([(one.expected or "", one) for one in tried])
    by_group: dict[Group, Count] = _counts([(GROUP[one.expected or ""], one) for one in tried])
    return Problems(focus_phoneme=_focus(by_phoneme), by_phoneme=by_phoneme, by_group=by_group)


def _counts(tried: Sequence[tuple[Key, PhonemeReading]]) -> dict[Key, Count]:
    expected = Counter(key for key, _ in tried)
    wrong = Counter(key for key, one in tried if one.status in WRONG)
    return {key: _count(times, wrong[key]) for key, times in sorted(expected.items())}


@lru_cache(_REMEMBERED)
def _count(expected: int, wrong: int) -> Count:
    """One for all sounds that came up and went wrong as often."""
    return Count(expected=expected, wrong=wrong)


def _focus(by_phoneme: dict[str, Count]) -> str | None:
    """The sound that went wrong most often; of several, the one that went wrong every time rather than half."""
    wrong = {phoneme: count for phoneme, count in by_phoneme.items() if count.wrong}
    return max(wrong, key=lambda phoneme: (wrong[phoneme].wrong, -wrong[phoneme].expected), default=None)
