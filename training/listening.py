"""The recogniser of the product with a head of our choice, and frames it need not compute twice."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sounditout.analysis.align import Alignment, align
from sounditout.analysis.models import SAMPLE_RATE, Hearing, Waveform
from sounditout.analysis.trellis import Costs
from sounditout.engines.moonshine_decoder import ReadingDecoder
from sounditout.engines.moonshine_encoder import FRAME_SECONDS, MoonshineEncoder, last_layer
from sounditout.engines.moonshine_phonemes import PhonemeHeadSession
from sounditout.engines.moonshine_tokenizer import WordTokenizer
from sounditout.engines.onnx_runtime import open_session
from training.cases import Case
from training.corpus import Utterance
from training.fit_head import Float16
from training.wordplay import Entry, sentence_of

log = logging.getLogger(__name__)


class Listener:
    """Encoder and decoder, loaded once, for any number of heads."""

    def __init__(self, models: Path) -> None:
        self.encoder = MoonshineEncoder(models / "encoder.onnx")
        tokenizer = WordTokenizer.load(models / "tokenizer.json")
        self._decoder = ReadingDecoder(open_session(models / "decoder.onnx"), tokenizer)

    def hear(self, case: Case, head: PhonemeHeadSession, recorded: Float16 | None = None) -> Hearing:
        """Listen to a case; `recorded` spares encoding a recording that was not changed."""
        if case.samples is None and recorded is not None:
            embeddings = recorded.astype(np.float32)
        else:
            if case.samples is None:
                raise ValueError("a case without audio needs the frames of its recording")
            embeddings = self.encoder.encode(Waveform(case.samples))
        seconds = len(embeddings) * FRAME_SECONDS if case.samples is None else len(case.samples) / SAMPLE_RATE
        return Hearing(
            log_probs=head.log_probs(embeddings),
            seconds_per_frame=FRAME_SECONDS,
            duration_seconds=seconds,
            evidence=self._decoder.evidence(last_layer(embeddings), case.sentence),
            embeddings=embeddings,
        )


def own_alignments(
    utterances: Iterable[Utterance], frames: dict[str, Float16], head: PhonemeHeadSession, costs: Costs
) -> dict[str, Alignment]:
    """Where each utterance's own words are in it, by utterance id."""
    return {one.id: own_alignment(one, frames[one.id], head, costs) for one in utterances}


def own_alignment(utterance: Utterance, frames: Float16, head: PhonemeHeadSession, costs: Costs) -> Alignment:
    """Align with the phonemes of the manifest, which know the speaker's accent."""
    log_probs = head.log_probs(frames.astype(np.float32))
    entries = [Entry(*pair) for pair in zip(utterance.words, utterance.phonemes, strict=True)]
    hearing = Hearing(log_probs, FRAME_SECONDS, len(frames) * FRAME_SECONDS)
    return align(hearing, sentence_of(entries, own_only=True), costs)
