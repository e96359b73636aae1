"""Which sentence to read next. Pure: the same report gets the same sentence."""

from typing import Final

from sounditout.analysis.models import ReadingReport
from sounditout.practice.bank import LEVELS, Bank, Level, PracticeSentence, place_of

STRUGGLING: Final = 0.6
"""With a smaller share of the words right, the level below is better to learn from. Teachers set the line at
nine words of ten, over a page; in a sentence of three words a single one must not move a level."""
_OFTEN: Final = 2
"""A sentence practises a sound when the sound comes up at least twice."""
_ENOUGH: Final = 3
"""With fewer sentences than this to go around, sentences with the sound only once are let in."""


def next_sentence(bank: Bank, report: ReadingReport, focus: str | None) -> str:
    """The sentence after this report: practises `focus`, at a level that suits, never the one just read."""
    level = wanted_level(bank.level_of(report.sentence), report)
    return sentence_after(bank, report.sentence, level, focus).text


def sentence_after(bank: Bank, text: str, level: Level, focus: str | None) -> PracticeSentence:
    """The next on the ring after `text`, which need not be ours: practises `focus`, at the nearest level that can."""
    here = place_of(text)
    return _after(here, _suitable(bank, here, level, focus))


def wanted_level(level: Level, report: ReadingReport) -> Level:
    """One level up when all was right, one down when little was, else the same."""
    right = [word.status in {"correct", "unsure"} for word in report.words]
    step = -1 if sum(right) < STRUGGLING * len(right) else int(all(right))
    return min(max(level + step, LEVELS[0]), LEVELS[-1])


def _suitable(bank: Bank, here: bytes, level: Level, focus: str | None) -> list[PracticeSentence]:
    for near in sorted(LEVELS, key=lambda other: (abs(other - level), other > level)):
        found = _practising([sentence for sentence in bank.of_level[near] if sentence.place != here], focus)
        if found:
            return found
    return [sentence for sentence in bank.sentences if sentence.place != here]  # none at all has this sound


def _practising(sentences: list[PracticeSentence], focus: str | None) -> list[PracticeSentence]:
    if focus is None:
        return sentences
    often = [s for s in sentences if s.counts.get(focus, 0) >= _OFTEN]
    return often if len(often) >= _ENOUGH else [s for s in sentences if s.counts.get(focus, 0) > 0]


def _after(here: bytes, ring: list[PracticeSentence]) -> PracticeSentence:
    return next((s for s in ring if s.place > here), ring[0])
