"""From a hearing and a sentence to what happened to every word and every sound.

Nothing is judged here: an alignment says where each word was, what the best explanation of every
sound is, and how much better the best reading with a miscue explains the recording than the best
reading without one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph, Indices, Mask, build_graph
from sounditout.analysis.models import Float32, Hearing, Pronunciation, Sentence
from sounditout.analysis.phonemes import BLANK, INDEX, PHONEMES
from sounditout.analysis.search import Ways, search
from sounditout.analysis.sounds import alike, sound_log_probs
from sounditout.analysis.telling import telling_frames
from sounditout.analysis.trellis import Costs, Scores

TIE: Final = 1e-6
"""Ways whose scores differ by less are the same way (rounding)."""
BEFORE_PEAK: Final = 2
AFTER_PEAK: Final = 8
"""Frames. The head names a sound when it begins: against the energy of 112 readings the first peak was 13 ms after
the onset (median), and the last 166 ms before the end."""

Fate = Literal["said", "replaced", "omitted"]
FATES: Final[tuple[Fate, Fate, Fate]] = ("said", "replaced", "omitted")


@dataclass(frozen=True, slots=True)
class AlignedPhoneme:
    """What happened to one sound of the sentence."""

    expected: str
    fate: Fate
    heard: str | None
    """The phoneme that was said: the expected one, or the one in its place; None when left out."""
    alternative: str | None
    """The best guess at what was said if it was not the expected sound; None: nothing."""
    margin: float
    """Log-likelihood of the best reading with this sound wrong over the best with it right, no cost charged; nats."""
    peak: int
    """The frame at which it is most itself."""
    start: int
    end: int
    """Frames, end exclusive."""


@dataclass(frozen=True, slots=True)
class Intruder:
    """A sound in the middle of a word that does not belong there."""

    after: int
    """Place in the word of the sound it follows."""
    heard: str
    start: int
    end: int
    """Frames, end exclusive."""


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """What happened to one word of the sentence."""

    phonemes: tuple[AlignedPhoneme, ...]
    """Of the accepted pronunciation that explains the recording best."""
    intruders: tuple[Intruder, ...]
    margin: float
    """Log-likelihood of the best reading with a miscue in this word over the best without, no cost charged; nats."""
    flagged_by: float
    """How much the best reading of all, costs charged, beats the best with this word intact; ≥ 0."""
    skip_margin: float
    """Log-likelihood of the best reading without this word over the best with it intact, no cost charged."""
    log_prob: float
    """Mean log-probability of the expected sounds at their peaks."""

    @property
    def start(self) -> int:
        return min(phoneme.start for phoneme in self.phonemes)

    @property
    def end(self) -> int:
        return max(phoneme.end for phoneme in self.phonemes)

    @property
    def has_wrong_sound(self) -> bool:
        """Whether the best reading has something wrong in it."""
        return bool(self.intruders) or any(phoneme.fate != "said" for phoneme in self.phonemes)

    @property
    def omitted_fraction(self) -> float:
        """Part of the sounds that were left out."""
        return sum(phoneme.fate == "omitted" for phoneme in self.phonemes) / len(self.phonemes)


@dataclass(frozen=True, slots=True)
class Stray:
    """Something said between two words that belongs to neither."""

    before_word: int
    """Index of the word it comes before; the number of words when it comes last."""
    phonemes: Pronunciation
    start: int
    end: int
    """Frames, end exclusive."""
    confidence: float
    """Mean probability that the frames with a sound in them are no blank."""


@dataclass(frozen=True, slots=True)
class Alignment:
    words: tuple[AlignedWord, ...]
    strays: tuple[Stray, ...]


def align(hearing: Hearing, sentence: Sentence, costs: Costs, stop: Cancellation | None = None) -> Alignment:
    """Find every word of the sentence in what was heard: 5 ms for 5 s and 15 words, 140 ms for a minute and 50.

    Raises:
        Cancelled: `stop` was requested.
    """
    stop = stop or Cancellation()
    graph = build_graph(sentence)
    heard = _Heard(hearing.log_probs, hearing.log_probs.argmax(axis=1), telling_frames(hearing.log_probs))
    ways = search(sound_log_probs(hearing.log_probs[heard.searched]), graph, costs, stop=stop)
    stop.check("scoring")
    clock = _Clock(graph, ways, best_chains(graph, ways), heard)
    words = []
    for word in range(graph.words):
        stop.check("scoring")
        words.append(_align_word(word, graph, ways, costs, clock, heard))
    return Alignment(tuple(words), _strays(ways, heard))


class _Heard(NamedTuple):
    """What the recogniser says of every frame."""

    log_probs: Float32
    best: Indices
    """(frames,): the most probable class."""
    searched: Indices
    """The frames in which the sentence was looked for, in order: frame f of the ways is the f-th of these."""


def best_chains(graph: Graph, ways: Ways) -> Indices:
    """(words,): the pronunciation that would explain the recording best; of several the first."""
    best_of_word = np.maximum.reduceat(ways.intact, graph.first_chain)
    best = np.flatnonzero(ways.intact == best_of_word[graph.chain_word])
    return best[np.searchsorted(graph.chain_word[best], np.arange(graph.words))]


def _skipped(graph: Graph, ways: Ways) -> Mask:
    """(words,): whether the best reading leaves the word out as a whole."""
    present = np.maximum(ways.said, ways.replaced).max(axis=0)
    through = np.full(graph.words, -np.inf)
    np.maximum.at(through, graph.word, present)
    skipped: Mask = ways.skipped.max(axis=0) > through + TIE
    return skipped


class _Clock:
    """Frames of the chosen positions: peaks in reading order, each sound reaching most of the way to the next."""

    def __init__(self, graph: Graph, ways: Ways, chosen: Indices, heard: _Heard) -> None:
        spans = [range(graph.chain_start[chain], graph.chain_end[chain] + 1) for chain in chosen]
        self.positions = [list(span) for span in spans]
        flat = np.concatenate([np.array(span) for span in spans])
        word = graph.word[flat]
        present = np.maximum(ways.said[:, flat], ways.replaced[:, flat])
        skipped = _skipped(graph, ways)
        self.skipped = skipped
        gone = ways.omitted[:, flat].max(axis=0) > present.max(axis=0)
        moments = np.where(gone, ways.omitted[:, flat].argmax(axis=0), present.argmax(axis=0))
        moments = np.where(skipped[word], ways.skipped.argmax(axis=0)[word], moments)
        peaks = heard.searched[np.maximum.accumulate(np.minimum(moments, len(heard.searched) - 1))]
        borders = (peaks[:-1] + 3 * peaks[1:] + 2) // 4
        starts = np.maximum(np.append(0, borders), peaks - BEFORE_PEAK)
        ends = np.minimum(np.append(borders, len(heard.best)), peaks + 1 + AFTER_PEAK)
        self._times = {
            int(position): (int(peak), int(start), int(max(start, end)))
            for position, peak, start, end in zip(flat, peaks, starts, ends, strict=True)
        }

    def __getitem__(self, position: int) -> tuple[int, int, int]:
        """(peak, start, end) of a position."""
        return self._times[position]


def _align_word(word: int, graph: Graph, ways: Ways, costs: Costs, clock: _Clock, heard: _Heard) -> AlignedWord:
    positions = clock.positions[word]
    chain = int(graph.chain[positions[0]])
    scores = _fate_scores(positions, ways)
    if clock.skipped[word]:
        scores[FATES.index("omitted")] = ways.best
    free = scores + np.array([[0.0], [costs.substitute], [costs.omit]])
    phonemes = tuple(
        _align_phoneme(expected, scores[:, place], free[:, place], clock[position], heard.log_probs)
        for place, (expected, position) in enumerate(zip(graph.chains[chain], positions, strict=True))
    )
    intact = float(ways.intact[chain])
    skipped = float(ways.skipped[:, word].max()) + costs.skip_sound * int(graph.shortest[word])
    return AlignedWord(
        phonemes=phonemes,
        intruders=tuple(_intruders(phonemes, heard.best)),
        margin=max(float(free[1:].max()), skipped) - intact,
        flagged_by=max(0.0, ways.best - intact),
        skip_margin=skipped - intact,
        log_prob=float(np.mean([heard.log_probs[one.peak, INDEX[one.expected]] for one in phonemes])),
    )


def _fate_scores(positions: list[int], ways: Ways) -> Scores:
    """(3, sounds): the best score of a way that says, replaces or omits each sound, costs charged."""
    tables = (ways.said, ways.replaced, ways.omitted)
    return np.stack([table[:, positions].max(axis=0) for table in tables])


def _align_phoneme(
    expected: str, scores: Scores, free: Scores, times: tuple[int, int, int], log_probs: Float32
) -> AlignedPhoneme:
    peak, start, end = times
    fate = FATES[int(np.argmax(scores))]
    replacement = _other_than(expected, log_probs[peak])
    return AlignedPhoneme(
        expected=expected,
        fate=fate,
        heard={"said": expected, "omitted": None, "replaced": replacement}[fate],
        alternative=replacement if free[1] >= free[2] else None,
        margin=float(free[1:].max() - free[0]),
        peak=peak,
        start=start,
        end=end,
    )


def _other_than(expected: str, log_probs: Float32) -> str:
    """The most probable phoneme that does not count as the expected one."""
    ranked: list[int] = np.argsort(log_probs[BLANK + 1 :])[::-1].tolist()
    return next(PHONEMES[place] for place in ranked if not alike(PHONEMES[place], expected))


def _intruders(phonemes: tuple[AlignedPhoneme, ...], heard: Indices) -> Iterator[Intruder]:
    """Sounds heard between two neighbours that were both said, and that are neither of them."""
    for place, (left, right) in enumerate(pairwise(phonemes)):
        if left.fate != "said" or right.fate != "said":
            continue
        for label, run in groupby(range(left.peak + 1, right.peak), key=lambda frame: int(heard[frame])):
            frames = list(run)
            name = PHONEMES[label - 1]
            if label != BLANK and not alike(name, left.expected) and not alike(name, right.expected):
                yield Intruder(place, name, frames[0], frames[-1] + 1)


def _strays(ways: Ways, heard: _Heard) -> tuple[Stray, ...]:
    """Frames in which the best reading is between two words and yet something is said."""
    at = ways.between.argmax(axis=1)
    on_best_way = ways.between.max(axis=1) >= ways.best - TIE
    voiced = on_best_way & (heard.best[heard.searched] != BLANK)
    strays = []
    for junction in np.unique(at[voiced]):
        frames = heard.searched[voiced & (at == junction)]
        start, end = int(frames[0]), int(frames[-1]) + 1
        strays.append(
            Stray(
                before_word=int(junction),
                phonemes=_collapse(heard.best, start, end),
                start=start,
                end=end,
                confidence=float(np.mean(1 - np.exp(heard.log_probs[frames, BLANK]))),
            )
        )
    return tuple(strays)


def _collapse(heard: Indices, start: int, end: int) -> Pronunciation:
    """The phonemes of a stretch of frames, repetitions and blanks taken out (CTC's own rule)."""
    runs = (int(label) for label, _ in groupby(heard[start:end]))
    return tuple(PHONEMES[label - 1] for label in runs if label != BLANK)
