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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph, Indices
from sounditout.analysis.models import Float32
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
    stop = stop or Cancellation()
    trellis = _Trellis(graph, costs, _emissions(sounds.astype(np.float64), graph, costs, stop), ends)
    trellis.run(stop)
    return trellis.ways(stop)


def _stretches(frames: int, stop: Cancellation) -> Iterator[slice]:
    """All frames, so many at a time that what is done with them takes little time and fits into the cache."""
    for first in range(0, frames, _LOOK_EVERY):
        stop.check("scoring")
        yield slice(first, min(first + _LOOK_EVERY, frames))


def _mirrored(stretch: slice, frames: int) -> slice:
    """The same frames counted from the end, last first."""
    before_first = frames - stretch.stop - 1
    return slice(frames - stretch.start - 1, before_first if before_first >= 0 else None, -1)


def _emissions(sounds: Scores, graph: Graph, costs: Costs, stop: Cancellation) -> _Emissions:
    blank, spoken = sounds[:, 0], sounds[:, 1:]
    rows, first = np.arange(len(spoken)), spoken.argmax(axis=1)
    others = spoken.copy()
    others[rows, first] = IMPOSSIBLE
    best, runner_up = spoken[rows, first], others.max(axis=1)
    said, replaced = np.empty((2, len(spoken), graph.positions))
    for some in _stretches(len(spoken), stop):
        is_best = first[some, None] == graph.sound
        said[some] = spoken[some].take(graph.sound, axis=1)
        replaced[some] = np.where(is_best, runner_up[some, None], best[some, None])
    return _Emissions(
        said=said,
        replaced=replaced,
        inside=np.maximum(blank, best - costs.insert),
        between=np.maximum(blank, best - costs.garbage),
        blank=blank,
    )


