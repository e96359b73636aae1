"""What of our Python would go with SSE.

It begins with what is called so, with classes that answer `text/event-stream`, and with the routes that answer by
them. Then goes whatever nothing but those refers to, and so on. References are compared by name alone, so what shares
its name with something that stays is kept: the list may be too short by a little, and not too long.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

from sounditout.cli.sse_names import Changed, Gone, Kind, changed, is_of_sse, relative

_MEDIA_TYPE: Final = "text/event-stream"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Definition:
    """A function, class or constant of a module, or a method or field of a class.

    Attributes:
        owner: the class that it is in, if any.
    """

    path: Path
    name: str
    node: ast.stmt
    owner: str | None = None
    parts: "list[Definition]" = field(default_factory=list)

    @cached_property
    def uses(self) -> set[str]:
        """Names that it refers to."""
        return _uses(self.node)

    @property
    def lines(self) -> range:
        decorators = self.node.decorator_list if isinstance(self.node, _Function | ast.ClassDef) else []
        first = min([self.node.lineno, *(each.lineno for each in decorators)])
        return range(first, (self.node.end_lineno or first) + 1)

    @property
    def full_name(self) -> str:
        return self.name if self.owner is None else f"{self.owner}.{self.name}"


class Modules:
    """Modules below some folders, and what of them is gone."""

    def __init__(self, root: Path, folders: tuple[str, ...]) -> None:
        self._root = root
        self._trees = {
            path: ast.parse(path.read_text()) for folder in folders for path in sorted((root / folder).rglob("*.py"))
        }
        self._of = {path: [*_definitions(path, tree)] for path, tree in self._trees.items()}
        self._gone: set[Definition] = set()

    def is_gone(self, definition: Definition) -> bool:
        return definition in self._gone

    @property
    def names(self) -> set[str]:
        """Of what is gone and nothing else; of methods and fields, whose names anything may have, what says it."""
        gone = {one.name for one in self._all() if self.is_gone(one) and (one.owner is None or is_of_sse(one.name))}
        return gone - {one.name for one in self._all() if not self.is_gone(one)}

    def find_named(self) -> None:
        """Find what is called so, and classes that answer by streams."""
        for one in self._all():
            if is_of_sse(one.name) or is_of_sse(one.path.stem) or _answers_by_streams(one):
                self._remove(one)

    def find_served(self) -> None:
        """Find what serves only that."""
        users: dict[str, list[Definition]] = {}
        for one in chain.from_iterable(self._of.values()):
            for name in one.uses:
                users.setdefault(name, []).append(one)
        while more := self._more(users):
            for one in more:
                self._remove(one)

    def gone(self) -> Iterator[Gone]:
        """What to delete: whole files where nothing is left of them."""
        for path, tree in self._trees.items():
            own = self._of[path]
            if self._has_gone(path):
                yield Gone(relative(self._root, path), None, "file", path.name)
                continue
            for one in own:
                for part in [one] if self.is_gone(one) else filter(self.is_gone, one.parts):
                    yield Gone(relative(self._root, path), part.node.lineno, *_kind_of(part, tree))

    def changed(self, names: set[str]) -> Iterator[Changed]:
        """What stays and would have to be changed."""
        for path, tree in self._trees.items():
            own = self._of[path]
            if not self._has_gone(path):
                inside = [part.lines for one in own for part in (one, *one.parts) if self.is_gone(part)]
                known = {part.name for one in own for part in (one, *one.parts)} | _imported(tree)
                yield from changed(self._root, path, names & known, inside)

    def _all(self) -> Iterator[Definition]:
        for one in chain.from_iterable(self._of.values()):
            yield one
            yield from one.parts

    def _has_gone(self, path: Path) -> bool:
        return bool(self._of[path]) and all(map(self.is_gone, self._of[path]))

    def _remove(self, one: Definition) -> None:
        self._gone |= {one, *one.parts}

    def _more(self, users: dict[str, list[Definition]]) -> list[Definition]:
        names = self.names
        staying = {one: self._uses_that_stay(one, names) for one in chain.from_iterable(self._of.values())}
        return [
            one
            for one in staying
            if not self.is_gone(one) and self._goes(one, names, users.get(one.name, ()), staying)
        ]

    def _goes(
        self, one: Definition, gone: set[str], users: Iterable[Definition], staying: dict[Definition, set[str]]
    ) -> bool:
        """Whether it serves only what is gone: something gone refers to it, or it to that, and nothing else does."""
        if isinstance(one.node, _Function) and _response_class(one.node) in gone:
            return True
        users = [user for user in users if user is not one]
        if not users or any(one.name in staying[user] for user in users):
            return False
        theirs = any(one.name in part.uses for user in users for part in (user, *user.parts) if self.is_gone(part))
        return theirs or bool(one.uses & gone)

    def _uses_that_stay(self, user: Definition, gone: set[str]) -> set[str]:
        """Names that it refers to, but for parts that are gone and what it does only if SSE is there, or is not."""
        if self.is_gone(user):
            return set()
        if not user.uses & gone and not any(map(self.is_gone, user.parts)):
            return user.uses
        left_out = {id(part.node) for part in user.parts if self.is_gone(part)}
        left_out |= {id(node) for node in ast.walk(user.node) if _asks_about(node, gone)}
        return _uses(user.node, left_out)


def _definitions(path: Path, tree: ast.Module) -> Iterator[Definition]:
    for node in tree.body:
        for name in _names(node):
            parts = [
                Definition(path, part, inner, name)
                for inner in (node.body if isinstance(node, ast.ClassDef) else ())
                for part in _names(inner)
            ]
            yield Definition(path, name, node, None, parts)


def _imported(tree: ast.Module) -> set[str]:
    return {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}


def _names(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            yield name


def _uses(node: ast.AST, left_out: set[int] | frozenset[int] = frozenset()) -> set[str]:
    """Every name that the code refers to."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in left_out:
            continue
        if isinstance(one, ast.Name):
            found.add(one.id)
        elif isinstance(one, ast.Attribute):
            found.add(one.attr)
        waiting.extend(ast.iter_child_nodes(one))
    return found


def _asks_about(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.If | ast.IfExp) and bool(_uses(node.test) & names)


def _answers_by_streams(one: Definition) -> bool:
    return isinstance(one.node, ast.ClassDef) and any(
        isinstance(node, ast.Constant) and node.value == _MEDIA_TYPE for node in ast.walk(one.node)
    )


def _response_class(node: _Function) -> str | None:
    """By which class a route answers."""
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "response_class" and isinstance(keyword.value, ast.Name):
                return keyword.value.id
    return None


def _kind_of(one: Definition, tree: ast.Module) -> tuple[Kind, str]:
    route = _route(one.node, tree)
    if route is not None:
        return "route", f"{route} ({one.name})"
    if one.owner == "Settings":
        return "setting", one.name.upper()
    if one.name.startswith("test_"):
        return "test", one.full_name
    kinds: dict[type[ast.stmt], Kind] = {ast.ClassDef: "class", ast.Assign: "name", ast.AnnAssign: "name"}
    return kinds.get(type(one.node), "function"), one.full_name


def _route(node: ast.stmt, tree: ast.Module) -> str | None:
    """`POST /address`, where it is one."""
    for decorator in node.decorator_list if isinstance(node, _Function) else ():
        match decorator:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="router"), attr=method),
                args=[ast.Constant(value=str(path))],
            ):
                return f"{method.upper()} {_prefix(tree)}{path}"
    return None


def _prefix(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "prefix" and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    return ""
