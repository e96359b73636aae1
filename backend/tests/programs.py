"""Programs that some tests want and that need not be here."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

TOOLS: Final = Path(__file__).resolve().parents[2] / ".tools" / "bin"
_PLACES: Final = (str(TOOLS), os.environ.get("PATH", os.defpath), "/usr/sbin")


def find(name: str) -> str | None:
    """The program: unpacked by set-up, installed, or where Debian has it for root only."""
    return shutil.which(name, path=os.pathsep.join(_PLACES))


def needed(name: str, remedy: str) -> str:
    """The program, or the test is skipped and says what to do."""
    program = find(name)
    if program is None:
        pytest.skip(f"{name} is not here ({remedy})")
    return program
