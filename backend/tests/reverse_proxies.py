"""The reverse proxies that `deploy/` is written for, started with those very files on ports of their own."""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
SERVER: Final = "127.0.0.1:8000"
"""The server's address in every file under `deploy/`."""
START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 5.0
"""Then it is killed; on a busy machine Caddy once took 45 s to stop."""


@dataclass(frozen=True, slots=True)
class ReverseProxy:
    """A running one.

    Attributes:
        base_url: "http://127.0.0.1:…"
        folder: holds its configuration and what it has logged.
    """

    base_url: str
    folder: Path

    @property
    def ws_url(self) -> str:
        return self.base_url.replace("http", "ws", 1)

    def log(self) -> str:
        """Everything that it has written so far, whichever log it is in."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


def free_port() -> int:
    """A TCP port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def rendered(name: str, changes: Mapping[str, str]) -> str:
    """A file of `deploy/` with some strings replaced, each of which must be there."""
    text = (DEPLOY / name).read_text()
    for old, new in changes.items():
        assert old in text, f"deploy/{name} no longer has {old!r}"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(program: str, server: str, folder: Path, *, tls: bool = False) -> Iterator[ReverseProxy]:
    """nginx in front of a server (`host:port`). `tls`: with the lines for it, and a certificate in the folder."""
    port = free_port()
    changes = {
        SERVER: server,
        "/var/log/nginx": str(folder),
        "/run/nginx.pid": str(folder / "nginx.pid"),
        "www-data": pwd.getpwuid(os.geteuid()).pw_name,
    }
    if tls:
        changes |= {
            "        listen 80;\n": "",
            "#tls#": "",
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/letsencrypt/live/reading.example": str(folder),
        }
    changes["listen 80;"] = f"listen 127.0.0.1:{free_port() if tls else port};"
    configuration = folder / "nginx.conf"
    configuration.write_text(rendered("nginx.conf", changes))
    command = [program, "-c", str(configuration), "-e", str(folder / "start.log"), "-g", "daemon off;"]
    with _running(command, port, folder):
        yield ReverseProxy(f"http{'s' if tls else ''}://127.0.0.1:{port}", folder)


@contextmanager
def caddy(program: str, server: str, folder: Path) -> Iterator[ReverseProxy]:
    """Caddy in front of a server (`host:port`), without TLS: there is nobody here to give it a certificate."""
    port = free_port()
    changes = {
        SERVER: server,
        "/var/log/caddy": str(folder),
        "/run/caddy": str(folder),
        "{$SOUNDITOUT_HOST:reading.example} {": f"http://127.0.0.1:{port} {{",
    }
    configuration = folder / "Caddyfile"
    configuration.write_text(rendered("Caddyfile", changes))
    with _running([program, "run", "--config", str(configuration), "--adapter", "caddyfile"], port, folder):
        yield ReverseProxy(f"http://127.0.0.1:{port}", folder)


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """Until the block ends; it begins when the port answers."""
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (
        (folder / "output.log").open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process,
    ):
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()  # or nothing, when it has ended


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the reverse proxy has ended; its log says why"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the reverse proxy did not start")
