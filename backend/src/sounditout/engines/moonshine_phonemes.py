"""The recogniser: frozen Moonshine encoder, phoneme head, and the Moonshine decoder's second opinion."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import Evidence, Float32, Hearing, RecognizerInfo, Sentence, Waveform
from sounditout.analysis.phonemes import BLANK
from sounditout.engines.moonshine_decoder import ReadingDecoder
from sounditout.engines.moonshine_encoder import (
    FRAME_SECONDS,
    MoonshineEncoder,
    last_layer,
    loudest_level,
)
from sounditout.engines.moonshine_tokenizer import WordTokenizer
from sounditout.engines.onnx_runtime import open_session, run
from sounditout.errors import NoSpeech

NAME: Final = "moonshine-tiny+phoneme-head"
SILENCE_LEVEL: Final = 2e-4
"""Root mean square (−74 dBFS) under which even the loudest moments are the microphone's own noise."""
VOICED: Final = 0.4
"""Probability that a frame is not blank. A lone "a" reaches .5, every other short word .9; hum, clicks and most
noise stay under .05, two of nine loud noises reached .3."""


class MoonshinePhonemes:
    """`PhonemeRecognizer` on ONNX Runtime. Thread-safe: the sessions hold no state between calls.

    Loading takes about 0.7 s and 300 MB; listening to 5 s about 80 ms on one thread, most of it
    without the interpreter lock.
    """

    def __init__(self, models: Path, *, head: bytes | None = None, threads: int = 1) -> None:
        """Load everything.

        Args:
            models: the folder that `scripts/prepare_models.py` fills.
            head: an ONNX phoneme head in the place of the one in the package.
            threads: ONNX Runtime threads per call.
        """
        self._encoder = MoonshineEncoder(models / "encoder.onnx", threads=threads)
        self._head = PhonemeHeadSession(head or packaged_head())
        tokenizer = WordTokenizer.load(models / "tokenizer.json")
        self._decoder = ReadingDecoder(open_session(models / "decoder.onnx", threads=threads), tokenizer)

    @property
    def info(self) -> RecognizerInfo:
        return RecognizerInfo(name=NAME, version=self._head.version)

    def listen(self, waveform: Waveform, sentence: Sentence, stop: Cancellation) -> Hearing:
        """Hear the waveform with encoder and phoneme head, which do not know what was to be read.

        Raises:
            NoSpeech: nothing was said.
            Cancelled: `stop` was requested.
        """
        del sentence
        if loudest_level(waveform.samples) < SILENCE_LEVEL:
            raise NoSpeech(stage="listening")
        embeddings = self._encoder.encode(waveform, stop)
        log_probs = self._head.log_probs(embeddings, stop)
        if not has_speech(log_probs):
            raise NoSpeech(stage="listening")
        return Hearing(
            log_probs=log_probs,
            seconds_per_frame=FRAME_SECONDS,
            duration_seconds=waveform.seconds,
            embeddings=embeddings,
        )

    def second_opinion(self, hearing: Hearing, sentence: Sentence, stop: Cancellation) -> tuple[Evidence, ...] | None:
        """Ask the decoder. None for a hearing without embeddings.

        Raises:
            Cancelled: `stop` was requested.
        """
        if hearing.embeddings is None:
            return None
        return self._decoder.evidence(last_layer(hearing.embeddings), sentence, stop)


class PhonemeHeadSession:
    """The trained head: (frames, 576) → (frames, CLASSES) log-probabilities."""

    def __init__(self, model: bytes) -> None:
        self.version: Final = head_version(model)
        self._session = open_session(model)

    def log_probs(self, embeddings: Float32, stop: Cancellation | None = None) -> Float32:
        return run(self._session, "log_probs", {"embeddings": embeddings[None]}, stop)


def packaged_head() -> bytes:
    """The head that comes with this package."""
    return files("sounditout.engines").joinpath("assets/phoneme_head.onnx").read_bytes()


def head_version(model: bytes) -> str:
    """Twelve hexadecimal digits that change whenever the head does."""
    return hashlib.sha256(model).hexdigest()[:12]


def has_speech(log_probs: Float32) -> bool:
    """Whether any frame sounds like a phoneme."""
    return bool(np.any(1 - np.exp(log_probs[:, BLANK]) > VOICED))
