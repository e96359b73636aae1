"""Encoder frames of everything, computed once and kept on disk."""

import logging
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from sounditout.analysis.models import Float32, Waveform
from sounditout.engines.moonshine_encoder import MoonshineEncoder
from training.augment import augment
from training.corpus import Utterance, load_audio
from training.fit_head import Float16

log = logging.getLogger(__name__)

Loader = Callable[[Utterance], Float32]


def repeatable(*parts: str | int) -> np.random.Generator:
    """A random generator that depends on nothing but these names."""
    return np.random.default_rng(zlib.crc32("/".join(map(str, parts)).encode()))


def clean(utterance: Utterance) -> Float32:
    """The recording as it is."""
    return load_audio(utterance.audio)


def augmented(copy: int) -> Loader:
    """The `copy`-th changed version of each recording."""

    def load(utterance: Utterance) -> Float32:
        return augment(load_audio(utterance.audio), repeatable(utterance.id, copy))

    return load


def encode(encoder: MoonshineEncoder, samples: Float32) -> Float16:
    """Encoder frames, (frames, 576), at half precision."""
    return encoder.encode(Waveform(samples)).astype(np.float16)


def encode_all(
    encoder: MoonshineEncoder, utterances: Iterable[Utterance], loader: Loader, cache: Path
) -> dict[str, Float16]:
    """Frames by utterance id, from the cache file when it is there."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        found = {}
        for utterance in utterances:
            found[utterance.id] = encode(encoder, loader(utterance))
            if len(found) % 250 == 0:
                log.info("%s: %d utterances", cache.stem, len(found))
        save(found, cache)
    return load(cache)


def save(frames: dict[str, Float16], cache: Path) -> None:
    """Write all or nothing."""
    partial = cache.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **frames)
    partial.rename(cache)


def load(cache: Path) -> dict[str, Float16]:
    """Read what `save` wrote."""
    with np.load(cache) as file:
        return {key: file[key] for key in file.files}
