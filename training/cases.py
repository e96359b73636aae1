"""Readings in which it is known which words are wrong, made from readings that were right.

Text side: the shown sentence is changed, the recording stays. Audio side: the recording is changed, the
sentence stays; that is what a real miscue is like, for the decoder's language model then favours the
word shown and not the word said.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from sounditout.analysis.align import Alignment
from sounditout.analysis.function_words import FUNCTION_WORDS
from sounditout.analysis.models import SAMPLE_RATE, Float32, Pronunciation, Sentence
from sounditout.engines.moonshine_encoder import FRAME_SAMPLES
from training.augment import augment
from training.corpus import Utterance, load_audio
from training.features import repeatable
from training.splice import insert, remove, replace
from training.wordplay import Entry, accepted, distance, far_words, near_words, sentence_of

Kind = Literal[
    "clean",
    "near",
    "random",
    "function",
    "unread",
    "audio_near",
    "audio_function",
    "audio_skipped",
    "audio_extra",
    "audio_same",
    "noisy",
    "voice",
]
KINDS: Final[tuple[Kind, ...]] = tuple(kind for kind in get_args(Kind) if kind != "voice")
"""Those that can be made from a recording; `voice` is made from a sentence (`voice_cases.py`)."""
MISREAD_KINDS: Final[tuple[Kind, ...]] = ("near", "random", "function", "audio_near", "audio_function", "voice")
SKIPPED_KINDS: Final[tuple[Kind, ...]] = ("unread", "audio_skipped")
DIFFERENT: Final = 0.5
"""Smallest distance between two function words of which one is said for the other."""
SHORTEST_DONOR: Final = 0.06
"""Seconds; less is a failed alignment."""


@dataclass(frozen=True, slots=True)
class Case:
    """One reading to be judged."""

    kind: Kind
    utterance: Utterance
    sentence: Sentence
    samples: Float32 | None
    """None: the recording as it is."""
    changed: int | None = None
    """The word that was misread or skipped, or (`audio_same`) said a second time in its own place."""
    said: Pronunciation = ()
    """`voice`: what was said in the place of the misread word."""

    @property
    def wrong(self) -> int | None:
        """The word that was misread or skipped."""
        return None if self.kind == "audio_same" else self.changed


@dataclass(frozen=True, slots=True)
class Cut:
    """One word in one recording."""

    utterance: Utterance
    place: int
    start: int
    end: int
    """Samples."""

    @property
    def entry(self) -> Entry:
        return Entry(self.utterance.words[self.place], self.utterance.phonemes[self.place])


class CaseMaker:
    """Makes every kind of case it can from an utterance, the same ones every time."""

    def __init__(self, utterances: Sequence[Utterance], alignments: dict[str, Alignment]) -> None:
        """`alignments`: of each utterance's own recording with its own sentence, by id."""
        self._alignments = alignments
        self._cuts: dict[str, list[Cut]] = defaultdict(list)
        for utterance in utterances:
            self._cuts[utterance.speaker].extend(self._cuts_of(utterance))
        entries = (Entry(*pair) for one in utterances for pair in zip(one.words, one.phonemes, strict=True))
        self._vocabulary = [one for one in dict.fromkeys(entries) if accepted(one.text)]

    def _cuts_of(self, utterance: Utterance) -> Iterator[Cut]:
        for place, word in enumerate(self._alignments[utterance.id].words):
            cut = Cut(utterance, place, word.start * FRAME_SAMPLES, word.end * FRAME_SAMPLES)
            if cut.end - cut.start >= SHORTEST_DONOR * SAMPLE_RATE:
                yield cut

    def cases(self, utterance: Utterance, kinds: Sequence[Kind] = KINDS) -> Iterator[Case]:
        """The utterance as it is and changed, of the kinds asked for, as far as words can be found."""
        entries = [Entry(*pair) for pair in zip(utterance.words, utterance.phonemes, strict=True)]
        if not all(accepted(one.text) for one in entries):
            return
        for kind in kinds:
            rng = repeatable(utterance.id, kind)
            case = self._make(kind, utterance, entries, rng)
            if case is not None:
                yield case

    def _make(self, kind: Kind, utterance: Utterance, entries: list[Entry], rng: np.random.Generator) -> Case | None:
        if kind == "clean":
            return Case(kind, utterance, sentence_of(entries), None)
        if kind == "noisy":
            return Case(kind, utterance, sentence_of(entries), augment(load_audio(utterance.audio), rng))
        if kind in ("near", "random", "function"):
            return self._swap_text(kind, utterance, entries, rng)
        if kind == "unread":
            return self._add_text(utterance, entries, rng)
        return self._change_audio(kind, utterance, entries, rng)

    def _swap_text(
        self, kind: Kind, utterance: Utterance, entries: list[Entry], rng: np.random.Generator
    ) -> Case | None:
        small = kind == "function"
        pool = [one for one in self._vocabulary if (one.text in FUNCTION_WORDS) is small]
        for place in shuffled(places(entries, function=small), rng):
            choose = near_words if kind == "near" else far_words if kind == "random" else other_words
            found = choose(entries[place], pool)
            if found:
                chosen = found[int(rng.integers(len(found)))]
                shown = [*entries[:place], chosen, *entries[place + 1 :]]
                return Case(kind, utterance, sentence_of(shown), None, changed=place)
        return None

    def _add_text(self, utterance: Utterance, entries: list[Entry], rng: np.random.Generator) -> Case:
        place = int(rng.integers(len(entries) + 1))
        added = self._vocabulary[int(rng.integers(len(self._vocabulary)))]
        shown = [*entries[:place], added, *entries[place:]]
        return Case("unread", utterance, sentence_of(shown), None, changed=place)

    def _change_audio(
        self, kind: Kind, utterance: Utterance, entries: list[Entry], rng: np.random.Generator
    ) -> Case | None:
        own = [cut for cut in self._cuts[utterance.speaker] if cut.utterance is utterance]
        others = [cut for cut in self._cuts[utterance.speaker] if cut.utterance is not utterance]
        if not own or not others:
            return None
        sentence = sentence_of(entries)
        samples = load_audio(utterance.audio)
        if kind == "audio_skipped":
            cut = own[int(rng.integers(len(own)))]
            return Case(kind, utterance, sentence, remove(samples, cut.start, cut.end), changed=cut.place)
        if kind == "audio_extra":
            cut, donor = own[int(rng.integers(len(own)))], others[int(rng.integers(len(others)))]
            changed = insert(samples, cut.start, heard(donor))
            return Case(kind, utterance, sentence, changed)
        if kind == "audio_same":
            return repeated_word(utterance, sentence, samples, (own, others), rng)
        return replaced_word(kind, utterance, sentence, samples, (own, others), rng)


