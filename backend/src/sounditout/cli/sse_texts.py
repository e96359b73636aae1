"""What of the web app, of documents and of `deploy/` would go with SSE.

Of the web app, files that are called so, and files and packages that only such files import. Of documents, sections
that are called so.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

from sounditout.cli.sse_names import Changed, Gone, Kind, changed, is_of_sse, relative

_IMPORT: Final = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
_EXPORT: Final = re.compile(
    r"^export (?:default )?(?:abstract |async )*(class|function\*?|const|type|interface) (\w+)", re.M
)
_TEST: Final = re.compile(r"\.(node\.)?(test|spec|bench)$")
_HEADING: Final = re.compile(r"^#+ (.*)$")
_SUFFIXES: Final = ("", ".ts", ".tsx", "/index.ts")


class Scripts:
    """The web app."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = chain.from_iterable(
            (root / "frontend" / folder).rglob("*.ts*") for folder in ("src", "e2e", "scripts")
        )
        self._texts = {path.resolve(): path.read_text() for path in sorted(found)}
        self._imports = {path: set(_imports(path, text)) for path, text in self._texts.items()}
        self._gone = self._find()

    @cached_property
    def names(self) -> set[str]:
        """What the files that are gone export, and no other file does."""
        gone = {name for path in self._gone for _, name in _EXPORT.findall(self._texts[path])}
        staying = {name for path in self._staying for _, name in _EXPORT.findall(self._texts[path])}
        return gone - staying

    def gone(self) -> Iterator[Gone]:
        for path in sorted(self._gone):
            yield Gone(relative(self._root, path), None, "file", path.name)
        for path in self._staying:
            for line, kind, name in self._parts(path):
                yield Gone(relative(self._root, path), line, kind, name)
        yield from self._packages()

    def changed(self) -> Iterator[Changed]:
        for path in self._staying:
            inside = [_declaration(self._texts[path], line) for line, _, _ in self._parts(path)]
            yield from changed(self._root, path, self.names, inside)

    @cached_property
    def _staying(self) -> list[Path]:
        return [path for path in self._texts if path not in self._gone]

    def _find(self) -> set[Path]:
        gone = {path for path in self._texts if is_of_sse(_TEST.sub("", path.stem))}
        while more := {path for path in self._texts if path not in gone and self._serves(path, gone)}:
            gone |= more
        return gone

    def _serves(self, path: Path, gone: set[Path]) -> bool:
        """Whether only those import it; a test goes with what has its name."""
        if _TEST.search(path.stem):
            return any(_TEST.sub("", path.stem) == other.stem and path.parent == other.parent for other in gone)
        users = {
            user for user, imports in self._imports.items() if str(path) in imports and not _TEST.search(user.stem)
        }
        return bool(users) and users <= gone

    def _parts(self, path: Path) -> Iterator[tuple[int, Kind, str]]:
        """What a file that stays exports and that is called so."""
        text = self._texts[path]
        for found in _EXPORT.finditer(text):
            if is_of_sse(found[2]):
                kinds: dict[str, Kind] = {"class": "class", "function": "function", "function*": "function"}
                yield text.count("\n", 0, found.start()) + 1, kinds.get(found[1], "name"), found[2]

    def _packages(self) -> Iterator[Gone]:
        """What is imported by nothing else."""
        theirs = {name for path in self._gone for name in self._imports[path] if not name.startswith((".", "/"))}
        others = {name for path in self._staying for name in self._imports[path]}
        lines = (self._root / "frontend/package.json").read_text().splitlines()
        for name in sorted(theirs - others):
            for number, line in enumerate(lines, 1):
                if line.strip().startswith(f'"{name}":'):
                    yield Gone("frontend/package.json", number, "package", name)


def _imports(path: Path, text: str) -> Iterator[str]:
    """What a file imports: whole paths of our own files, names of packages."""
    for name in _IMPORT.findall(text):
        if name.startswith("."):
            for suffix in _SUFFIXES:
                target = (path.parent / f"{name}{suffix}").resolve()
                if target.is_file():
                    yield str(target)
        else:
            yield name


def _declaration(text: str, line: int) -> range:
    """From its first line to the one that closes it, which begins the line as the first one does."""
    lines = text.splitlines()
    if lines[line - 1].rstrip().endswith(";"):
        return range(line, line + 1)
    closing = (number for number, each in enumerate(lines[line:], line + 1) if each.startswith(("}", "]", ")")))
    return range(line, next(closing, line) + 1)


def documents(root: Path) -> list[Path]:
    """What people read, but for what was decided and changed once, which stays as it was."""
    pages = [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *(root / "docs").glob("*.md"),
        *(root / "deploy").rglob("*.md"),
    ]
    return sorted(pages)


def sections(root: Path, paths: Iterable[Path]) -> Iterator[Gone]:
    """Sections of documents, and whole ones, that are about it by their headings."""
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            heading = _HEADING.match(line)
            if heading and any(map(is_of_sse, heading[1].split())):
                yield Gone(relative(root, path), number, "section", heading[1])


def configurations(root: Path) -> list[Path]:
    """Of `deploy/`, but what is written for people."""
    return sorted(path for path in (root / "deploy").rglob("*") if path.is_file() and path.suffix != ".md")
