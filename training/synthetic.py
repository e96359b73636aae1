"""Synthetic readings of the corpus's sentences, correct and misread, for the head."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sounditout.analysis.phonemes import INDEX, PHONEMES
from sounditout.engines.moonshine_encoder import MoonshineEncoder
from training.augment import augment
from training.features import encode, repeatable
from training.fit_head import Example
from training.spoken import Spoken, misread, say, stressed

MISREAD: Final = 0.3
"""Fraction of words with a wrong sound: enough to teach that spelling does not decide."""
AUGMENTED: Final = 0.5


def synthetic_examples(
    encoder: MoonshineEncoder, sentences: Sequence[tuple[str, ...]], count: int, cache: Path
) -> list[Example]:
    """`count` readings, encoded; from the cache file when it is there."""
    if not cache.exists():
        arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float16 | np.int64]]] = {}
        for place, reading in enumerate(readings(sentences, count)):
            arrays[f"frames{place}"] = encode(encoder, roughen(reading, place))
            said = [INDEX[phoneme] for word in reading.words for phoneme in word]
            arrays[f"phonemes{place}"] = np.array(said)
        np.savez(cache, allow_pickle=False, **arrays)
    with np.load(cache) as file:
        places = range(len(file.files) // 2)
        return [Example((file[f"frames{i}"],), names(file[f"phonemes{i}"])) for i in places]


def names(indices: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> tuple[str, ...]:
    """Columns of the recogniser's output as phonemes."""
    return tuple(PHONEMES[index - 1] for index in indices)


def roughen(reading: Spoken, place: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Half of the readings in another room."""
    rng = repeatable("room", place)
    return augment(reading.samples, rng) if rng.random() < AUGMENTED else reading.samples


def readings(sentences: Sequence[tuple[str, ...]], count: int) -> Iterator[Spoken]:
    """Sentences drawn at random, as far as the dictionary knows their words, some words misread."""
    rng = repeatable("synthetic")
    known = [words for words in sentences if all(stressed(word) for word in words)]
    for _ in range(count):
        words = [stressed(word) or () for word in known[int(rng.integers(len(known)))]]
        yield say([misread(word, rng) if rng.random() < MISREAD else word for word in words], rng)
