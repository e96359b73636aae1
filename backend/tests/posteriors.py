"""Hearings made by hand, for tests of the search: posteriors without doubt, and posteriors that are all doubt."""

import numpy as np
from hypothesis import strategies as st

from sounditout.analysis.models import Float32, Hearing, Pronunciation, Sentence, Word
from sounditout.analysis.phonemes import BLANK, CLASSES, INDEX, PHONEMES
from sounditout.analysis.trellis import Costs

COSTS = Costs(substitute=4.5, omit=4.5, skip_sound=3.0, garbage=2.0, insert=4.5)
CERTAIN = 0.95
SILENT = 0.9999
"""Probability of the blank where nobody speaks."""

words = st.lists(st.sampled_from(PHONEMES), min_size=1, max_size=6).map(tuple)
sentences = st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=6)
"""Accepted pronunciations, word by word; for `sentence_of(*…)`."""


def sentence_of(*accepted: list[Pronunciation]) -> Sentence:
    """A sentence whose words have these pronunciations."""
    return Sentence("…", tuple(Word(f"w{i}", f"w{i}", tuple(one)) for i, one in enumerate(accepted)))


def said(text: str) -> Hearing:
    """`"K AE T _ S AE T . . ."`: one frame per phoneme, blank or silence, nearly certain."""
    return hearing(["_", *text.split(), "_"])


def hearing(labels: list[str]) -> Hearing:
    """One frame per phoneme, blank ("_") or silence ("."), nearly certain."""
    probabilities = np.empty((len(labels), CLASSES), np.float32)
    for frame, label in enumerate(labels):
        certain = SILENT if label == "." else CERTAIN
        probabilities[frame] = (1 - certain) / (CLASSES - 1)
        probabilities[frame, BLANK if label in "_." else INDEX[label]] = certain
    return Hearing(np.log(probabilities), seconds_per_frame=0.024, duration_seconds=len(labels) * 0.024)


def spelled(pronunciation: Pronunciation) -> list[str]:
    """With a blank after every sound, as CTC wants between equal ones."""
    return [label for phoneme in pronunciation for label in (phoneme, "_")]


def noise_posteriors(frames: int, seed: int) -> Float32:
    """(frames, CLASSES) log-probabilities of nothing in particular."""
    draws = np.random.default_rng(seed).dirichlet(np.full(CLASSES, 0.3), frames)
    return np.log(draws + 1e-9).astype(np.float32)
