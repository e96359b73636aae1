"""One process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from sounditout.file_lock import file_lock

HOLD = """\
import sys
from pathlib import Path
from sounditout.file_lock import file_lock
with file_lock(Path(sys.argv[1]), 1):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_waits_until_its_time_is_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TimeoutError), file_lock(path, 0.1):
            pass
        holder.communicate("")
    with file_lock(path, 0.1):
        assert path.stat().st_mode & 0o777 == 0o600


def test_lock_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    with file_lock(path, 1):
        pass
