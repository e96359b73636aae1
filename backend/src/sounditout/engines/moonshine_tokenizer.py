"""Spelling for the Moonshine decoder: the Llama tokenizer, reduced to single words."""

import json
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

WORD_START: Final = "▁"
"""Stands for the space before a word."""


class WordTokenizer:
    """Byte-pair encoding of one word at a time; no token of the table reaches over a word boundary."""

    def __init__(self, pieces: list[str], merges: list[list[int]]) -> None:
        self.pieces: Final = tuple(pieces)
        self._id_of = {piece: number for number, piece in enumerate(pieces)}
        self._rank = {(pieces[left], pieces[right]): rank for rank, (left, right) in enumerate(merges)}
        self._encode = lru_cache(maxsize=4096)(self._merge)

    @classmethod
    def load(cls, path: Path) -> "WordTokenizer":
        """Read `tokenizer.json` as the model preparation writes it."""
        tables = json.loads(path.read_text(encoding="utf-8"))
        return cls(tables["pieces"], tables["merges"])

    def encode(self, word: str) -> tuple[int, ...]:
        """Token ids of one word, the space before it included."""
        return self._encode(word)

    def _merge(self, word: str) -> tuple[int, ...]:
        parts = [part for character in WORD_START + word for part in self._known(character)]
        while len(parts) > 1:
            ranks = [self._rank.get(pair, len(self._rank)) for pair in pairwise(parts)]
            lowest = min(range(len(ranks)), key=ranks.__getitem__)
            if ranks[lowest] == len(self._rank):
                break
            parts[lowest : lowest + 2] = ["".join(parts[lowest : lowest + 2])]
        return tuple(self._id_of[part] for part in parts)

    def _known(self, character: str) -> list[str]:
        """The character itself, or its bytes when the table does not have it."""
        if character in self._id_of:
            return [character]
        return [f"<0x{byte:02X}>" for byte in character.encode()]
