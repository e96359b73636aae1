"""Prometheus itself, with the files of deploy/, reads the figures of a real server."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from programs import needed
from reverse_proxies import free_port, rendered
from serving import RunningServer

SECONDS = 20.0
TOKENS = (None, "a secret between the two")


@pytest.fixture(params=TOKENS, ids=["without a token", "with a token"])
def token(request: pytest.FixtureRequest) -> str | None:
    chosen: str | None = request.param
    return chosen


@pytest.fixture
def server_options(token: str | None) -> dict[str, Any]:
    return {"metrics_token": token}


@pytest.fixture
def folder(server: RunningServer, token: str | None, tmp_path: Path) -> Path:
    """Holds the configuration."""
    changes = {
        "127.0.0.1:8000": server.base_url.removeprefix("http://"),
        "_interval: 15s": "_interval: 200ms",
    }
    if token is not None:
        (tmp_path / "sounditout.token").write_text(f"{token}\n")
        changes |= {"#token#": "", "/etc/prometheus": str(tmp_path)}
    for name, replaced in {"alerts.yml": {}, "prometheus.yml": changes}.items():
        (tmp_path / name).write_text(rendered(f"prometheus/{name}", replaced))
    return tmp_path


@pytest.fixture
def prometheus(folder: Path) -> Iterator[httpx.Client]:
    """A running one, to be asked."""
    program, port = needed("prometheus", "scripts/ensure_prometheus"), free_port()
    options = ("--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address=127.0.0.1:{port}")
    with (
        (folder / "output.log").open("wb") as output,
        subprocess.Popen([program, *options], stdout=output, stderr=output, cwd=folder) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", trust_env=False) as client,
    ):
        try:
            yield client
        finally:
            process.kill()


def until(client: httpx.Client, path: str, settled: Callable[[Any], bool], **query: str) -> Any:  # noqa: ANN401
    """What Prometheus answers, once it has settled: another process takes its time."""
    deadline, data = time.monotonic() + SECONDS, None
    while time.monotonic() < deadline:
        try:
            answer = client.get(path, params=query)
            data = answer.json()["data"] if answer.is_success else None
        except httpx.TransportError:  # it is starting
            data = None
        if data is not None and settled(data):
            return data
        time.sleep(0.05)
    raise AssertionError(f"{path} has not settled: {data}")


def test_it_reads_the_figures_and_judges_the_rules(prometheus: httpx.Client) -> None:
    def is_up(data: Any) -> bool:  # noqa: ANN401
        return [target["health"] for target in data["activeTargets"]] == ["up"]

    def judged(data: Any) -> bool:  # noqa: ANN401
        return {rule["health"] for group in data["groups"] for rule in group["rules"]} == {"ok"}

    until(prometheus, "targets", is_up)
    until(prometheus, "rules", judged)
    (connections,) = until(prometheus, "query", lambda data: data["result"], query="sounditout_connections")["result"]
    assert connections["metric"]["job"] == "sounditout"
    assert connections["value"][1] == "0"
