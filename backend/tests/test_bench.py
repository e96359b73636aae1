"""The benchmarks run and print what they promise. How fast anything was is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def figures_of(module: str, *options: str, into: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *options, "--json", str(into)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True, timeout=50)
    figures: dict[str, Any] = json.loads(into.read_text())
    return figures


def test_latency_of_one_reading_by_transport_and_format(tmp_path: Path) -> None:
    figures = figures_of("bench.latency", "--rounds", "1", into=tmp_path / "latency.json")["figures"]
    assert set(figures) == {"ws webm", "sse webm", "ws wav", "sse wav"}
    for parts in figures.values():
        assert {"processing_started", "analysis", "complete", "the models", "everything else"} <= set(parts)
        assert 0 < parts["processing_started"]["median"] <= parts["analysis"]["median"] <= parts["complete"]["median"]


def test_everybody_in_a_crowd_is_answered_and_saved_once(tmp_path: Path) -> None:
    counted = figures_of("bench.crowd", "--users", "3", into=tmp_path / "crowd.json")
    assert counted["answered"] == counted["saved exactly once"] == 3
    assert counted["pong (ms)"]["count"] > 0
