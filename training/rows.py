"""What the judge sees of every word of every case, with the truth beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sounditout.analysis.align import Alignment, align
from sounditout.analysis.models import Hearing
from sounditout.analysis.trellis import Costs, Scores
from sounditout.analysis.verdict import Features, word_features
from training.cases import Case, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One shown word in one case."""

    kind: Kind
    speaker: str
    utterance: str
    features: Features
    wrong: bool


def rows_of(case: Case, hearing: Hearing, alignment: Alignment) -> list[Row]:
    """One row per shown word."""
    evidence = hearing.evidence or (None,) * len(case.sentence.words)
    return [
        Row(
            kind=case.kind,
            speaker=case.utterance.speaker,
            utterance=case.utterance.id,
            features=word_features(aligned, word.spoken, opinion),
            wrong=index == case.wrong,
        )
        for index, (word, aligned, opinion) in enumerate(
            zip(case.sentence.words, alignment.words, evidence, strict=True)
        )
    ]


def table(rows: Iterable[Row], names: Sequence[str]) -> Scores:
    """(rows, names): the named features."""
    return np.array([[row.features[name] for name in names] for row in rows])


def aligned_rows(cases: Iterable[tuple[Case, Hearing]], costs: Costs) -> list[Row]:
    """Align and take apart."""
    return [row for case, hearing in cases for row in rows_of(case, hearing, align(hearing, case.sentence, costs))]
