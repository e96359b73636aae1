"""Processes forked from one that has loaded the app: a second of a core less for each server of a test.

How the program starts by itself is seen where tests start it with its command.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import IO
from unittest.mock import patch

_HERE = Path(__file__).parent
PYTHONPATH = os.pathsep.join([str(_HERE), str(_HERE.parent)])


class Forked:
    """Enough of `subprocess.Popen` for a test that stops, kills and waits."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def send_signal(self, number: signal.Signals) -> None:
        if self._process.is_alive():
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        """The exit code; a negative number is a signal's."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self._process.exitcode


@contextmanager
def forked(
    main: Callable[[Sequence[str]], object], arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[Forked, IO[str]]]:
    """A process in a group of its own that runs `main(arguments)`, and its stderr; killed when the block ends."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = _context().Process(target=_run, args=(main, tuple(arguments), dict(environment), theirs))
    with ours:
        process.start()
        theirs.close()
        try:
            with os.fdopen(os.dup(ours.fileno()), encoding="utf-8") as stderr:
                yield Forked(process), stderr
        finally:
            process.kill()
            process.join()


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fake_server"])
    with patch.dict(os.environ, PYTHONPATH=PYTHONPATH):
        forkserver.ensure_running()
    return context


def _run(
    main: Callable[[Sequence[str]], object],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stderr: Connection,
) -> None:
    os.setsid()
    os.dup2(stderr.fileno(), sys.__stderr__.fileno() if sys.__stderr__ else 2)
    stderr.close()
    os.environ.clear()
    os.environ.update(environment)
    main(arguments)
