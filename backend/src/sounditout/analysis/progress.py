"""How far a reader has come in a sentence, from a hearing that may end in the middle of a word.

Being late is better than being early. A word counts as read when its last sound was said a moment ago and the best
way through what was heard that has left the word is clearly better than the best way that has not. A word that was
read otherwise than shown, or left out, counts only when something after it has been read as shown.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sounditout.analysis.align import TIE, best_chains
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph, Indices, Mask, build_graph
from sounditout.analysis.models import Hearing, Sentence
from sounditout.analysis.search import Ways, search
from sounditout.analysis.sounds import sound_log_probs
from sounditout.analysis.telling import telling_frames
from sounditout.analysis.trellis import Costs, OpenEnds, Scores

# Found on prefixes of 48 readings by as many speakers, with 1 word of 247 told more than 0.15 s too early.
_SURE: Final = 2.0
"""Nats by which having left a word must beat being in it still."""
_SURER: Final = 5.0
"""The same where something before it was not read as shown."""
_FOUND_SOUNDS: Final = 4
"""So many sounds read as shown after something that was not: any talk has a "the" in it."""
_LENIENT: Final = 2.0
"""Nats by which a way with a miscue in a word may beat the best without: it may well have been read as shown."""
_SETTLED_FRAMES: Final = 7
"""0.17 s after a sound began it is over, or nearly so, and the recogniser has heard what follows it."""
_QUIET: Final = 0.98
"""Probability of the blank from which on a frame tells nothing here: looser than for a verdict. Of 2,294 beginnings
of 200 readings eight are understood otherwise than with the stricter one; with .95 thirty would be."""
_LATE_START: Final = 10.0
"""Nats that it costs to begin at a later word: three sounds that fit well."""

WordStatus = Literal["correct", "omitted", "unsure"]


@dataclass(frozen=True, slots=True)
class WordBehind:
    """A word that the reader has left behind."""

    status: WordStatus
    last_sound_seconds: float
    """When its last sound was most itself, or when the word was left out."""


def words_behind(
    hearing: Hearing,
    sentence: Sentence,
    costs: Costs,
    stop: Cancellation | None = None,
    *,
    after: WordBehind | None = None,
    lost: bool = False,
) -> tuple[WordBehind, ...]:
    """The words that were read so far, from the first one on.

    Args:
        hearing: of the reading so far.
        sentence: what is being read.
        costs: of the search.
        stop: looked at now and then.
        after: the word before the sentence, which is looked for in what follows it; None: from the beginning on.
        lost: whether the hearing may begin anywhere in the sentence.

    Raises:
        Cancelled: `stop` was requested.
    """
    graph = build_graph(sentence)
    ends = OpenEnds(_LATE_START if lost else None)
    first = 0 if after is None else _frame_after(after, hearing)
    telling = first + telling_frames(hearing.log_probs[first:], _QUIET)
    ways = search(sound_log_probs(hearing.log_probs[telling]), graph, costs, ends=ends, stop=stop)
    evidence = _Evidence(graph, ways, np.append(telling, len(hearing.log_probs)))
    behind = evidence.words_behind()
    # Of a word that was not read as shown, the moment is a guess; but not after the next word.
    moments = np.minimum.accumulate(evidence.last_sound[:behind][::-1])[::-1] * (hearing.seconds_per_frame or 0.0)
    return tuple(WordBehind(evidence.status(word), float(moment)) for word, moment in enumerate(moments))


def _frame_after(word: WordBehind, hearing: Hearing) -> int:
    """The one after its last sound was most itself, if there is one."""
    frame = round(word.last_sound_seconds / (hearing.seconds_per_frame or 1.0)) + 1
    return min(frame, len(hearing.log_probs) - 1)


class _Evidence:
    """What the best ways say of every word.

    Args:
        frames: of the hearing, for those that were searched, and their number at the end.
    """

    def __init__(self, graph: Graph, ways: Ways, frames: Indices) -> None:
        chosen = best_chains(graph, ways)
        self._frames = int(frames[-1])
        self._words = graph.words
        self._intact = ways.intact[chosen] >= ways.best - _LENIENT
        self._skipped = ways.skipped.max(axis=0) >= ways.best - TIE
        self.last_sound = frames[_last_sounds(graph, ways, chosen, self._skipped)]
        self._margin = _margins(ways)
        self._sounds = (graph.chain_end - graph.chain_start + 1)[chosen]

    def words_behind(self) -> int:
        """How many words are behind the reader."""
        behind = matching = 0
        settled = self._frames - self.last_sound >= _SETTLED_FRAMES
        for word in range(self._words):
            matching = matching + int(self._sounds[word]) if self._intact[word] else 0
            certain = bool(self._intact[behind : word + 1].all())
            if self._margin[word] < (_SURE if certain else _SURER):
                break
            if self._intact[word] and not settled[word]:
                break
            if certain or matching >= _FOUND_SOUNDS:
                behind = word + 1
        return behind

    def status(self, word: int) -> WordStatus:
        if self._intact[word]:
            return "correct"
        return "omitted" if self._skipped[word] else "unsure"


def _margins(ways: Ways) -> Scores:
    """(words,): how much better the best way that has left a word is than the best that has not; nats."""
    not_left = np.maximum.accumulate(ways.ends)[:-1]
    left = np.maximum.accumulate(ways.ends[::-1])[::-1][1:]
    margins: Scores = left - not_left
    return margins


def _last_sounds(graph: Graph, ways: Ways, chosen: Indices, skipped: Mask) -> Indices:
    """(words,): searched frames at which the reader was done with each word."""
    said = ways.present(graph.chain_end[chosen]).argmax(axis=0)
    moments: Indices = np.where(skipped, ways.skipped.argmax(axis=0), said)
    return moments
