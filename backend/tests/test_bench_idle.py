"""The benchmark of idle connections runs and prints what it promises. What it finds is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_cost_of_an_idle_connection_beside_a_bare_one(tmp_path: Path) -> None:
    result = tmp_path / "idle.json"
    command = [sys.executable, "-m", "bench.idle", "--connections", "60", "--rounds", "1", "--json", str(result)]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True, timeout=50)
    measured = json.loads(result.read_text())
    assert "kB per connection" in done.stdout
    assert measured["connections"] == 60
    for server in ("bare", "ours"):
        for kind in ("private", "rss"):
            assert measured["figures"][server][kind]["count"] == 1
    assert set(measured["ratio"]) == {"private", "rss"}
