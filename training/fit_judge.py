"""Fit the judge: logistic regressions and the thresholds that keep false alarms at bay."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.trellis import Scores
from sounditout.analysis.verdict import Opinion
from training.cases import Kind
from training.corpus import VOICE
from training.rows import Row, table

GRAPH_FEATURES: Final = (
    "margin", "margin_up", "second_margin", "mean_margin", "flagged_by", "skip_margin", "log_prob", "omitted",
    "log_sounds", "function_word",
)  # fmt: skip
DECODER_FEATURES: Final = ("surprise", "first_surprise", "mean_surprise", "log_sounds", "function_word")
BOTH_FEATURES: Final = (*GRAPH_FEATURES, "surprise", "first_surprise", "mean_surprise", "agreement")

PRIOR: Final = 0.08
"""Words misread by a learner: one in twelve or thirteen. Probabilities are calibrated for it."""
RIDGE: Final = 1.0
"""Weight decay on standardised features."""
STEPS: Final = 50
CONVERGED: Final = 1e-8


def fit_opinion(rows: Sequence[Row], names: Sequence[str], false_alarms: float) -> Opinion:
    """One regression over these features, objecting to `false_alarms` of the words that people read well."""
    inputs, truth, weights = table(rows, names), np.array([row.wrong for row in rows]), row_weights(rows)
    intercept, slopes = logistic_regression(inputs, truth, weights)
    opinion = Opinion(intercept=intercept, weights=dict(zip(names, slopes, strict=True)), threshold=0.5)
    people = [row for row in rows if row.kind == "clean" and not row.speaker.startswith(VOICE)]
    clean = [opinion.probability(row.features) for row in people]
    return opinion.model_copy(update={"threshold": float(np.quantile(clean, 1 - false_alarms))})


def row_weights(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Every kind of miscue counts the same, and all together as much as `PRIOR` says."""
    wrong = Counter(row.kind for row in rows if row.wrong)
    right = sum(not row.wrong for row in rows)
    share: dict[Kind, float] = {
        kind: right * PRIOR / (1 - PRIOR) / len(wrong) / count for kind, count in wrong.items()
    }
    return np.array([share[row.kind] if row.wrong else 1.0 for row in rows])


def logistic_regression(
    inputs: Scores, truth: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, list[float]]:
    """Intercept and slopes by Newton's method, with a ridge on standardised inputs."""
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(inputs)), (inputs - mean) / spread])
    ridge = np.diag([0.0] + [RIDGE] * inputs.shape[1])
    found = np.zeros(design.shape[1])
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ found, -60, 60)))
        gradient = design.T @ (weights * (truth - probability)) - ridge @ found
        curvature = (design * (weights * probability * (1 - probability))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        found += step
        if float(np.abs(step).max()) < CONVERGED:
            break
    slopes = found[1:] / spread
    return float(found[0] - slopes @ mean), [float(slope) for slope in slopes]
