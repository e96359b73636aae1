"""What speaks of SSE: names with that word in them, and texts. What is found, for those who look for it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

Kind = Literal["file", "route", "setting", "class", "function", "name", "test", "section", "package"]

_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*")
_IN_TEXT: Final = re.compile(r"\bSSE\b|\bsse_|\bserver-sent\b|text/event-stream", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Gone:
    """Something that would be deleted.

    Attributes:
        path: below the repository.
        line: None: all of the file.
    """

    path: str
    line: int | None
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Changed:
    """A file that stays, and names what would be deleted."""

    path: str
    lines: tuple[int, ...]


def is_of_sse(name: str) -> bool:
    """Whether SSE is among the words that the name is made of."""
    words = [word.lower() for word in _WORD.findall(name)]
    return "sse" in words or ("server", "sent") in set(pairwise(words))


def identifiers(text: str) -> set[str]:
    """Every word that could be a name in a program."""
    return set(_IDENTIFIER.findall(text))


def speaks_of(line: str, gone: set[str]) -> bool:
    """Whether a line of code or text names SSE, or something that goes with it."""
    words = identifiers(line)
    return bool(_IN_TEXT.search(line)) or bool(words & gone) or any(map(is_of_sse, words))


def changed(root: Path, path: Path, gone: set[str], inside: Iterable[range] = ()) -> Iterator[Changed]:
    """The lines of a file that would have to be changed; those that would be deleted are left out."""
    deleted = {line for part in inside for line in part}
    numbered = enumerate(path.read_text(errors="replace").splitlines(), 1)
    lines = tuple(number for number, line in numbered if number not in deleted and speaks_of(line, gone))
    if lines:
        yield Changed(relative(root, path), lines)


def relative(root: Path, path: Path) -> str:
    """The path below the repository, as people write it."""
    return path.relative_to(root).as_posix()
