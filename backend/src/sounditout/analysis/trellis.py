"""The forward pass of Viterbi's algorithm through a sentence graph, on all copies of the graph at once.

Three copies run in one array: the graph forwards in time, the reversed graph backwards in time, and the graph
forwards without any miscue inside the word, entered from the first copy. See `wiring` for how they lie in it.

With open ends a way may end anywhere, in the middle of a word too: the reading is still going on. It may then also
begin before any word, at a price: the beginning of the reading is no longer there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph
from sounditout.analysis.wiring import wired

Scores = NDArray[np.float64]

IMPOSSIBLE: Final = -1e9
"""Finite, so that sums of it stay comparable and no NaN appears."""
_LOOK_EVERY: Final = 64
"""Frames between two looks at whether to stop: 1 ms for 15 words, 3 ms for 50."""


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
class Emissions:
    """Log-probabilities per frame."""

    said: Scores
    replaced: Scores
    """(frames, positions)"""
    inside: Scores
    """(frames,): being between two sounds of a word."""
    between: Scores
    """(frames,): being between two words."""
    blank: Scores
    """(frames,)"""


def stretches(frames: int, stop: Cancellation) -> Iterator[slice]:
    """All frames, so many at a time that what is done with them takes little time and fits into the cache."""
    for first in range(0, frames, _LOOK_EVERY):
        stop.check("scoring")
        yield slice(first, min(first + _LOOK_EVERY, frames))


def mirrored(stretch: slice, frames: int) -> slice:
    """The same frames counted from the end, last first."""
    before_first = frames - stretch.stop - 1
    return slice(frames - stretch.start - 1, before_first if before_first >= 0 else None, -1)


def emissions_of(sounds: Scores, graph: Graph, costs: Costs, stop: Cancellation) -> Emissions:
    """From what was heard, (frames, 1 + SOUNDS), to what it means at each position."""
    blank, spoken = sounds[:, 0], sounds[:, 1:]
    rows, first = np.arange(len(spoken)), spoken.argmax(axis=1)
    others = spoken.copy()
    others[rows, first] = IMPOSSIBLE
    best, runner_up = spoken[rows, first], others.max(axis=1)
    said, replaced = np.empty((2, len(spoken), graph.positions))
    for some in stretches(len(spoken), stop):
        is_best = first[some, None] == graph.sound
        said[some] = spoken[some].take(graph.sound, axis=1)
        replaced[some] = np.where(is_best, runner_up[some, None], best[some, None])
    return Emissions(
        said=said,
        replaced=replaced,
        inside=np.maximum(blank, best - costs.insert),
        between=np.maximum(blank, best - costs.garbage),
        blank=blank,
    )


class Trellis:
    """The three copies of `Wiring`, frame by frame; to be filled by `run`."""

    def __init__(self, graph: Graph, costs: Costs, emissions: Emissions, open_ends: OpenEnds | None) -> None:
        self._costs, self._emissions, self._open_ends = costs, emissions, open_ends
        self._positions, self.frames = graph.positions, len(emissions.between)
        self.wiring = wired(graph)
        size = self.wiring.size
        self._substitute = np.full(size, costs.substitute)
        self._substitute[2 * self._positions :] = -IMPOSSIBLE
        skips = [np.concatenate([[0.0], np.cumsum(costs.skip_sound * shortest)]) for shortest in self.wiring.shortest]
        self._skipped_so_far = np.stack(skips)
        """(2, junctions): what it costs to leave out all words before each, forwards and backwards."""
        self._exit_costs, self._entry_costs = self._costs_of_exits(), self._costs_of_entries()
        self._reached = np.empty(len(self.wiring.exits))
        self.states = np.empty((self.frames, 3, size))
        """Having said each position, having replaced it, and being in the gap after it, at each frame."""
        self.rows = np.empty((self.frames + 1, self.wiring.impossible_at + 1))
        """Before each frame, as `Wiring` says."""
        self.rows[:, self.wiring.impossible_at] = IMPOSSIBLE
        self.left = self.rows[:, :size]
        self._arrived = self.rows[:, size : self.wiring.waited_at]
        self._waited = self.rows[:, self.wiring.waited_at : -1]
        self.arrived, self.waited = (part.reshape(len(part), 2, -1) for part in (self._arrived, self._waited))
        """(frames + 1, 2, junctions): parts of the rows."""

    def run(self, stop: Cancellation) -> None:
        """Fill the trellis.

        Until the end, junctions hold as much more as it costs to leave out all words before them. Then to leave words
        out costs nothing more between two junctions, and the best way to each is the best one so far.

        Raises:
            Cancelled: `stop` was requested.
        """
        states = self._start()
        for some in stretches(self.frames, stop):
            self._emit(some)
            states = self._go_through(some, states)
        np.max(states, axis=0, out=self.left[-1])
        self._arrive(self.rows[-1], self._arrived[-1], self.arrived[-1])
        self.arrived -= self._skipped_so_far
        self.waited -= self._skipped_so_far

    def _go_through(self, some: slice, states: Scores) -> Scores:
        """A few frames, from the states before them to those at the last. Arrays are short: every call costs."""
        entering, entries = np.empty((3, self.wiring.size)), np.empty((2, self.wiring.size))
        (saying, replacing, left), (previous, second) = entering, entries
        entries_at, entry_costs, substitute = self.wiring.entries, self._entry_costs, self._substitute
        rows = zip(self.rows[some], self._arrived[some], self.arrived[some], strict=True)
        after = zip(self.states[some], self._waited[some.start + 1 : some.stop + 1], strict=True)
        for (row, arrived, in_order), (here, waited) in zip(rows, after, strict=True):
            np.maximum(states[0], states[1], out=left)
            np.maximum(left, states[2], out=left)
            row[: len(left)] = left
            self._arrive(row, arrived, in_order)
            row.take(entries_at, out=entries, mode="clip")
            np.subtract(entries, entry_costs, out=entries)
            np.maximum(previous, second, out=saying)
            np.subtract(saying, substitute, out=replacing)
            np.maximum(states, entering, out=entering)
            states = np.add(entering, here, out=here)
            np.add(arrived, waited, out=waited)
        return states

    def _arrive(self, row: Scores, arrived: Scores, in_order: Scores) -> None:
        """From what was left and where one waited to the junctions: `arrived`, and the same as (2, junctions)."""
        reached = row.take(self.wiring.exits, out=self._reached, mode="clip")
        np.subtract(reached, self._exit_costs, out=reached)
        np.maximum.reduceat(reached, self.wiring.first_exit, out=arrived)
        np.maximum.accumulate(in_order, axis=1, out=in_order)

    def _costs_of_exits(self) -> Scores:
        """Of reaching a junction, with what it holds more."""
        wiring, skipped = self.wiring, self._skipped_so_far.reshape(-1)
        into_word = np.where(wiring.is_waiting, 0.0, skipped[wiring.exit_junctions])
        costs: Scores = np.where(wiring.is_early, self._costs.omit, 0.0) - into_word
        return costs

    def _costs_of_entries(self) -> Scores:
        """Of entering a position, and of entering it when one is left out, less what a junction holds more."""
        junctions = self.wiring.entries - self.wiring.size
        is_junction = (junctions >= 0) & (junctions < 2 * self.wiring.junctions)
        held = np.where(is_junction, self._skipped_so_far.reshape(-1).take(junctions, mode="clip"), 0.0)
        costs: Scores = held + np.array([[0.0], [self._costs.omit]])
        return costs

    def _start(self) -> Scores:
        """Set junctions up, and give the states, before the first frame; backwards in time, a way may end there."""
        waited = self.waited[0]
        waited[:] = IMPOSSIBLE
        waited[:, 0] = 0.0
        states = np.full((3, self.wiring.size), IMPOSSIBLE)
        if self._open_ends is not None:
            waited[1] = 0.0
            states[2, self._positions : 2 * self._positions] = 0.0
            if self._open_ends.late_start is not None:
                waited[0, 1:] = -self._open_ends.late_start
        waited += self._skipped_so_far
        return states

    def _emit(self, some: slice) -> None:
        """Put what is heard at some frames where the states at these frames will be."""
        emissions, backwards = self._emissions, mirrored(some, self.frames)
        copies = self.states[some].reshape(-1, 3, 3, self._positions)
        for row, heard in enumerate((emissions.said, emissions.replaced)):
            copies[:, row, 0] = copies[:, row, 2] = heard[some]
            copies[:, row, 1] = heard[backwards, ::-1]
        gaps = (emissions.inside[some], emissions.inside[backwards], emissions.blank[some])
        copies[:, 2] = np.stack(gaps, axis=1)[:, :, None]
        self.states[some, 2, self.wiring.lasts] = IMPOSSIBLE
        waits = np.stack([emissions.between[some], emissions.between[backwards]], axis=1)
        self.waited[some.start + 1 : some.stop + 1] = waits[:, :, None]
