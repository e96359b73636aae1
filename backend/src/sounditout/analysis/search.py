"""Viterbi through a sentence graph, from both sides at once.

For every position of the graph and every frame this finds the best way through the whole recording
that passes there: saying the sound, saying another one, or leaving it out. The difference between
the best way with a miscue and the best way without is what a judge works with, and it does not
depend on a threshold.
"""

from functools import cached_property

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.graph import Graph, Indices
from sounditout.analysis.models import Float32
from sounditout.analysis.trellis import Costs, Emissions, OpenEnds, Scores, Trellis, emissions_of, mirrored, stretches


def search(
    sounds: Float32, graph: Graph, costs: Costs, *, ends: OpenEnds | None = None, stop: Cancellation | None = None
) -> "Ways":
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
    emissions = emissions_of(sounds.astype(np.float64), graph, costs, stop)
    trellis = Trellis(graph, costs, emissions, ends)
    trellis.run(stop)
    return Ways(trellis, emissions, graph, costs, ends, stop)


class Ways:
    """Best total scores of ways through the recording, all comparable with each other, made when they are asked for.

    The forward and the backward copy of a filled trellis are joined here. Asking may raise Cancelled, as `search`.
    """

    def __init__(
        self,
        trellis: Trellis,
        emissions: Emissions,
        graph: Graph,
        costs: Costs,
        ends: OpenEnds | None,
        stop: Cancellation,
    ) -> None:
        self._trellis, self._emissions, self._graph = trellis, emissions, graph
        self._costs, self._open_ends, self._stop = costs, ends, stop
        self._forwards, self._backwards = trellis.arrived[:, 0], trellis.arrived[::-1, 1, ::-1]

    @cached_property
    def best(self) -> float:
        """Of all ways."""
        return float(self._forwards[-1, -1] if self._open_ends is None else self.ends.max())

    @cached_property
    def said(self) -> Scores:
        """(frames, positions): saying this sound at this frame."""
        return self._join(self._trellis.states[:, 0], twice=self._emissions.said)

    @cached_property
    def replaced(self) -> Scores:
        """(frames, positions): saying another sound in its place at this frame."""
        return self._join(self._trellis.states[:, 1], twice=self._emissions.replaced, cost=self._costs.substitute)

    def present(self, positions: Indices) -> Scores:
        """(frames, len(positions)): saying these sounds at this frame, or others in their place."""
        said, replaced = (
            states[:, positions] + states[::-1, 2 * self._graph.positions - 1 - positions] - heard[:, positions]
            for states, heard in (
                (self._trellis.states[:, 0], self._emissions.said),
                (self._trellis.states[:, 1], self._emissions.replaced),
            )
        )
        present: Scores = np.maximum(said, replaced + self._costs.substitute)
        return present

    @cached_property
    def omitted(self) -> Scores:
        """(frames + 1, positions): leaving this sound out just before this frame."""
        return self._join(self._trellis.rows, places=self._trellis.wiring.entries[0], cost=-self._costs.omit)

    @cached_property
    def between(self) -> Scores:
        """(frames, words + 1): being between two words at this frame."""
        waited = self._trellis.waited[1:]
        between: Scores = waited[:, 0] + waited[::-1, 1, ::-1] - self._emissions.between[:, None]
        return between

    @cached_property
    def skipped(self) -> Scores:
        """(frames + 1, words): leaving this word out just before this frame."""
        cost = self._costs.skip_sound * self._trellis.wiring.shortest[0]
        skipped: Scores = self._forwards[:, :-1] + self._backwards[:, 1:] - cost
        return skipped

    @cached_property
    def intact(self) -> Scores:
        """(chains,): reading the word without a miscue, as this pronunciation.

        Each chain of the third copy is left at its best moment, to go on to the end.
        """
        ends = 2 * self._graph.positions + self._graph.chain_end
        best = np.full(len(ends), -np.inf)
        for some in stretches(self._trellis.frames, self._stop):
            left = self._trellis.states[some, 0].take(ends, axis=1)
            left += self._backwards[some.start + 1 : some.stop + 1].take(self._graph.chain_word + 1, axis=1)
            np.maximum(best, left.max(axis=0), out=best)
        return best

    @cached_property
    def ends(self) -> Scores:
        """(words + 1,): having come so many words far at the end: to the junction after them or into the next one."""
        ends: Scores = self._forwards[-1].copy()
        np.maximum.at(ends, self._graph.word, self._trellis.left[-1, : self._graph.positions])
        return ends

    def _join(
        self, states: Scores, *, places: Indices | None = None, twice: Scores | None = None, cost: float = 0.0
    ) -> Scores:
        """Best ways through each position.

        Args:
            states: (frames, …), of all copies.
            places: where in `states`; None: at its beginning.
            twice: (frames, positions): what both copies count; None: nothing.
            cost: is not to be paid.
        """
        count = self._graph.positions
        joined = np.empty((len(states), count))
        for some in stretches(len(states), self._stop):
            backwards = mirrored(some, len(states))
            if places is None:
                np.add(states[some, :count], states[backwards, count : 2 * count][:, ::-1], out=joined[some])
            else:
                there, back = places[:count], places[count : 2 * count][::-1]
                np.add(states[some].take(there, 1), states[backwards].take(back, 1), out=joined[some])
            if twice is not None:
                joined[some] -= twice[some]
            if cost:
                joined[some] += cost
        return joined
