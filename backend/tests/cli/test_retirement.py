"""What would be deleted with SSE, as the command prints it: all of it is there, and nothing that stays needs it."""

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

import sounditout
from sounditout.app import create_app
from sounditout.cli import app
from sounditout.cli.sse_names import is_of_sse
from sounditout.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be deleted."""

    kind: str
    path: str
    number: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    gone: tuple[Line, ...]
    changed: dict[str, tuple[int, ...]]

    def named(self, name: str) -> Line:
        (found,) = (line for line in self.gone if line.name == name)
        return found

    def of_kind(self, kind: str) -> list[Line]:
        return [line for line in self.gone if line.kind == kind]

    @property
    def files(self) -> set[str]:
        return {line.path for line in self.of_kind("file")}


@pytest.fixture(scope="module")
def listed() -> Listed:
    """What the command prints."""
    result = CliRunner().invoke(app, ["retirement"])
    assert result.exit_code == 0, result.stderr
    deleted, _, changed = result.stdout.partition("\n\n")
    lines = [re.fullmatch(r"  (\w+) +([^\s:]+)(?::(\d+)  (.+))?", line) for line in deleted.splitlines()[1:]]
    gone = tuple(
        Line(line[1], line[2], int(line[3]) if line[3] else None, line[4] or Path(line[2]).name)
        for line in lines
        if line is not None
    )
    assert deleted.splitlines()[0] == f"To be deleted: {len(lines)}"
    assert len(gone) == len(lines)
    places = dict(line.strip().rsplit(":", 1) for line in changed.splitlines()[1:])
    return Listed(gone, {path: tuple(map(int, numbers.split(","))) for path, numbers in places.items()})


def test_everything_that_is_printed_exists(listed: Listed) -> None:
    for line in listed.gone:
        path = ROOT / line.path
        assert path.is_file(), line
        if line.number is not None:
            word = re.sub(r".*\((\w+)\)|.*\.", lambda found: found[1] or "", line.name)
            assert word.lower() in path.read_text().splitlines()[line.number - 1].lower(), line
    for name, numbers in listed.changed.items():
        assert max(numbers) <= len((ROOT / name).read_text(errors="replace").splitlines())


def test_it_finds_the_routes_that_answer_by_streams_and_no_others(listed: Listed) -> None:
    streams = {
        f"{method.upper()} {path}"
        for path, operations in create_app(Settings()).openapi()["paths"].items()
        for method, operation in operations.items()
        if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    }
    assert len(streams) == 3
    assert {line.name.split(" (")[0] for line in listed.of_kind("route")} == streams


def test_it_finds_the_setting_the_transports_and_their_files(listed: Listed) -> None:
    assert [line.name for line in listed.of_kind("setting")] == ["SSE_ENABLED"]
    assert listed.named("SSETransport").path == "frontend/src/services/audioTransport.ts"
    assert {
        "backend/src/sounditout/client/sse_transport.py",
        "backend/src/sounditout/connection/server_sent.py",
        "backend/src/sounditout/http/retirement.py",
        "backend/tests/scenarios/test_sse.py",
        "frontend/src/services/sseCarrier.ts",
        "frontend/src/services/sse.node.test.ts",
    } <= listed.files


def test_it_finds_what_only_those_need_whatever_it_is_called(listed: Listed) -> None:
    assert "frontend/src/services/eventStream.ts" in listed.files
    assert listed.named("eventsource-parser").kind == "package"
    assert listed.named("message_of").path == "backend/src/sounditout/routers/forms.py"


def test_it_finds_itself(listed: Listed) -> None:
    assert "backend/src/sounditout/cli/retirement.py" in listed.files


def test_the_websocket_and_what_both_use_stay(listed: Listed) -> None:
    names = {line.name for line in listed.gone}
    assert not names & {
        "audio_analysis",
        "process_audio_analysis",
        "WebSocketTransport",
        "CarriedTransport",
        "HeldRequests",
    }
    assert not any("cancel_analysis" in name for name in names)


def test_a_file_that_stays_and_imports_what_goes_is_among_those_to_be_changed(listed: Listed) -> None:
    modules = {
        path.removeprefix("backend/src/").removesuffix(".py").replace("/", ".")
        for path in listed.files
        if path.startswith("backend/src/")
    }
    for path in sorted((ROOT / "backend/src").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        if name not in listed.files and any(node.module in modules for node in nodes):
            assert name in listed.changed


def test_what_is_deleted_is_not_to_be_changed_as_well(listed: Listed) -> None:
    assert not listed.files & set(listed.changed)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("SSETransport", True),
        ("sse_comment", True),
        ("OverSse", True),
        ("server_sent", True),
        ("SERVER_SENT", True),
        ("possessive", False),
        ("assert_whole", False),
        ("classes", False),
        ("server", False),
    ],
)
def test_names_of_it(name: str, is_one: bool) -> None:
    assert is_of_sse(name) is is_one


def test_installed_without_the_repository_it_says_so(tmp_path: Path) -> None:
    shutil.copytree(Path(sounditout.__file__).parent, tmp_path / "sounditout")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "sounditout", "retirement"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "installed without its repository" in done.stderr
