"""The judge that is in the package, and how it weighs."""

import math

import pytest
from pydantic import ValidationError

from sounditout.analysis.align import AlignedPhoneme, AlignedWord
from sounditout.analysis.models import Evidence
from sounditout.analysis.verdict import Judge, judge_for, packaged_judge, sigmoid, word_features


def word(margin: float, *, fate: str = "said") -> AlignedWord:
    phonemes = tuple(
        AlignedPhoneme(
            expected=sound,
            fate="replaced" if fate == "replaced" and sound == "AE" else "said",
            heard=sound,
            alternative="IH",
            margin=margin if sound == "AE" else -4.0,
            peak=place,
            start=place,
            end=place + 1,
        )
        for place, sound in enumerate(("K", "AE", "T"))
    )
    return AlignedWord(
        phonemes=phonemes,
        intruders=(),
        margin=margin,
        flagged_by=max(0.0, margin - 4.5),
        skip_margin=margin - 8,
        log_prob=-0.3 - max(0.0, margin) / 3,
    )


def verdict(margin: float, surprise: float | None) -> str:
    if surprise is None:
        return packaged_judge().by_best_reading(word_features(word(margin), "cat", None))[0]
    return packaged_judge().by_both(word_features(word(margin), "cat", Evidence((surprise,))))[0]


def test_when_both_listeners_are_content_the_word_is_correct() -> None:
    assert verdict(-4, 0) == "correct"


def test_when_both_object_the_word_is_mispronounced() -> None:
    assert verdict(9, 10) == "mispronounced"


def test_when_only_one_objects_the_word_is_never_called_correct() -> None:
    assert verdict(-4, 12) != "correct"
    assert verdict(9, 0) != "correct"


def test_more_evidence_never_makes_a_word_better() -> None:
    judge = packaged_judge()
    chances = [
        judge.both.probability(word_features(word(margin), "cat", Evidence((surprise,))))
        for margin, surprise in [(-4, 0), (0, 0), (0, 3), (4, 3), (4, 8), (8, 8), (12, 12)]
    ]

    assert chances == sorted(chances)


@pytest.mark.parametrize(("margin", "expected"), [(-4, "correct"), (3, "correct"), (6, "mispronounced")])
def test_without_a_second_listener_the_best_reading_decides(margin: float, expected: str) -> None:
    assert verdict(margin, None) == expected


def test_a_gentle_judge_blames_less_and_a_strict_one_more_and_none_hides_a_doubt() -> None:
    doubts = [
        word_features(word(margin), "cat", Evidence((surprise,)))
        for margin in range(-6, 14, 2)
        for surprise in range(0, 14, 2)
    ]
    said = {
        strictness: [judge_for(strictness).by_both(features) for features in doubts]
        for strictness in ("gentle", "normal", "strict")
    }
    blamed = {
        strictness: sum(verdict == "mispronounced" for verdict, _ in verdicts)
        for strictness, verdicts in said.items()
    }
    assert 0 < blamed["gentle"] < blamed["normal"] < blamed["strict"] < len(doubts)
    for gentle, normal in zip(said["gentle"], said["normal"], strict=True):
        assert gentle[1] == normal[1], "what is believed is the same"
        if normal[0] == "mispronounced":
            assert gentle[0] in {"mispronounced", "unsure"}


def test_every_weight_has_a_feature() -> None:
    features = word_features(word(0), "cat", Evidence((0.0,)))
    judge = packaged_judge()

    for opinion in (judge.both, judge.graph, judge.decoder):
        assert set(opinion.weights) <= set(features)
        assert all(math.isfinite(weight) for weight in opinion.weights.values())


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        Judge.model_validate({**packaged_judge().model_dump(), "surprise": 1})


def test_sigmoid_survives_certainty() -> None:
    assert sigmoid(1e6) == pytest.approx(1)
    assert sigmoid(-1e6) == pytest.approx(0)
