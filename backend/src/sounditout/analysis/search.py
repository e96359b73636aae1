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
from sounditout.analysis.graph import Graph, Indices
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
    rows, first = np.arange(len(spoken)), spoken.argmax(axis=1)
    others = spoken.copy()
    others[rows, first] = IMPOSSIBLE
    best, runner_up = spoken[rows, first], others.max(axis=1)
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
        size, junctions = 3 * self._positions, self._words + 1
        self._said_replaced = np.empty((self._frames, 2, size))
        """Having said each position, and having replaced it, at each frame."""
        self._before = np.empty((self._frames + 1, size))
        """Being about to enter a position, before each frame."""
        self._arrived = np.empty((self._frames + 1, 2, junctions))
        """Being at a junction, before each frame; forwards and backwards."""
        self._waited = np.empty((self._frames, 2, junctions))
        """Staying at a junction, at each frame."""
        self._left = np.empty(size)
        """Being in a position, after the last frame."""

    def _wire(self, both: tuple[Graph, Graph]) -> None:
        """Index arrays into one vector: the positions' states, then the junctions, then an impossible one.

        After them comes the same once more, less the cost of leaving one sound out.
        """
        size, junctions = 3 * self._positions, self._words + 1
        impossible = size + 2 * junctions
        self._states = impossible + 1
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
        self._second_previous += self._states
        self._wire_exits(both)
        self._substitute = np.full(size, self._costs.substitute)
        self._substitute[2 * self._positions :] = -IMPOSSIBLE
        skips = [np.concatenate([[0.0], np.cumsum(self._skip_costs(graph))]) for graph in both]
        self._skipped_so_far = np.stack(skips)

    def _wire_exits(self, both: tuple[Graph, Graph]) -> None:
        """From where each junction is reached: the last sounds of the word before it, or the last but one of each."""
        nowhere = self._states - 1
        exits: list[Indices] = []
        junctions: list[Indices] = []
        for copy, graph in enumerate(both):
            last = copy * self._positions + graph.chain_end
            second_last = np.where(graph.chain_end == graph.chain_start, nowhere, last - 1) + self._states
            exits += [np.array([nowhere]), last, second_last]
            after = 1 + graph.chain_word
            junctions += [part + copy * (self._words + 1) for part in (np.zeros(1, np.intp), after, after)]
        order = np.argsort(np.concatenate(junctions), kind="stable")
        self._exits = np.concatenate(exits)[order]
        """Those of the first junction first; the first has none but an impossible one."""
        self._first_exit = np.searchsorted(np.concatenate(junctions)[order], np.arange(2 * (self._words + 1)))

    def _skip_costs(self, graph: Graph) -> Scores:
        return self._costs.skip_sound * graph.shortest.astype(np.float64)

    def _stack_emissions(self) -> None:
        def stack(forwards: Scores) -> Scores:
            return np.concatenate([forwards, forwards[::-1, ::-1], forwards], axis=1)

        emissions = self._emissions
        self._emit = np.stack([stack(emissions.said), stack(emissions.replaced)], axis=1)
        """(frames, 2, positions): as `_said_replaced`."""
        inside = emissions.inside
        silent = np.where(self._graph.is_last, IMPOSSIBLE, emissions.blank[:, None])
        # The gap after position p forwards is the gap after the mirror image of p + 1 backwards.
        mirrored = np.roll(inside[::-1, ::-1], -1, axis=1)
        self._inside = np.concatenate([inside, mirrored, silent], axis=1)
        waits = np.stack([emissions.between, emissions.between[::-1]], axis=1)
        self._wait = np.repeat(waits[:, :, None], self._words + 1, axis=2)

    def run(self, stop: Cancellation) -> None:
        """Fill the trellis frame by frame. The arrays are short: what costs here is the number of calls."""
        size, states = 3 * self._positions, self._states
        both = np.full(2 * states, IMPOSSIBLE)
        vector, shortened = both[:states], both[states:]
        left, arrived = vector[:size], vector[size:-1].reshape(2, self._words + 1)
        omit = np.full(states, self._costs.omit)
        said_replaced, entering = np.full((2, size), IMPOSSIBLE), np.empty((2, size))
        saying, replacing = entering
        arrived[:], inside = self._start()
        for frame in range(self._frames + 1):
            if frame % _LOOK_EVERY == 0:
                stop.check("scoring")
            np.maximum(np.maximum(said_replaced[0], said_replaced[1]), inside, out=left)
            if frame:
                np.subtract(vector, omit, out=shortened)
                self._arrive(both, self._waited[frame - 1], arrived)
            self._skip_ahead(arrived)
            np.subtract(vector, omit, out=shortened)
            self._arrived[frame] = arrived
            before = self._before[frame] = both[self._previous]
            if frame == self._frames:
                self._left = left
                break
            np.maximum(before, both[self._second_previous], out=saying)
            np.subtract(saying, self._substitute, out=replacing)
            inside = np.maximum(left, inside) + self._inside[frame]
            said_replaced = np.maximum(said_replaced, entering) + self._emit[frame]
            self._said_replaced[frame] = said_replaced
            np.add(arrived, self._wait[frame], out=self._waited[frame])

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

    def _arrive(self, both: Scores, waited: Scores, junctions: Scores) -> None:
        """Stay at a junction, or come out of the word before it, with its last sound or without."""
        reached = np.maximum.reduceat(both[self._exits], self._first_exit)
        np.maximum(waited, reached.reshape(junctions.shape), out=junctions)

    def _skip_ahead(self, junctions: Scores) -> None:
        """Leave out words as a whole, where that is better than how their ends were reached."""
        np.add(junctions, self._skipped_so_far, out=junctions)
        np.maximum.accumulate(junctions, axis=1, out=junctions)
        np.subtract(junctions, self._skipped_so_far, out=junctions)

    def ways(self) -> Ways:
        """Join the forward and the backward copy."""
        forwards, backwards = self._arrived[:, 0], self._arrived[::-1, 1, ::-1]
        skip = self._skip_costs(self._graph)
        ends = self._ends(forwards[-1])
        return Ways(
            best=float(forwards[-1, -1] if self._open_ends is None else ends.max()),
            said=self._join(self._said_replaced[:, 0]) - self._emissions.said,
            replaced=self._join(self._said_replaced[:, 1]) - self._emissions.replaced + self._costs.substitute,
            omitted=self._join(self._before) - self._costs.omit,
            between=self._waited[:, 0] + self._waited[::-1, 1, ::-1] - self._emissions.between[:, None],
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
        left = self._said_replaced[:, 0, ends]
        best: Scores = (left + backwards[1:, self._graph.chain_word + 1]).max(axis=0)
        return best
