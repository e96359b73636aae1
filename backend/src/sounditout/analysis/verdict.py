"""Was the word read correctly? One probability from everything that was heard.

Logistic regression over the evidence of the sentence graph (`align`) and of the second listener, fitted
on readings with known miscues by speakers the models had never heard (`training/`). Each listener
alone has a blind side: the graph does not know which sounds English speakers slur, and the decoder's
language model would rather hear the word that fits. Coefficients, thresholds and costs are data:
`verdict.json`, which also says how and when it was fitted.
"""

import math
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sounditout.analysis.align import TIE, AlignedWord
from sounditout.analysis.function_words import FUNCTION_WORDS
from sounditout.analysis.models import Evidence, Strictness
from sounditout.analysis.trellis import Costs

MARGIN_RANGE: Final = (-6.0, 16.0)
"""Margins beyond say nothing more, and one wild value must not decide."""
SURPRISE_CAP: Final = 14.0
FLOOR: Final = -12.0
"""Log-probabilities below are all the same: not there."""

_LENIENCE: Final[dict[Strictness, float]] = {"gentle": 1.4, "normal": 0.0, "strict": -0.7}
"""Gentle blames from odds four times as high on, from a probability of about a third; strict from half the odds."""

Features = dict[str, float]
Verdict = Literal["correct", "mispronounced", "unsure"]


def sigmoid(log_odds: float) -> float:
    """Probability from log-odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


class Opinion(BaseModel):
    """One logistic regression and where it begins to object."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    weights: dict[str, float]
    threshold: Annotated[float, Field(gt=0, lt=1)]

    def probability(self, features: Features) -> float:
        """That the word was misread."""
        log_odds = 0.0
        for name, weight in self.weights.items():  # half the time of a sum over a generator
            log_odds += weight * features[name]
        return sigmoid(self.intercept + log_odds)

    def objects(self, features: Features) -> bool:
        """Whether this opinion, taken alone, calls the word misread."""
        return self.probability(features) >= self.threshold


class Judge(BaseModel):
    """All that was fitted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fitted: str = Field(description="when, on what, by which command")
    head: str = Field(description="version of the phoneme head it was fitted for")
    substitute_cost: float
    omit_cost: float
    skip_sound_cost: float
    garbage_cost: float
    insert_cost: float
    omitted_fraction: Annotated[
        float, Field(gt=0, le=1, description="a misread word that lacks this part of its sounds was left out")
    ]
    stray_sounds: Annotated[int, Field(ge=1, description="from so many on, sounds between words are a word")]
    both: Opinion
    graph: Opinion
    decoder: Opinion
    lenience: float = 0.0
    """Log-odds that a miscue needs more than the fitted threshold before anybody is told of it; not fitted."""

    @property
    def costs(self) -> Costs:
        """For the sentence graph."""
        return Costs(
            substitute=self.substitute_cost,
            omit=self.omit_cost,
            skip_sound=self.skip_sound_cost,
            garbage=self.garbage_cost,
            insert=self.insert_cost,
        )

    def by_both(self, features: Features) -> tuple[Verdict, float]:
        """What to show for a word, and the probability that it was misread: by both listeners.

        A miscue is shown where the fused probability says so; where only one listener alone would have
        objected, nobody is told that the word was wrong, and nobody that it was right.
        """
        probability = self.both.probability(features)
        if probability >= self._blames_from(self.both):
            return "mispronounced", probability
        alone = self.graph.objects(features) or self.decoder.objects(features)
        doubted = alone or probability >= self.both.threshold
        return "unsure" if doubted else "correct", probability

    def by_graph(self, features: Features) -> tuple[Verdict, float]:
        """The same where the decoder cannot be asked."""
        probability = self.graph.probability(features)
        if probability >= self._blames_from(self.graph):
            return "mispronounced", probability
        return "unsure" if probability >= self.graph.threshold else "correct", probability

    def _blames_from(self, opinion: Opinion) -> float:
        odds = math.log(opinion.threshold / (1 - opinion.threshold))
        return sigmoid(odds + self.lenience)

    def by_best_reading(self, features: Features) -> tuple[Verdict, float]:
        """The same where what was heard is certain: the costs of the graph are the log-odds against a miscue."""
        probability = sigmoid(features["margin"] - self.substitute_cost)
        if features["flagged_by"] > TIE:
            return "mispronounced", max(0.5, probability)
        return "correct", min(0.5, probability)


@cache
def packaged_judge() -> Judge:
    """The judge that comes with this package."""
    return Judge.model_validate_json(files("sounditout.analysis").joinpath("verdict.json").read_bytes())


@cache
def judge_for(strictness: Strictness) -> Judge:
    """The same, for learners who want to hear of more, or of less."""
    return packaged_judge().model_copy(update={"lenience": _LENIENCE[strictness]})


def word_features(word: AlignedWord, spoken: str, evidence: Evidence | None) -> Features:
    """Everything the regression may look at, by name."""
    features = {**_graph_features(word), "function_word": float(spoken in FUNCTION_WORDS)}
    if evidence is not None:
        features |= _decoder_features(evidence)
        features["agreement"] = features["margin_up"] * features["surprise"] / SURPRISE_CAP
    return features


def _graph_features(word: AlignedWord) -> Features:
    # A word has a handful of sounds: plain numbers take a tenth of the time that arrays do.
    margins = sorted((_within_range(phoneme.margin) for phoneme in word.phonemes), reverse=True)
    margin = _within_range(word.margin)
    return {
        "margin": margin,
        "margin_up": max(0.0, margin),
        "second_margin": margins[1] if len(margins) > 1 else MARGIN_RANGE[0],
        "mean_margin": math.fsum(margins) / len(margins),
        "flagged_by": min(word.flagged_by, MARGIN_RANGE[1]),
        "skip_margin": _within_range(word.skip_margin),
        "log_prob": max(FLOOR, word.log_prob),
        "omitted": word.omitted_fraction,
        "log_sounds": math.log(len(word.phonemes)),
    }


def _decoder_features(evidence: Evidence) -> Features:
    margins = [min(margin, SURPRISE_CAP) for margin in evidence.margins]
    return {
        "surprise": max(margins),
        "first_surprise": margins[0],
        "mean_surprise": math.fsum(margins) / len(margins),
    }


def _within_range(margin: float) -> float:
    low, high = MARGIN_RANGE
    return max(low, min(high, margin))
