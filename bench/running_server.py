"""A server of our own to measure: the real program in its own process, on a free port, with an empty database."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.certificate import Certificate

LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(url: str, process: "subprocess.Popen[Any]", trusted: ssl.SSLContext | None = None) -> None:
    """Return when `/readyz` says yes; raise RuntimeError when the process ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        try:
            if (
                httpx.get(f"{url}/readyz", timeout=1.0, verify=trusted or False, trust_env=False).status_code
                == httpx.codes.OK
            ):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"the server was not ready after {START_SECONDS:.0f} s")


def own_environment(folder: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Environment of a server that keeps everything in `folder`; `settings` become SOUNDITOUT_* variables."""
    return {
        **os.environ,
        "SOUNDITOUT_LOG_LEVEL": "warning",
        **{f"SOUNDITOUT_{name.upper()}": value for name, value in settings.items()},
        "DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}",
        "SOUNDITOUT_SECRET_FILE": str(Path(folder) / "secret.key"),
    }


@contextmanager
def running_server(*, host: str = LOOPBACK, certificate: Certificate | None = None, **settings: str) -> Iterator[str]:
    """Yield the base URL, on loopback, of a fresh server.

    Args:
        host: address to listen on.
        certificate: None: without TLS.
        settings: become SOUNDITOUT_* variables.
    """
    port = str(free_port())
    trusted = None if certificate is None else certificate.trusted()
    if certificate is None:
        url = f"http://{LOOPBACK}:{port}"
        command = ["sounditout", "serve", "--host", host, "--port", port]
    else:
        url = f"https://{LOOPBACK}:{port}"
        command = ["bench.tls_server", host, port, str(certificate.certificate), str(certificate.key)]
    with tempfile.TemporaryDirectory(prefix="sounditout-bench-") as folder:
        process = subprocess.Popen([sys.executable, "-m", *command], env=own_environment(folder, settings))
        try:
            wait_until_ready(url, process, trusted)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)
