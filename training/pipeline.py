"""Train everything that is committed: the phoneme head and the judge.

    python -m training.pipeline --corpus PATH [--models DIR] [--work DIR]

    recordings → encoder frames → a head per fold (never heard the other fold) → cases judged
    by the head that never heard their speaker → judge; and one head from all training speakers

The speakers of the report are not touched. Frames and heads are kept in `--work`, and a second run
begins where the first stopped.
"""

import argparse
import datetime as dt
import itertools
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sounditout.analysis.models import Hearing
from sounditout.analysis.verdict import Judge
from sounditout.engines.moonshine_phonemes import PhonemeHeadSession, head_version
from training.assets import COSTS, HEAD_FILE, JUDGE_FILE, make_judge
from training.cases import KINDS, Case, CaseMaker, Kind
from training.corpus import Split, Utterance, read_corpus, split_speakers, spoken_by
from training.export import export_head
from training.features import augmented, clean, encode_all, repeatable
from training.fit_head import Example, Float16, Recipe, fit_head
from training.listening import Listener, own_alignments
from training.options import add_corpus_options, start_logging
from training.rows import Row, aligned_rows
from training.synthetic import synthetic_examples
from training.voice_cases import voice_cases

log = logging.getLogger(__name__)

COPIES: Final = 1
"""Augmented copies of every recording, beside the clean one."""
SYNTHETIC: Final = 1000
FOLD_SYNTHETIC: Final = 500
ALWAYS: Final[tuple[Kind, ...]] = ("clean", "near", "audio_near")
VOICE_EVERY: Final = 4
"""Every fourth sentence is read by the bundled voice as well, rightly and wrongly."""
CONTROLS: Final[tuple[Kind, ...]] = ("audio_same", "noisy")
"""Show whether seams or noise alone are taken for miscues; nothing is fitted to them."""
SOMETIMES: Final = 0.4
"""Part of the utterances that the other kinds of case are made from; they are easier and need fewer."""


@dataclass(frozen=True, slots=True)
class Material:
    """Frames of everything that may be learned from."""

    utterances: list[Utterance]
    split: Split
    clean: dict[str, Float16]
    copies: list[dict[str, Float16]]
    synthetic: list[Example]

    def examples(self, speakers: frozenset[str], synthetic: int) -> list[Example]:
        """What a head may learn from."""
        return [self._example(one) for one in spoken_by(self.utterances, speakers)] + self.synthetic[:synthetic]

    def _example(self, one: Utterance) -> Example:
        frames = (self.clean[one.id], *(copy[one.id] for copy in self.copies))
        return Example(frames, tuple(phoneme for word in one.phonemes for phoneme in word))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_corpus_options(parser)
    options = parser.parse_args()
    start_logging()
    listener = Listener(options.models)
    material = gather(options.corpus, listener, options.work)
    rows = [
        row for fold in range(len(material.split.folds)) for row in fold_rows(fold, material, listener, options.work)
    ]
    head = trained_head(options.work / "head_all.onnx", material.examples(material.split.training, SYNTHETIC))
    judge = make_judge(
        rows, head_version(head), f"{dt.datetime.now(dt.UTC).date()}, {len(rows)} words, python -m training.pipeline"
    )
    commit(head, judge)
    return 0


def gather(corpus: Path, listener: Listener, work: Path) -> Material:
    """Encode, or read what was encoded before."""
    everybody = read_corpus(corpus)
    split = split_speakers(everybody)
    utterances = spoken_by(everybody, split.training)
    encoder = listener.encoder
    return Material(
        utterances=utterances,
        split=split,
        clean=encode_all(encoder, utterances, clean, work / "clean.npz"),
        copies=[
            encode_all(encoder, utterances, augmented(copy), work / f"augmented{copy}.npz")
            for copy in range(1, COPIES + 1)
        ],
        synthetic=synthetic_examples(encoder, [one.words for one in utterances], SYNTHETIC, work / "synthetic.npz"),
    )


def trained_head(file: Path, examples: Sequence[Example]) -> bytes:
    """Train a head, or read the one that was trained before."""
    if not file.exists():
        log.info("training %s on %d examples", file.stem, len(examples))
        head, _ = fit_head(examples, Recipe())
        file.write_bytes(export_head(head))
    return file.read_bytes()


def fold_rows(fold: int, material: Material, listener: Listener, work: Path) -> list[Row]:
    """Cases of one fold's speakers, heard by a head that knows none of them."""
    speakers = material.split.folds[fold]
    examples = material.examples(material.split.training - speakers, FOLD_SYNTHETIC)
    head = PhonemeHeadSession(trained_head(work / f"head_{fold}.onnx", examples))
    utterances = spoken_by(material.utterances, speakers)
    maker = CaseMaker(utterances, own_alignments(utterances, material.clean, head, COSTS))
    people = heard_cases(utterances, maker, listener, head, material.clean)
    voice = heard_voice(utterances[::VOICE_EVERY], listener, head)
    return aligned_rows(itertools.chain(people, voice), COSTS)


def heard_voice(
    utterances: Sequence[Utterance], listener: Listener, head: PhonemeHeadSession
) -> Iterator[tuple[Case, Hearing]]:
    """The bundled voice reads their sentences, well and badly."""
    for case in voice_cases([one.words for one in utterances]):
        yield case, listener.hear(case, head)


def heard_cases(
    utterances: Sequence[Utterance],
    maker: CaseMaker,
    listener: Listener,
    head: PhonemeHeadSession,
    frames: dict[str, Float16],
) -> Iterator[tuple[Case, Hearing]]:
    """Make cases and listen to them."""
    for done, utterance in enumerate(utterances, 1):
        for case in maker.cases(utterance, kinds_for(utterance)):
            yield case, listener.hear(case, head, frames[utterance.id])
        if done % 100 == 0:
            log.info("cases from %d of %d utterances", done, len(utterances))


def kinds_for(utterance: Utterance) -> list[Kind]:
    """The kinds of case to make from it."""
    rng = repeatable(utterance.id, "kinds")
    return [kind for kind in KINDS if kind in ALWAYS or (kind not in CONTROLS and rng.random() < SOMETIMES)]


def commit(head: bytes, judge: Judge) -> None:
    """Write both where the package takes them from."""
    HEAD_FILE.parent.mkdir(exist_ok=True)
    HEAD_FILE.write_bytes(head)
    JUDGE_FILE.write_text(judge.model_dump_json(indent=2) + "\n")
    log.info("wrote %s and %s", HEAD_FILE, JUDGE_FILE)


if __name__ == "__main__":
    sys.exit(main())
