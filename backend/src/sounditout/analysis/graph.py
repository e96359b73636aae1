"""The sentence as a graph in which every sound may be said, replaced or left out.

Words stand between junctions. At a junction there is silence, or something that is no part of the
sentence. From one junction to the next leads one chain of positions per accepted pronunciation.

    junction 0 ── word 0, first pronunciation ──┬── junction 1 ── word 1 ── junction 2 …
             └─── word 0, second pronunciation ─┘

Read from right to left it is again such a graph, with every array reversed: `search` uses that to
look at each moment from both sides.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.models import Pronunciation, Sentence
from sounditout.analysis.sounds import SOUND, with_accents

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

_REMEMBERED: Final = 32
"""Sentences: each is searched for twice a second while it is read, and once more in the end."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Positions are numbered through all chains of all words, in reading order."""

    chains: tuple[Pronunciation, ...]
    """Every accepted pronunciation, grouped by word."""
    chain_word: Indices
    """(chains,): the word it belongs to."""
    chain_start: Indices
    """(chains,): its first position."""
    sound: Indices
    """(positions,): the sound to be said."""
    chain: Indices
    """(positions,): the chain it is in."""
    is_first: Mask
    is_last: Mask
    words: int

    @property
    def positions(self) -> int:
        return len(self.sound)

    @cached_property
    def word(self) -> Indices:
        """(positions,): the word a position belongs to."""
        return self.chain_word[self.chain]

    @cached_property
    def chain_end(self) -> Indices:
        """(chains,): its last position."""
        return np.append(self.chain_start[1:], self.positions) - 1

    @cached_property
    def first_chain(self) -> Indices:
        """(words,): of each word."""
        return np.searchsorted(self.chain_word, np.arange(self.words))

    @cached_property
    def shortest(self) -> Indices:
        """(words,): the number of sounds in the shortest pronunciation of each word."""
        shortest: Indices = np.minimum.reduceat(self.chain_end - self.chain_start + 1, self.first_chain)
        return shortest

    def reversed(self) -> "Graph":
        """The same graph read from right to left; position p becomes `positions - 1 - p`."""
        return Graph(
            chains=tuple(chain[::-1] for chain in self.chains[::-1]),
            chain_word=self.words - 1 - self.chain_word[::-1],
            chain_start=self.positions - 1 - self.chain_end[::-1],
            sound=self.sound[::-1],
            chain=len(self.chains) - 1 - self.chain[::-1],
            is_first=self.is_last[::-1],
            is_last=self.is_first[::-1],
            words=self.words,
        )


@lru_cache(_REMEMBERED)
def build_graph(sentence: Sentence) -> Graph:
    """The graph of a sentence, accents included; the same object as the last time, for a while."""
    accepted = [with_accents(word.pronunciations) for word in sentence.words]
    chains = tuple(chain for word in accepted for chain in word)
    lengths = np.array([len(chain) for chain in chains], np.intp)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
    positions = int(lengths.sum())
    is_first, is_last = np.zeros((2, positions), np.bool_)
    is_first[starts] = True
    is_last[starts + lengths - 1] = True
    return Graph(
        chains=chains,
        chain_word=np.repeat(np.arange(len(accepted)), [len(word) for word in accepted]),
        chain_start=starts,
        sound=np.array([SOUND[phoneme] for chain in chains for phoneme in chain], np.intp),
        chain=np.repeat(np.arange(len(chains)), lengths),
        is_first=is_first,
        is_last=is_last,
        words=len(accepted),
    )
