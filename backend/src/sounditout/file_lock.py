"""A lock between processes of one machine, for the few things that must happen once."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_POLL_SECONDS = 0.05


@contextmanager
def file_lock(path: Path, timeout_seconds: float) -> Iterator[BinaryIO]:
    """Hold `path` (made when missing, mode 0600) for this process alone; yields the open file.

    Blocks its thread. The operating system frees the lock when the process dies.

    Raises:
        TimeoutError: another process held it all the time.
    """
    with open(path, "ab+", opener=_private) as file:
        _wait_for(file.fileno(), path, time.monotonic() + timeout_seconds)
        yield file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _wait_for(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} is held by another process") from None
            time.sleep(_POLL_SECONDS)
        else:
            return