class _Trellis:
    """The three copies of `Wiring`, frame by frame."""

    def __init__(self, graph: Graph, costs: Costs, emissions: _Emissions, open_ends: OpenEnds | None) -> None:
        self._graph, self._costs, self._emissions = graph, costs, emissions
        self._open_ends = open_ends
        self._frames, self._positions = len(emissions.between), graph.positions
        self._wiring = wired(graph)
        size = self._wiring.size
        self._substitute = np.full(size, costs.substitute)
        self._substitute[2 * self._positions :] = -IMPOSSIBLE
        skips = [np.concatenate([[0.0], np.cumsum(self._skip_costs(copy))]) for copy in (0, 1)]
        self._skipped_so_far = np.stack(skips)
        """(2, junctions): what it costs to leave out all words before each, forwards and backwards."""
        self._states = np.empty((self._frames, 3, size))
        """Having said each position, having replaced it, and being in the gap after it, at each frame."""
        self._rows = np.empty((self._frames + 1, self._wiring.impossible_at + 1))
        """Before each frame, as `Wiring` says."""
        self._left = self._rows[:, :size]
        self._arrived = self._rows[:, size : self._wiring.waited_at].reshape(self._frames + 1, 2, -1)
        self._waited = self._rows[:, self._wiring.waited_at : -1]

    def _skip_costs(self, copy: int) -> Scores:
        costs: Scores = self._costs.skip_sound * self._wiring.shortest[copy]
        return costs

    def run(self, stop: Cancellation) -> None:
        """Fill the trellis frame by frame. The arrays are short: what costs here is the number of calls.

        Until the end, junctions hold as much more as it costs to leave out all words before them. Then to leave words
        out costs nothing more between two junctions, and the best way to each is the best one so far.
        """
        states, entering = self._start(), np.empty((3, self._wiring.size))
        saying, replacing, left = entering
        entries = np.empty((2, self._wiring.size))
        previous, second = entries
        exits_at, first_exit, entries_at = self._wiring.exits, self._wiring.first_exit, self._wiring.entries
        reached, exit_costs, entry_costs = np.empty(len(exits_at)), self._exit_costs(), self._entry_costs()
        substitute = self._substitute
        for frame in range(self._frames + 1):
            if frame % _LOOK_EVERY == 0:
                stop.check("scoring")
                self._emit(slice(frame, min(frame + _LOOK_EVERY, self._frames)))
            row, arrived = self._rows[frame], self._arrived[frame]
            np.maximum(states[0], states[1], out=left)
            np.maximum(left, states[2], out=left)
            row[: self._wiring.size] = left
            row.take(exits_at, out=reached, mode="clip")
            np.subtract(reached, exit_costs, out=reached)
            np.maximum.reduceat(reached, first_exit, out=arrived.reshape(-1))
            np.maximum.accumulate(arrived, axis=1, out=arrived)
            if frame == self._frames:
                break
            row.take(entries_at, out=entries, mode="clip")
            np.subtract(entries, entry_costs, out=entries)
            np.maximum(previous, second, out=saying)
            np.subtract(saying, substitute, out=replacing)
            np.maximum(states, entering, out=entering)
            here = self._states[frame]
            states = np.add(entering, here, out=here)
            waited = self._waited[frame + 1]
            np.add(arrived.reshape(-1), waited, out=waited)
        self._arrived -= self._skipped_so_far
        self._waited -= self._skipped_so_far.reshape(-1)

    def _exit_costs(self) -> Scores:
        """Of reaching a junction, with what it holds more."""
        wiring, skipped = self._wiring, self._skipped_so_far.reshape(-1)
        into_word = np.where(wiring.is_waiting, 0.0, skipped[wiring.exit_junctions])
        costs: Scores = np.where(wiring.is_early, self._costs.omit, 0.0) - into_word
        return costs

    def _entry_costs(self) -> Scores:
        """Of entering a position, and of entering it when one is left out, less what a junction holds more."""
        junctions = self._wiring.entries - self._wiring.size
        is_junction = (junctions >= 0) & (junctions < 2 * self._wiring.junctions)
        held = np.where(is_junction, self._skipped_so_far.reshape(-1).take(junctions, mode="clip"), 0.0)
        costs: Scores = held + np.array([[0.0], [self._costs.omit]])
        return costs

    def _start(self) -> Scores:
        """Set junctions up, and give the states, before the first frame; backwards in time, a way may end there."""
        waited = self._waited[0].reshape(2, -1)
        waited[:] = IMPOSSIBLE
        waited[:, 0] = 0.0
        states = np.full((3, self._wiring.size), IMPOSSIBLE)
        if self._open_ends is not None:
            waited[1] = 0.0
            states[2, self._positions : 2 * self._positions] = 0.0
            if self._open_ends.late_start is not None:
                waited[0, 1:] = -self._open_ends.late_start
        waited += self._skipped_so_far
        return states

    def _emit(self, some: slice) -> None:
        """Put what is heard at some frames where the states at these frames will be; at none, after the last one."""
        self._rows[some.start : some.start + _LOOK_EVERY, self._wiring.impossible_at] = IMPOSSIBLE
        if some.start == some.stop:
            return
        emissions, mirrored = self._emissions, _mirrored(some, self._frames)
        copies = self._states[some].reshape(-1, 3, 3, self._positions)
        for row, heard in enumerate((emissions.said, emissions.replaced)):
            copies[:, row, 0] = copies[:, row, 2] = heard[some]
            copies[:, row, 1] = heard[mirrored, ::-1]
        gaps = (emissions.inside[some], emissions.inside[mirrored], emissions.blank[some])
        copies[:, 2] = np.stack(gaps, axis=1)[:, :, None]
        self._states[some, 2, self._wiring.lasts] = IMPOSSIBLE
        waits = np.stack([emissions.between[some], emissions.between[mirrored]], axis=1)
        self._waited[some.start + 1 : some.stop + 1].reshape(len(waits), 2, -1)[:] = waits[:, :, None]

    def ways(self, stop: Cancellation) -> Ways:
        """Join the forward and the backward copy."""
        forwards, backwards = self._arrived[:, 0], self._arrived[::-1, 1, ::-1]
        waited = self._waited[1:].reshape(self._frames, 2, -1)
        costs, emissions, ends = self._costs, self._emissions, self._ends(forwards[-1])
        intact = self._intact(backwards, stop)
        return Ways(
            best=float(forwards[-1, -1] if self._open_ends is None else ends.max()),
            said=self._join(self._states[:, 0], stop, twice=emissions.said),
            replaced=self._join(self._states[:, 1], stop, twice=emissions.replaced, cost=costs.substitute),
            omitted=self._join(self._rows, stop, places=self._wiring.entries[0], cost=-costs.omit),
            between=waited[:, 0] + waited[::-1, 1, ::-1] - emissions.between[:, None],
            skipped=forwards[:, :-1] + backwards[:, 1:] - self._skip_costs(0),
            intact=intact,
            ends=ends,
        )

    def _ends(self, junctions: Scores) -> Scores:
        ends: Scores = junctions.copy()
        np.maximum.at(ends, self._graph.word, self._left[-1, : self._positions])
        return ends

    def _join(
        self,
        states: Scores,
        stop: Cancellation,
        *,
        places: Indices | None = None,
        twice: Scores | None = None,
        cost: float = 0.0,
    ) -> Scores:
        """Best ways through each position.

        Args:
            states: (frames, …), of all copies.
            stop: looked at now and then.
            places: where in `states`; None: at its beginning.
            twice: (frames, positions): what both copies count; None: nothing.
            cost: is not to be paid.
        """
        count = self._positions
        joined = np.empty((len(states), count))
        for some in _stretches(len(states), stop):
            mirrored = _mirrored(some, len(states))
            if places is None:
                np.add(states[some, :count], states[mirrored, count : 2 * count][:, ::-1], out=joined[some])
            else:
                forwards, backwards = places[:count], places[count : 2 * count][::-1]
                np.add(states[some].take(forwards, 1), states[mirrored].take(backwards, 1), out=joined[some])
            if twice is not None:
                joined[some] -= twice[some]
            if cost:
                joined[some] += cost
        return joined

    def _intact(self, backwards: Scores, stop: Cancellation) -> Scores:
        """Leave each chain of the third copy at its best moment and go on to the end."""
        ends = 2 * self._positions + self._graph.chain_end
        best = np.full(len(ends), -np.inf)
        for some in _stretches(self._frames, stop):
            left = self._states[some, 0].take(ends, axis=1)
            left += backwards[some.start + 1 : some.stop + 1].take(self._graph.chain_word + 1, axis=1)
            np.maximum(best, left.max(axis=0), out=best)
        return best
