"""Figures with confidence intervals, and the tables they are printed in."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final, TypedDict, get_args

import numpy as np
from numpy.typing import NDArray

from training.cases import MISREAD_KINDS, SKIPPED_KINDS
from training.corpus import Group
from training.fit_judge import PRIOR
from training.outcomes import Addition, Outcome

DRAWS: Final = 1000
INTERVAL: Final = (2.5, 97.5)
NOMINAL: Final = (0.05, 0.03)
"""False alarms per read word at which listeners are compared; thresholds seen on the report speakers."""
BINS: Final = 10
LISTENERS: Final[dict[str, Callable[[Outcome], float]]] = {
    "graph only": lambda one: one.graph,
    "decoder only": lambda one: one.decoder,
    "both, fused": lambda one: one.probability,
}
SEED: Final = 0
GROUPS: Final[tuple[Group, ...]] = get_args(Group)


class Figure(TypedDict):
    """One number."""

    value: float
    low: float
    high: float
    count: int


Report = dict[str, dict[str, Figure]]
NOTHING: Final = Figure(value=0.0, low=0.0, high=0.0, count=0)
"""Of a group that has no such case."""


def figures(outcomes: Sequence[Outcome], additions: Sequence[Addition]) -> Report:
    """Everything that is reported, by age group: section → row → figure."""
    report: Report = {}
    for group in GROUPS:
        own = [one for one in outcomes if one.group == group]
        report[group] = {
            **shown_figures(own),
            **addition_figures([one for one in additions if one.group == group]),
            **nominal_figures(own),
            "calibration error (ECE)": calibration_error(own),
        }
    return report


def shown_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """What a reader would be shown, with the committed thresholds."""
    clean = [one for one in outcomes if one.kind == "clean"]
    found = {
        "false alarms per read word": rate(clean, lambda one: one.flagged),
        "unsure per read word": rate(clean, lambda one: one.status == "unsure"),
        "clean readings with any alarm": any_alarm(clean),
    }
    for kind in (*MISREAD_KINDS, *SKIPPED_KINDS):
        wrong = [one for one in outcomes if one.kind == kind and one.wrong]
        found[f"caught: {kind}"] = rate(wrong, lambda one: one.flagged)
        found[f"caught or unsure: {kind}"] = rate(wrong, lambda one: one.status != "correct")
    repeated = [one for one in outcomes if one.kind == "audio_same" and one.changed]
    found["false alarms: audio_same"] = rate(repeated, lambda one: one.flagged)
    noisy = [one for one in outcomes if one.kind == "noisy"]
    found["false alarms: noisy"] = rate(noisy, lambda one: one.flagged)
    found.update(naming_figures(outcomes))
    for kind in SKIPPED_KINDS:
        wrong = [one for one in outcomes if one.kind == kind and one.wrong]
        found[f"named omitted: {kind}"] = rate(wrong, lambda one: one.status == "omitted")
    return found


def naming_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Of mispronounced words with one sound replaced: was it found, was it named?"""
    named = [(one.speaker, one.naming) for one in outcomes if one.naming is not None]
    return {
        "wrong sound found: voice": bootstrap([(speaker, one.found) for speaker, one in named]),
        "and named as what it was: voice": bootstrap([(speaker, one.named) for speaker, one in named]),
    }


def any_alarm(clean: Sequence[Outcome]) -> Figure:
    """Clean readings in which at least one word was flagged."""
    readings: dict[tuple[str, str], bool] = defaultdict(bool)
    for one in clean:
        readings[one.speaker, one.utterance] |= one.flagged
    return bootstrap([(speaker, flagged) for (speaker, _), flagged in readings.items()])


def addition_figures(additions: Sequence[Addition]) -> dict[str, Figure]:
    """Added words: reported where there was one, and where there was none."""
    added = [(one.speaker, one.reported) for one in additions if one.kind == "audio_extra"]
    clean = [(one.speaker, one.reported) for one in additions if one.kind == "clean"]
    return {"caught: audio_extra": bootstrap(added), "clean readings with an extra word": bootstrap(clean)}


def nominal_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Every listener at the same rate of false alarms, whatever its threshold in the product."""
    found = {}
    for name, score in LISTENERS.items():
        clean = [score(one) for one in outcomes if one.kind == "clean"]
        for false_alarms in NOMINAL:
            threshold = float(np.quantile(clean, 1 - false_alarms)) if clean else 1.0
            for kind in (*MISREAD_KINDS, *SKIPPED_KINDS):
                wrong = [one for one in outcomes if one.kind == kind and one.wrong]
                found[f"{name} at {false_alarms:.0%}: {kind}"] = rate(wrong, _above(score, threshold))
    return found


def _above(score: Callable[[Outcome], float], threshold: float) -> Callable[[Outcome], bool]:
    return lambda one: score(one) > threshold


def calibration_error(outcomes: Sequence[Outcome]) -> Figure:
    """Expected calibration error of the fused probability, miscues weighted as at the fitted prior."""
    if not outcomes:
        return NOTHING
    wrong = np.array([one.wrong for one in outcomes])
    chance = np.array([one.probability for one in outcomes])
    kinds = Counter(one.kind for one in outcomes if one.wrong)
    weight = np.where(wrong, 0.0, 1.0)
    for index, one in enumerate(outcomes):
        if one.wrong:
            weight[index] = (~wrong).sum() * PRIOR / (1 - PRIOR) / len(kinds) / kinds[one.kind]
    value = float(expected_calibration_error(chance, wrong, weight))
    return Figure(value=value, low=value, high=value, count=len(outcomes))


def expected_calibration_error(
    chance: NDArray[np.float64], truth: NDArray[np.bool_], weight: NDArray[np.float64]
) -> float:
    """Mean distance of probability and frequency over bins of equal width (Guo et al. 2017, ICML)."""
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(np.sum(weight[bins == one] * (chance[bins == one] - truth[bins == one])))) for one in range(BINS)
    ]
    return sum(gaps) / float(weight.sum())


def rate(outcomes: Sequence[Outcome], hit: Callable[[Outcome], bool]) -> Figure:
    """How often."""
    return bootstrap([(one.speaker, hit(one)) for one in outcomes])


def bootstrap(pairs: Sequence[tuple[str, bool]]) -> Figure:
    """The mean, with an interval from drawing whole speakers with replacement."""
    hits: dict[str, int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    for speaker, hit in pairs:
        hits[speaker] += hit
        totals[speaker] += 1
    if not totals:
        return NOTHING
    table = np.array([[hits[speaker], totals[speaker]] for speaker in sorted(totals)])
    draws = np.random.default_rng(SEED).integers(len(table), size=(DRAWS, len(table)))
    sums = table[draws].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], INTERVAL)
    return Figure(
        value=float(table[:, 0].sum() / table[:, 1].sum()), low=float(low), high=float(high), count=len(pairs)
    )


def as_markdown(report: Report) -> str:
    """One table: a row per figure, the groups side by side."""
    lines = ["| | child | adult | synthetic voice |", "|---|---|---|---|"]
    for row in report["child"]:
        cells = " | ".join(cell(report[group][row]) for group in GROUPS)
        lines.append(f"| {row} | {cells} |")
    return "\n".join(lines) + "\n"


def cell(figure: Figure) -> str:
    """`.88 [.84, .91] (204)`."""
    if figure["count"] == 0:
        return "–"
    low, high = figure["low"], figure["high"]
    return f"{figure['value']:.3f} [{low:.3f}, {high:.3f}] ({figure['count']})"
