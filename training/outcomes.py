"""What the judge of the product says about every word of a case, beside the truth."""

from dataclasses import dataclass

from sounditout.analysis.align import align
from sounditout.analysis.models import Hearing, WordReading, WordStatus
from sounditout.analysis.readings import read_words
from sounditout.analysis.sounds import alike
from sounditout.analysis.verdict import Judge
from training.cases import Case, Kind
from training.corpus import Group
from training.rows import rows_of


@dataclass(frozen=True, slots=True)
class Naming:
    """Was the wrong sound found in the word, and named as what it was?"""

    found: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One shown word and what was said about it."""

    kind: Kind
    speaker: str
    group: Group
    utterance: str
    wrong: bool
    changed: bool
    """Wrong, or said a second time in its own place."""
    status: WordStatus
    probability: float
    """That it was misread, by both listeners."""
    graph: float
    """By the sentence graph alone."""
    decoder: float
    """By the decoder alone."""
    naming: Naming | None = None
    """Of a word with one sound replaced that was called mispronounced."""

    @property
    def flagged(self) -> bool:
        return self.status in {"mispronounced", "omitted"}


@dataclass(frozen=True, slots=True)
class Addition:
    """One recording: was a word added, and was one reported?"""

    kind: Kind
    speaker: str
    group: Group
    reported: bool


def outcomes_of(case: Case, hearing: Hearing, judge: Judge) -> tuple[list[Outcome], Addition]:
    """Judge one case as the product does."""
    alignment = align(hearing, case.sentence, judge.costs)
    readings = read_words(hearing, case.sentence, alignment, judge)
    shown = [one for one in readings if one.index is not None]
    outcomes = [
        Outcome(
            kind=row.kind,
            speaker=row.speaker,
            group=case.utterance.group,
            utterance=row.utterance,
            wrong=row.wrong,
            changed=reading.index == case.changed,
            status=reading.status,
            probability=judge.both.probability(row.features),
            graph=judge.graph.probability(row.features),
            decoder=judge.decoder.probability(row.features),
            naming=naming_of(case, reading) if reading.index == case.changed else None,
        )
        for row, reading in zip(rows_of(case, hearing, alignment), shown, strict=True)
    ]
    added = any(one.index is None for one in readings)
    addition = Addition(case.kind, case.utterance.speaker, case.utterance.group, added)
    return outcomes, addition


def naming_of(case: Case, reading: WordReading) -> Naming | None:
    """Compare the sounds of the report with those said; None when more than one sound differs."""
    sounds = [one for one in reading.phonemes if one.expected is not None]
    if reading.status != "mispronounced" or len(sounds) != len(case.said):
        return None
    wrong = [
        (one, said)
        for one, said in zip(sounds, case.said, strict=True)
        if one.expected is not None and not alike(one.expected, said)
    ]
    if len(wrong) != 1:
        return None
    (one, said) = wrong[0]
    found = one.status != "correct"
    return Naming(found, found and one.heard is not None and alike(one.heard, said))
