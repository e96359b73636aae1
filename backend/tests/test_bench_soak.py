"""A short soak: everything that was sent is answered once and saved once."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_everything_is_answered_once_and_saved_once(tmp_path: Path) -> None:
    result = tmp_path / "soak.json"
    command = [sys.executable, "-m", "bench.soak", "--minutes", "0.2", "--users", "3", "--json", str(result)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = json.loads(result.read_text())
    assert counted["sent"] > 0
    assert counted["wrong"] == 0
