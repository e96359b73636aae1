"""The benchmark of live words runs and prints what it promises. What it finds is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_live_words_and_reports_side_by_side(tmp_path: Path) -> None:
    result = tmp_path / "live.json"
    command = [sys.executable, "-m", "bench.live", "--users", "2", "--rounds", "1", "--json", str(result)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True, timeout=55)
    figures = json.loads(result.read_text())["figures"]
    assert set(figures) == {"one reader", "2 readers"}
    for row in figures.values():
        assert {"analysis in pieces (ms)", "analysis in one piece (ms)", "between two lists of words (s)"} <= set(row)
