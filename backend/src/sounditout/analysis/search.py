"""Viterbi through a sentence graph, from both sides at once.

For every position of the graph and every frame this finds the best way through the whole recording
that passes there: saying the sound, saying another one, or leaving it out. The difference between
the best way with a miscue and the best way without is what a judge works with, and it does not
depend on a threshold.

Three copies of the graph run in one array: the graph forwards in time, the reversed graph backwards
in time, and the graph forwards without any miscue inside the word, entered from the first copy.

With open ends a way may end anywhere, in the middle of a word too: the reading is still going on. It may then also
begin before any word, at a price: the beginning of the reading is no longer there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph
from sounditout.analysis.models import Float32

Scores = NDArray[np.float64]

IMPOSSIBLE: Final = -1e9
"""Finite, so that sums of it stay comparable and no NaN appears."""
_LOOK_EVERY: Final = 64
"""Frames between two looks at whether to stop: 2 ms for 15 words, 4 ms for 50."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a way through the graph pays, in nats. Fitted together with the judge."""

    substitute: float
    omit: float
    skip_sound: float
    """For leaving out a whole word, per sound of it."""
    garbage: float
    """Per frame of sound between two words that belongs to neither."""
    insert: float
    """Per frame of sound between two sounds of a word that belongs to neither."""


@dataclass(frozen=True, slots=True)
class OpenEnds:
    """For a reading that is heard in part."""

    late_start: float | None = None
    """Cost of beginning before any word but the first, in nats; None: every way begins before the first."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Best total scores of ways through the recording, all comparable with each other."""

    best: float
    said: Scores
    """(frames, positions): saying this sound at this frame."""
    replaced: Scores
    """(frames, positions): saying another sound in its place at this frame."""
    omitted: Scores
    """(frames + 1, positions): leaving this sound out just before this frame."""
    between: Scores
    """(frames, words + 1): being between two words at this frame."""
    skipped: Scores
    """(frames + 1, words): leaving this word out just before this frame."""
    intact: Scores
    """(chains,): reading the word without a miscue, as this pronunciation."""
    ends: Scores
    """(words + 1,): having come so many words far at the end: to the junction after them, or into the next word."""


@dataclass(frozen=True, slots=True)
class _Emissions:
    """Log-probabilities per frame and position, blank-like states included."""

    said: Scores
    replaced: Scores
    inside: Scores
    between: Scores
    """(frames,)"""
    blank: Scores
    """(frames,)"""


def search(
    sounds: Float32, graph: Graph, costs: Costs, *, ends: OpenEnds | None = None, stop: Cancellation | None = None
) -> Ways:
    """Find the best ways.

    Args:
        sounds: (frames, 1 + SOUNDS) log-probabilities, the blank first; at least one frame.
        graph: what was to be read.
        costs: what a miscue costs.
        ends: where a way may begin and end; None: it leads through all words.
        stop: looked at now and then.

    Raises:
        Cancelled: `stop` was requested.
    """
    emissions = _emissions(sounds.astype(np.float64), graph, costs)
    trellis = _Trellis(graph, costs, emissions, ends)
    trellis.run(stop or Cancellation())
    return trellis.ways()


def _emissions(sounds: Scores, graph: Graph, costs: Costs) -> _Emissions:
    blank, spoken = sounds[:, 0], sounds[:, 1:]
    ranked = np.argsort(spoken, axis=1)
    rows = np.arange(len(spoken))
    first, second = ranked[:, -1], ranked[:, -2]
    best, runner_up = spoken[rows, first], spoken[rows, second]
    is_best = first[:, None] == graph.sound[None, :]
    inside = np.maximum(blank, best - costs.insert)[:, None]
    return _Emissions(
        said=spoken[:, graph.sound],
        replaced=np.where(is_best, runner_up[:, None], best[:, None]),
        inside=np.where(graph.is_last, IMPOSSIBLE, inside),
        between=np.maximum(blank, best - costs.garbage),
        blank=blank,
    )


