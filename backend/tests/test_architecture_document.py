"""docs/ARCHITECTURE.md shows the rooms that there are, and the layers that import-linter holds."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
ROOMS: Final = re.search(r"^## Rooms\n\n```\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
PACKAGE: Final = "backend/src/sounditout"
INDENT: Final = 2
"""Of what is in a room; more is a text that goes on."""
UNREMARKABLE: Final = {"__init__.py", "__main__.py", "py.typed"}


def shown() -> set[str]:
    """Every path in the list of rooms, from the repository on: those that begin a line, and those before a colon."""
    assert ROOMS is not None
    found, above = set(), ""
    for line in ROOMS[1].splitlines():
        indent, first, rest = re.fullmatch(r"( *)((?:[\w./]+(?:/|\.py) ?)*)(.*)", line).groups()  # type: ignore[union-attr]
        if len(indent) == 0:
            above = first.strip()
            found.add(above)
        elif len(indent) == INDENT:
            found |= {f"{above}{name}" for name in [*first.split(), *re.findall(r"(\w+\.py):", rest)]}
    return {path.rstrip("/") for path in found}


def tracked(folder: str) -> set[str]:
    """Files of the repository below a folder."""
    listed = subprocess.run(["/usr/bin/env", "git", "ls-files", folder], cwd=ROOT, capture_output=True, check=True)
    return set(listed.stdout.decode().splitlines())


def below(folder: str) -> set[str]:
    """What is directly in it."""
    prefix = f"{folder}/" if folder else ""
    return {path.removeprefix(prefix).split("/")[0] for path in tracked(folder or ".")}


def test_every_room_exists() -> None:
    assert {path for path in shown() if not (ROOT / path).exists()} == set()


def test_every_module_and_every_package_has_its_line() -> None:
    assert below(PACKAGE) - UNREMARKABLE <= {Path(path).name for path in shown() if path.startswith(PACKAGE)}


def test_every_folder_of_the_repository_and_of_the_app_has_its_line() -> None:
    folders = {name for name in below("") if (ROOT / name).is_dir() and not name.startswith(".")}
    assert folders <= {path.split("/")[0] for path in shown()}
    parts = {name for name in below("frontend/src") if (ROOT / "frontend/src" / name).is_dir()}
    assert parts <= {path.removeprefix("frontend/src/") for path in shown()}


def test_every_page_of_the_app_is_named() -> None:
    (named,) = re.findall(r"src/features/ +a folder for each page: (.*)$", DOCUMENT, re.MULTILINE)
    assert set(named.split(", ")) == below("frontend/src/features")


def test_every_command_is_named() -> None:
    from typer.main import get_command

    from sounditout.cli import app

    commands: Any = get_command(app)
    (named,) = re.findall(r"^  cli/ +(.*)$", DOCUMENT, re.MULTILINE)
    assert set(named.split(" · ")) == set(commands.commands)


def test_what_deploy_is_for_is_named() -> None:
    (named,) = re.findall(r"^deploy/ +(.*)$", DOCUMENT, re.MULTILINE)
    files = " ".join(tracked("deploy")).lower()
    for each in named.split(", "):
        assert each.lower() in files


def test_the_layers_are_those_that_are_enforced() -> None:
    contracts = tomllib.loads((ROOT / "backend/pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    enforced = [set(re.findall(r"sounditout\.(\w+)", layer)) for layer in layers]
    (line,) = re.findall(r"^`(app → .*)`\.$", DOCUMENT, re.MULTILINE)
    told = [set(re.findall(r"\w+", step)) for step in line.split("→")]
    assert told == [layer for layer in enforced if not layer & {"cli", "server"}]
