"""The process as an operator runs it: its options, its log, its end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.server import listen, make_server
from sounditout.settings import Settings

SERVE = """\
from serving import tiny_engines
from sounditout.server import run
from sounditout.settings import Settings
run(Settings(), "127.0.0.1", 0, log_format="json", engines=tiny_engines())
"""


def socket_of(base_url: str, token: str) -> ClientConnection:
    url = base_url.replace("http", "ws", 1) + f"/api/ai/ws/audio-analysis?token={token}&client_id=tab-1"
    return connect(url, proxy=None, max_size=None)


@contextmanager
def process(folder: Path, level: str) -> Iterator[tuple["subprocess.Popen[str]", list[str], str]]:
    """A server in a process of its own: the process, its log so far, its address."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "SOUNDITOUT_DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
        "SOUNDITOUT_SECRET_FILE": str(folder / "secret.key"),
        "SOUNDITOUT_LOG_LEVEL": level,
    }
    with subprocess.Popen([sys.executable, "-c", SERVE], env=environment, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        lines: list[str] = []
        try:
            for line in run.stderr:
                lines.append(line)
                if '"ready"' in line:
                    break
            address = re.search(r"http://127\.0\.0\.1:\d+", "".join(lines))
            assert address, "".join(lines)
            yield run, lines, address[0]
        finally:
            run.kill()


def closed_with(ws: ClientConnection, *messages: str) -> int | None:
    """The code with which the server closes after these messages."""
    try:
        for message in messages:
            ws.send(message)
        while True:
            ws.recv(timeout=20)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def account_at(address: str) -> str:
    """A token of a new user."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        return str(client.post("/api/auth/guest").json()["access_token"])


@pytest.mark.parametrize("level", ["info", "debug"])
def test_log_holds_no_token_and_a_signal_ends_it_properly(tmp_path: Path, level: str) -> None:
    with process(tmp_path, level) as (run, lines, address):
        token = account_at(address)
        httpx.get(
            f"{address}/api/users/me?token={token}", headers={"Authorization": f"Bearer {token}"}, trust_env=False
        )
        with socket_of(address, token) as ws:
            ws.recv(timeout=10)
            run.send_signal(signal.SIGTERM)
            close_code = closed_with(ws)
        _, rest = run.communicate(timeout=30)
        log = "".join(lines) + rest

    assert close_code == 1012
    assert run.returncode == 0
    assert token not in log
    assert token.rpartition(".")[2] not in log
    assert "token=***" in log  # uvicorn did write the address of the WebSocket
    events = [json.loads(line) for line in log.splitlines()]
    requests = [event for event in events if event["event"] == "request"]
    assert {"/api/auth/guest", "/api/users/me", "/api/ai/ws/audio-analysis"} <= {event["path"] for event in requests}
    assert all(event["http_request_id"] for event in requests)
    assert events[-1]["event"].startswith("Finished server process")
    assert not [event for event in events if event["level"] in ("error", "critical")]


STUCK = """\
import threading
from sounditout.server import end_after
threading.Thread(target=threading.Event().wait).start()
end_after(0.1)
"""


def test_a_process_with_a_thread_that_is_stuck_ends_all_the_same() -> None:
    assert subprocess.run([sys.executable, "-c", STUCK], check=False, timeout=50).returncode == 1


def seconds_to_stop(settings: Settings) -> float:
    """Of a server that has answered, and has nothing to finish."""
    with serving(settings, tiny_engines()) as running:
        with running.client() as client:
            client.get("/healthz").raise_for_status()
        asked = time.monotonic()
    return time.monotonic() - asked


def test_a_server_with_nothing_to_finish_stops_at_once(settings: Settings) -> None:
    """Not when it next looks whether it is to stop: what is looked for every tenth of a second takes longer."""
    assert any(seconds_to_stop(settings) < 0.05 for _ in range(5))


def test_second_server_on_the_same_port_is_refused() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", first.getsockname()[1])


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("localhost", socket.AF_INET)])
def test_name_for_both_kinds_of_address_means_the_usual_one(host: str, family: int) -> None:
    with listen(host, 0) as listener:
        assert listener.family == family


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux only")
def test_kernel_drops_a_peer_that_acknowledges_nothing() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 40_000


class TestSocket:
    @pytest.fixture
    def server(self, shared_server: RunningServer) -> RunningServer:
        return shared_server

    def test_frame_over_the_limit_closes_with_1009(self, server: RunningServer, learner: Learner) -> None:
        with socket_of(server.base_url, learner.token) as ws:
            ws.recv(timeout=10)
            assert closed_with(ws, "x" * (server.settings.max_frame_bytes + 1)) == 1009

    def test_frames_are_not_compressed(self, server: RunningServer, learner: Learner) -> None:
        with socket_of(server.base_url, learner.token) as ws:
            assert ws.response is not None
            assert "Sec-WebSocket-Extensions" not in ws.response.headers


def test_forwarded_addresses_are_not_believed(server: RunningServer) -> None:
    guess = {"username": register(server).username, "password": "a guess of mine"}
    with server.client() as client:
        answers = [
            client.post("/api/auth/token", data=guess, headers={"X-Forwarded-For": f"10.0.0.{number}"})
            for number in range(6)
        ]
    assert answers[-1].status_code == 429


def test_forwarded_addresses_of_a_trusted_proxy_are(settings: Settings, server: RunningServer) -> None:
    assert not make_server(server.app, settings).config.proxy_headers
    trusting = make_server(server.app, settings, "10.0.0.1").config
    assert trusting.proxy_headers
    assert trusting.forwarded_allow_ips == "10.0.0.1"


@pytest.mark.parametrize(("file", "setting"), [("nginx.conf", "keepalive_timeout"), ("Caddyfile", "keepalive")])
def test_our_proxies_give_up_a_quiet_connection_before_the_server_does(
    settings: Settings, server: RunningServer, file: str, setting: str
) -> None:
    """Or a request meets a connection that is being closed."""
    configuration = (Path(__file__).parents[2] / "deploy" / file).read_text()
    [seconds] = re.findall(rf"\s{setting} (\d+)s", configuration)
    assert int(seconds) < make_server(server.app, settings).config.timeout_keep_alive