class _Trellis:
    """The three copies, laid out one after another: forwards, backwards, intact."""

    def __init__(self, graph: Graph, costs: Costs, emissions: _Emissions, open_ends: OpenEnds | None) -> None:
        self._graph, self._costs, self._emissions = graph, costs, emissions
        self._open_ends = open_ends
        self._frames = len(emissions.between)
        self._positions, self._words = graph.positions, graph.words
        both = (graph, graph.reversed())
        self._wire(both)
        self._stack_emissions()
        size = 3 * self._positions
        shape = (self._frames + 1, size)
        self._said = np.full(shape, IMPOSSIBLE)
        self._replaced = np.full(shape, IMPOSSIBLE)
        self._before = np.full(shape, IMPOSSIBLE)
        """Being about to enter a position, before each frame."""
        self._arrived = np.full((self._frames + 1, 2 * (self._words + 1)), IMPOSSIBLE)
        """Being at a junction, before each frame."""
        self._waited = np.full((self._frames + 1, 2 * (self._words + 1)), IMPOSSIBLE)
        self._left = np.full(size, IMPOSSIBLE)
        """Being in a position, after the last frame."""

    def _wire(self, both: tuple[Graph, Graph]) -> None:
        """Index arrays into one vector: the positions' states, then the junctions, then an impossible one."""
        size, junctions = 3 * self._positions, self._words + 1
        impossible = size + 2 * junctions
        previous, second = [], []
        for copy, (graph, offset) in enumerate(((both[0], 0), (both[1], junctions), (both[0], 0))):
            own = copy * self._positions + np.arange(self._positions)
            junction = size + offset + graph.word
            previous.append(np.where(graph.is_first, junction, own - 1))
            after_first = np.roll(graph.is_first, 1) & ~graph.is_first
            second.append(np.where(graph.is_first, impossible, np.where(after_first, junction, own - 2)))
        self._previous = np.concatenate(previous)
        self._second_previous = np.concatenate(second)
        self._second_previous[2 * self._positions :] = impossible
        self._wire_exits(both)
        self._substitute = np.full(size, self._costs.substitute)
        self._substitute[2 * self._positions :] = -IMPOSSIBLE
        skips = [np.concatenate([[0.0], np.cumsum(self._skip_costs(graph))]) for graph in both]
        self._skipped_so_far = np.stack(skips)

    def _wire_exits(self, both: tuple[Graph, Graph]) -> None:
        """Where each chain ends, and where each word's chains begin among all chains."""
        last = [copy * self._positions + graph.chain_end for copy, graph in enumerate(both)]
        alone = np.concatenate([graph.chain_end == graph.chain_start for graph in both])
        self._chain_last = np.concatenate(last)
        impossible = 3 * self._positions + 2 * (self._words + 1)
        self._chain_second_last = np.where(alone, impossible, self._chain_last - 1)
        words = np.concatenate([graph.chain_word + copy * self._words for copy, graph in enumerate(both)])
        self._word_first_chain = np.searchsorted(words, np.arange(2 * self._words))

    def _skip_costs(self, graph: Graph) -> Scores:
        return self._costs.skip_sound * graph.shortest.astype(np.float64)

    def _stack_emissions(self) -> None:
        def stack(forwards: Scores) -> Scores:
            return np.concatenate([forwards, forwards[::-1, ::-1], forwards], axis=1)

        emissions = self._emissions
        self._say, self._replace = stack(emissions.said), stack(emissions.replaced)
        inside = emissions.inside
        silent = np.where(self._graph.is_last, IMPOSSIBLE, emissions.blank[:, None])
        # The gap after position p forwards is the gap after the mirror image of p + 1 backwards.
        mirrored = np.roll(inside[::-1, ::-1], -1, axis=1)
        self._inside = np.concatenate([inside, mirrored, silent], axis=1)
        waits = [emissions.between, emissions.between[::-1]]
        self._wait = np.repeat(np.stack(waits, axis=1), self._words + 1, axis=1)

    def run(self, stop: Cancellation) -> None:
        """Fill the trellis frame by frame."""
        size = 3 * self._positions
        omit = self._costs.omit
        said = replaced = np.full(size, IMPOSSIBLE)
        start, inside = self._start()
        waited = np.full(2 * (self._words + 1), IMPOSSIBLE)
        vector = np.full(size + len(waited) + 1, IMPOSSIBLE)
        for frame in range(self._frames + 1):
            if frame % _LOOK_EVERY == 0:
                stop.check("scoring")
            left = vector[:size] = np.maximum(np.maximum(said, replaced), inside)
            arrived = self._arrive(vector, waited) if frame else self._skip_ahead(start)
            vector[size:-1] = arrived
            before = vector[self._previous]
            self._arrived[frame], self._before[frame] = arrived, before
            if frame == self._frames:
                self._left = left
                break
            enter = np.maximum(before, vector[self._second_previous] - omit)
            inside = np.maximum(left, inside) + self._inside[frame]
            said = np.maximum(said, enter) + self._say[frame]
            replaced = np.maximum(replaced, enter - self._substitute) + self._replace[frame]
            waited = arrived + self._wait[frame]
            self._said[frame], self._replaced[frame], self._waited[frame] = said, replaced, waited

    def _start(self) -> tuple[Scores, Scores]:
        """Junctions and gaps before the first frame; backwards in time, that is where a way may end."""
        start = np.full((2, self._words + 1), IMPOSSIBLE)
        start[:, 0] = 0.0
        inside = np.full(3 * self._positions, IMPOSSIBLE)
        if self._open_ends is not None:
            start[1] = 0.0
            inside[self._positions : 2 * self._positions] = 0.0
            if self._open_ends.late_start is not None:
                start[0, 1:] = -self._open_ends.late_start
        return start, inside

    def _arrive(self, vector: Scores, waited: Scores) -> Scores:
        """Junctions: stay, come out of a word, come out of a word whose last sound was left out, or skip words."""
        exits = np.maximum(vector[self._chain_last], vector[self._chain_second_last] - self._costs.omit)
        by_word = np.maximum.reduceat(exits, self._word_first_chain).reshape(2, self._words)
        junctions = waited.reshape(2, self._words + 1).copy()
        junctions[:, 1:] = np.maximum(junctions[:, 1:], by_word)
        return self._skip_ahead(junctions)

    def _skip_ahead(self, junctions: Scores) -> Scores:
        paid = junctions + self._skipped_so_far
        reached: Scores = np.maximum.accumulate(paid, axis=1) - self._skipped_so_far
        return reached.reshape(-1)

    def ways(self) -> Ways:
        """Join the forward and the backward copy."""
        said, replaced, before = self._said[:-1], self._replaced[:-1], self._before
        arrived, junctions = self._arrived, self._words + 1
        forwards, backwards = arrived[:, :junctions], arrived[::-1, junctions:][:, ::-1]
        skip = self._skip_costs(self._graph)
        ends = self._ends(forwards[-1])
        return Ways(
            best=float(forwards[-1, -1] if self._open_ends is None else ends.max()),
            said=self._join(said) - self._emissions.said,
            replaced=self._join(replaced) - self._emissions.replaced + self._costs.substitute,
            omitted=self._join(before) - self._costs.omit,
            between=self._waited[:-1, :junctions]
            + self._waited[:-1][::-1, junctions:][:, ::-1]
            - self._emissions.between[:, None],
            skipped=forwards[:, :-1] + backwards[:, 1:] - skip,
            intact=self._intact(backwards),
            ends=ends,
        )

    def _ends(self, junctions: Scores) -> Scores:
        ends: Scores = junctions.copy()
        np.maximum.at(ends, self._graph.word, self._left[: self._positions])
        return ends

    def _join(self, states: Scores) -> Scores:
        forwards = states[:, : self._positions]
        backwards = states[::-1, self._positions : 2 * self._positions][:, ::-1]
        joined: Scores = forwards + backwards
        return joined

    def _intact(self, backwards: Scores) -> Scores:
        """Leave each chain of the third copy at its best moment and go on to the end."""
        ends = 2 * self._positions + self._graph.chain_end
        left = self._said[:-1, ends]
        best: Scores = (left + backwards[1:, self._graph.chain_word + 1]).max(axis=0)
        return best
