"""A server of our own to measure: the real program in its own process, on a free port, with an empty database."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_SECONDS = 30.0


def free_port() -> int:
    """A TCP port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when `/readyz` says yes; raise RuntimeError when the process ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        try:
            if httpx.get(f"{url}/readyz", timeout=1.0).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"the server was not ready after {START_SECONDS:.0f} s")


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Yield the base URL of a fresh server; `settings` become SOUNDITOUT_* variables."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="sounditout-bench-") as folder:
        environment = os.environ | {f"SOUNDITOUT_{name.upper()}": value for name, value in settings.items()}
        environment |= {
            "DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}",
            "SOUNDITOUT_SECRET_FILE": str(Path(folder) / "secret.key"),
            "SOUNDITOUT_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "sounditout", "serve", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, env=environment)
        try:
            wait_until_ready(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)
