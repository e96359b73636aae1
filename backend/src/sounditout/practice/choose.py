"""Which sentence to read next. Pure: the same report gets the same sentence."""

from typing import Final

from sounditout.analysis.models import ReadingReport
from sounditout.practice.bank import LEVELS, Bank, Level, PracticeSentence, place_of

READY_FOR_HARDER: Final = 95.0
"""Percent right from which the next level is tried; one slip in a short sentence already keeps the level."""
STRUGGLING: Final = 60.0
"""Percent right below which the level below is easier to learn from; teachers call 90 % 'instructional',
but one wrong word of three is 67 %, and one word should not move a level."""
_OFTEN: Final = 2
"""A sentence practises a sound when the sound comes up at least twice."""
_ENOUGH: Final = 3
"""With fewer sentences than this to go around, sentences with the sound only once are let in."""


def next_sentence(bank: Bank, report: ReadingReport, focus: str | None) -> str:
    """The sentence after this report: practises `focus`, at a level that suits, never the one just read."""
    level = wanted_level(bank.level_of(report.sentence), report)
    here = place_of(report.sentence)
    others = [sentence for sentence in bank.sentences if sentence.place != here]
    return _after(here, _suitable(others, level, focus)).text


def wanted_level(level: Level, report: ReadingReport) -> Level:
    """One level up when all was right, one down when little was, else the same."""
    right = min(report.scores.accuracy, report.scores.completeness)
    step = -1 if right < STRUGGLING else int(right >= READY_FOR_HARDER and _all_right(report))
    return min(max(level + step, LEVELS[0]), LEVELS[-1])


def _all_right(report: ReadingReport) -> bool:
    return all(word.status in {"correct", "unsure"} for word in report.words)


def _suitable(sentences: list[PracticeSentence], level: Level, focus: str | None) -> list[PracticeSentence]:
    for near in sorted(LEVELS, key=lambda other: (abs(other - level), other > level)):
        found = _practising([s for s in sentences if s.level == near], focus)
        if found:
            return found
    return sentences  # no sentence at all has this sound


def _practising(sentences: list[PracticeSentence], focus: str | None) -> list[PracticeSentence]:
    if focus is None:
        return sentences
    often = [s for s in sentences if s.counts.get(focus, 0) >= _OFTEN]
    return often if len(often) >= _ENOUGH else [s for s in sentences if s.counts.get(focus, 0) > 0]


def _after(here: bytes, ring: list[PracticeSentence]) -> PracticeSentence:
    return next((s for s in ring if s.place > here), ring[0])
