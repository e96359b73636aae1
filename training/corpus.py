"""Real readings to learn from and to be measured on, and who may be used for what.

A corpus folder holds `manifest.tsv` (id, speaker, age, gender, sentence, phonemes: ARPAbet without
stress, words split by `|`) and `audio/<id>.opus`.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np

from sounditout.analysis.models import SAMPLE_RATE, Float32, Pronunciation

Group = Literal["child", "adult", "voice"]
VOICE: Final = "voice"
"""Begins the name of a speaker that is no person."""

CHILD_BELOW: Final = 16
"""Years. Voices have mostly broken by then, and the corpus has nobody between 15 and 19."""
REPORT_CHILDREN: Final = 12
REPORT_ADULTS: Final = 12
SPLIT_SEED: Final = 762


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recorded sentence and what should have been said in it."""

    id: str
    speaker: str
    age: int
    words: tuple[str, ...]
    phonemes: tuple[Pronunciation, ...]
    audio: Path

    @property
    def group(self) -> Group:
        """Whose voice it is, for the tables."""
        if self.speaker.startswith(VOICE):
            return "voice"
        return "child" if self.age < CHILD_BELOW else "adult"


@dataclass(frozen=True, slots=True)
class Split:
    """Speakers by use. `report` touches nothing but the final table; the rest are learned from in `folds`."""

    report: frozenset[str]
    folds: tuple[frozenset[str], ...]

    @property
    def training(self) -> frozenset[str]:
        return frozenset().union(*self.folds)


def read_corpus(folder: Path) -> list[Utterance]:
    """Every utterance of the corpus whose words and phonemes agree in number."""
    with (folder / "manifest.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    utterances = [parse_row(row, folder / "audio") for row in rows]
    return [one for one in utterances if len(one.words) == len(one.phonemes) and all(one.phonemes)]


def parse_row(row: dict[str, str], audio: Path) -> Utterance:
    """One line of the manifest."""
    return Utterance(
        id=row["id"],
        speaker=row["speaker"],
        age=int(row["age"]),
        words=tuple(row["sentence"].split()),
        phonemes=tuple(tuple(word.split()) for word in row["phonemes"].split("|")),
        audio=audio / f"{row['id']}.opus",
    )


def split_speakers(utterances: Iterable[Utterance], folds: int = 2) -> Split:
    """Deal the speakers out, children and adults evenly, the same way every time."""
    ages = {one.speaker: one.age for one in utterances}
    dealer = random.Random(SPLIT_SEED)  # noqa: S311 (a repeatable shuffle, no secret)
    report: set[str] = set()
    hands: list[set[str]] = [set() for _ in range(folds)]
    for child, held_out in ((True, REPORT_CHILDREN), (False, REPORT_ADULTS)):
        group = sorted(speaker for speaker, age in ages.items() if (age < CHILD_BELOW) is child)
        dealer.shuffle(group)
        report.update(group[:held_out])
        for place, speaker in enumerate(group[held_out:]):
            hands[place % folds].add(speaker)
    return Split(frozenset(report), tuple(frozenset(hand) for hand in hands))


def spoken_by(utterances: Sequence[Utterance], speakers: frozenset[str]) -> list[Utterance]:
    """The utterances of these speakers, in their old order."""
    return [one for one in utterances if one.speaker in speakers]


def load_audio(path: Path) -> Float32:
    """Decode one file to mono float32 at 16 kHz, shape (samples,)."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames.extend(resampler.resample(None))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)