def replaced_word(
    kind: Kind,
    utterance: Utterance,
    sentence: Sentence,
    samples: Float32,
    cuts: tuple[list[Cut], list[Cut]],
    rng: np.random.Generator,
) -> Case | None:
    """One word said as another word of the same speaker: a near one, or any other function word."""
    own, others = cuts
    small = kind == "audio_function"
    for number in rng.permutation(len(own)):
        cut = own[number]
        if (cut.entry.text in FUNCTION_WORDS) is not small:
            continue
        choose = other_words if small else near_words
        fitting = set(
            choose(cut.entry, (one.entry for one in others if not small or one.entry.text in FUNCTION_WORDS))
        )
        donors = [one for one in others if one.entry in fitting]
        if donors:
            donor = donors[int(rng.integers(len(donors)))]
            changed = replace(samples, cut.start, cut.end, heard(donor))
            return Case(kind, utterance, sentence, changed, changed=cut.place)
    return None


def repeated_word(
    utterance: Utterance,
    sentence: Sentence,
    samples: Float32,
    cuts: tuple[list[Cut], list[Cut]],
    rng: np.random.Generator,
) -> Case | None:
    """One word replaced by the same word from another recording: all of the seams and none of the miscue."""
    own, others = cuts
    for number in rng.permutation(len(own)):
        cut = own[number]
        donors = [one for one in others if one.entry == cut.entry]
        if donors:
            donor = donors[int(rng.integers(len(donors)))]
            changed = replace(samples, cut.start, cut.end, heard(donor))
            return Case("audio_same", utterance, sentence, changed, changed=cut.place)
    return None


def heard(cut: Cut) -> Float32:
    """The samples of a word."""
    return load_audio(cut.utterance.audio)[cut.start : cut.end]


def other_words(entry: Entry, candidates: Iterator[Entry] | Sequence[Entry]) -> list[Entry]:
    """Candidates that differ in at least half of their sounds."""
    return [one for one in candidates if distance(entry.pronunciation, one.pronunciation) >= DIFFERENT]


def places(entries: Sequence[Entry], *, function: bool) -> list[int]:
    """Where the function words are, or the others."""
    return [place for place, one in enumerate(entries) if (one.text in FUNCTION_WORDS) is function]


def shuffled(values: list[int], rng: np.random.Generator) -> list[int]:
    """In a random order."""
    return [values[i] for i in rng.permutation(len(values))]
