"""The benchmarks of distance and of processor time run and print what they promise. What they find is theirs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNAVAILABLE = 69


def figures_of(module: str, *options: str, into: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *options, "--json", str(into)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=100)
    if done.returncode == UNAVAILABLE:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(into.read_text())
    return figures


@pytest.mark.timeout(120)
def test_round_trips_of_an_answer_by_way_and_security(tmp_path: Path) -> None:
    options = ("--rounds", "1", "--spoken", "1", "--sentence", "The cat sat.")
    measured = figures_of("bench.roundtrip", *options, into=tmp_path / "roundtrip.json")
    for by_security in measured["first_words"].values():
        assert set(by_security) == {"TCP", "TLS"}
        for cell in by_security.values():
            assert cell["long"]["median"] >= measured["round_trip_ms"]  # nothing is faster than the network
    assert len(measured["first_words"]) == 6
    for by_upload in measured["slow"].values():
        assert set(by_upload) == {"whole, after the end", "in pieces, while speaking"}
    assert set(measured["slow"]) == {"webm", "wav"}


@pytest.mark.timeout(120)
def test_processor_time_of_a_loaded_server_by_part(tmp_path: Path) -> None:
    measured = figures_of("bench.profiling", "--readers", "2", "--seconds", "2", into=tmp_path / "profile.json")
    for counted in measured["found"].values():
        assert counted["readings"] >= 2
        assert counted["cpu"] > 0
        assert abs(sum(counted["parts"].values()) - counted["cpu"]) < 0.05 * counted["cpu"]
        assert {"models: listening", "models: the voice", "unpacking audio"} <= set(counted["parts"])
