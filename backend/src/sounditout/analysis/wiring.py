"""A sentence graph as numpy looks it up: what leads from one frame to the next, as places in a row of numbers.

Three copies of the graph stand one after another: forwards, backwards (the graph reversed), and forwards without a
miscue. Between two frames, a row holds how good it is

    to have left each position · to be at each junction · to have waited there · to be nowhere, which is impossible

and the junctions are those forwards, then those backwards.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from sounditout.analysis.graph import Graph, Indices, Mask

_REMEMBERED: Final = 32
"""Graphs whose wiring is kept, at 20 kB for 15 words: a sentence is searched for twice a second while it is read."""


class Wiring:
    """Of one graph; see `wired`."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._positions = graph, graph.positions
        self.size = 3 * graph.positions
        """Positions of all copies."""
        self.junctions = graph.words + 1
        self.waited_at = self.size + 2 * self.junctions
        self.impossible_at = self.waited_at + 2 * self.junctions
        """Places in a row; it is the last one."""
        both = (graph, graph.reversed())
        self.shortest = tuple(one.shortest.astype(np.float64) for one in both)
        """(2, words): the number of sounds in the shortest pronunciation of each word; forwards and backwards."""
        self.lasts = np.flatnonzero(np.concatenate([one.is_last for one in (*both, graph)]))
        """The last positions of all chains of all copies."""
        self.entries = self._entries(both)
        """(2, positions of all copies): from where a position is entered, and from where when one is left out."""
        self.exits, self.exit_junctions, self.is_early, self.first_exit = self._exits(both)
        self.is_waiting = self.exits >= self.waited_at
        """Which exits come from the junction itself."""

    def _entries(self, both: tuple[Graph, Graph]) -> Indices:
        previous, second = [], []
        for copy, (graph, offset) in enumerate(((both[0], 0), (both[1], self.junctions), (both[0], 0))):
            own = copy * self._positions + np.arange(self._positions)
            junction = self.size + offset + graph.word
            previous.append(np.where(graph.is_first, junction, own - 1))
            earlier = own - 2
            earlier[1:][graph.is_first[:-1]] = junction[1:][graph.is_first[:-1]]  # past the first sound of a word
            earlier[graph.is_first] = self.impossible_at
            second.append(earlier)
        second[2][:] = self.impossible_at
        return np.stack([np.concatenate(previous), np.concatenate(second)])

    def _exits(self, both: tuple[Graph, Graph]) -> tuple[Indices, Indices, Mask, Indices]:
        """From where junctions are reached: by waiting there, from the last sounds of the word before, or from the
        last but one, which leaves the last one out.

        Returns:
            The places, first junction first; the junction each leads to; which of them leave a sound out; where those
            of each junction begin.
        """
        waiting = np.arange(2 * self.junctions)
        junctions, exits, is_early = [waiting], [self.waited_at + waiting], [np.zeros(len(waiting), np.bool_)]
        for copy, graph in enumerate(both):
            last = copy * self._positions + graph.chain_end
            second_last = np.where(graph.chain_end == graph.chain_start, self.impossible_at, last - 1)
            after = copy * self.junctions + 1 + graph.chain_word
            junctions += [after, after]
            exits += [last, second_last]
            is_early += [np.zeros(len(last), np.bool_), np.ones(len(last), np.bool_)]
        reached = np.concatenate(junctions)
        order = np.argsort(reached, kind="stable")
        first = np.searchsorted(reached[order], waiting)
        return np.concatenate(exits)[order], reached[order], np.concatenate(is_early)[order], first


wired = lru_cache(_REMEMBERED)(Wiring)
"""The wiring of a graph, kept for a while."""
