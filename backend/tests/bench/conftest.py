"""Benchmarks as commands."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `bench.NAME OPTIONS…`, which must succeed; gives what it has found."""

    def begin(name: str, *options: str) -> dict[str, Any]:
        into = tmp_path / f"{name}.json"
        command = [sys.executable, "-m", f"bench.{name}", *options, "--json", str(into)]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout
        found: dict[str, Any] = json.loads(into.read_text())
        return found

    return begin
