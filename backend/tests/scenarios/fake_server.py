"""A server process whose engines are fakes: its recogniser waits at a gate, its speaker shouts when told to.

Its arguments: PORT [--gate PATH] [--loud]

Everything else is set by `SOUNDITOUT_…` variables.
"""

import argparse
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stages import LoudSpeaker

from serving import tiny_engines
from sounditout.engines.fakes import FakeRecognizer, FakeSpeaker
from sounditout.server import run
from sounditout.settings import Settings


@dataclass(frozen=True, slots=True)
class AtGate:
    """Tells whoever listens at the Unix socket which process has come so far, and waits to be let through."""

    path: Path

    def __call__(self) -> None:
        with socket.socket(socket.AF_UNIX) as gate:
            gate.connect(str(self.path))
            gate.sendall(f"{os.getpid()}\n".encode())
            gate.recv(1)


def main(arguments: Sequence[str]) -> None:
    """Serve until a signal says stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--gate", type=Path)
    parser.add_argument("--loud", action="store_true")
    wanted = parser.parse_args(arguments)
    recognizer = FakeRecognizer(before=AtGate(wanted.gate)) if wanted.gate else FakeRecognizer()
    engines = replace(tiny_engines(), recognizer=recognizer, speaker=LoudSpeaker() if wanted.loud else FakeSpeaker())
    run(Settings(), "127.0.0.1", wanted.port, log_format="json", engines=engines)
