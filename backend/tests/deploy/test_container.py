"""The Dockerfile and the compose file: what the linters say, and that they fit this repository and this server."""

import fnmatch
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from programs import find, needed
from reverse_proxies import DEPLOY
from sounditout import __version__, server
from sounditout.cli import app
from sounditout.settings import Settings

ROOT: Final = DEPLOY.parent
DOCKERFILE: Final = DEPLOY / "Dockerfile"
INSTRUCTIONS: Final[list[tuple[str, str]]] = [
    (name, " ".join(rest.split()))
    for name, rest in re.findall(
        r"^([A-Z]+) (.*)$",
        re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.M).replace("\\\n", " "),
        re.MULTILINE,
    )
]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
APP: Final[dict[str, Any]] = COMPOSE["services"]["app"]
EXAMPLE: Final = dict(re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "compose.env").read_text(), re.MULTILINE))
FILLED: Final = {**EXAMPLE, "DATABASE_PASSWORD": "letters0and1digits", "METRICS_TOKEN": "a token"}
TOOLS: Final = "scripts/ensure_docker_tools"


def values(name: str) -> list[str]:
    return [rest for each, rest in INSTRUCTIONS if each == name]


# The Dockerfile


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([needed("hadolint", TOOLS), DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_is_asked_and_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(DOCKERFILE.read_text().replace("FROM debian:12-slim", "FROM debian:latest"))
    done = subprocess.run([needed("hadolint", TOOLS), wrong], capture_output=True, text=True, check=False)
    assert (done.returncode, "DL3007" in done.stdout) == (1, True)


def lets_through(path: str) -> bool:
    """Whether a path comes into the build: the last rule of .dockerignore that fits it, or a folder above it."""
    allowed = True
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = rule.removeprefix("!").removeprefix("**/")
        if not rule or rule.startswith("#"):
            continue
        parts = Path(path).parts
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        names = [*above, *parts] if "**/" in rule else above
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            allowed = rule.startswith("!")
    return allowed


def copied() -> list[str]:
    """What is taken out of the repository."""
    copies = [shlex.split(rest) for rest in values("COPY")]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_let_through(source: str) -> None:
    path = ROOT / source
    tracked = subprocess.run(["/usr/bin/env", "git", "ls-files", source], cwd=ROOT, capture_output=True, check=True)
    assert path.exists()
    assert tracked.stdout
    some_file = source if path.is_file() else next(iter(tracked.stdout.decode().splitlines()))
    assert lets_through(some_file)


@pytest.mark.parametrize(
    "path",
    [
        "data/secret.key",
        "data/sounditout.db",
        "deploy/.env",
        ".git/config",
        "backend/.venv/bin/python",
        "models/encoder.onnx",
        "frontend/node_modules/react/index.js",
        "frontend/dist/index.html",
        "backend/src/sounditout/__pycache__/app.pyc",
    ],
)
def test_data_keys_and_what_was_made_here_are_not_sent_to_the_build(path: str) -> None:
    assert not lets_through(path)


def test_stages_stand_on_bases_with_a_version_or_on_each_other() -> None:
    stages = {found[1] for rest in values("FROM") if (found := re.search(r" AS (\w+)$", rest))}
    for rest in values("FROM"):
        assert re.match(r"[a-z]+:\d[\w.-]*( AS \w+)?$", rest)
    for rest in values("COPY"):
        found = re.match(r"--from=(\w+)", rest)
        assert found is None or found[1] in stages


def test_it_does_not_run_as_root() -> None:
    user = int(values("USER")[-1])
    assert user > 0
    assert any(f"--uid {user}" in rest for rest in values("RUN"))
    assert [name for name, _ in INSTRUCTIONS].index("USER") > max(
        number for number, (name, _) in enumerate(INSTRUCTIONS) if name in {"RUN", "COPY"}
    )


def test_its_settings_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (word.split("=", 1) for word in shlex.split(values("ENV")[-1])):
        if name != "PATH":
            monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url == "sqlite:////data/sounditout.db"
    assert settings.secret_file == Path(values("VOLUME")[-1]) / "secret.key"


def parsed(words: list[str]) -> dict[str, Any]:
    """The options of one of our commands."""
    command = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    options: dict[str, Any] = command.make_context(words[0], words[1:]).params
    return options


def test_its_command_is_one_of_ours_on_the_port_that_is_asked_for_its_health() -> None:
    assert yaml.safe_load(values("ENTRYPOINT")[-1]) == ["sounditout"]
    options = parsed(yaml.safe_load(values("CMD")[-1]))
    assert [str(options["port"])] == values("EXPOSE")
    assert f"http://127.0.0.1:{options['port']}/readyz" in values("HEALTHCHECK")[-1]


def test_the_extra_that_can_be_built_in_exists() -> None:
    assert 'ARG EXTRAS=""' in DOCKERFILE.read_text()
    assert re.search(r"^otel = \[$", (ROOT / "backend/pyproject.toml").read_text(), re.MULTILINE)


# The compose file


def composed(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """What docker-compose makes of it, with the example's values and others."""
    plugin = find("docker")
    has_plugin = (
        plugin and not subprocess.run([plugin, "compose", "version"], capture_output=True, check=False).returncode
    )
    program = [plugin, "compose"] if plugin and has_plugin else [needed("docker-compose", TOOLS)]
    (folder / "Caddyfile").write_text("")
    text = (DEPLOY / "compose.yml").read_text()
    # Before version 2 a project could have no name of its own.
    (folder / "compose.yml").write_text(text if has_plugin else text.replace(f"name: {COMPOSE['name']}\n", ""))
    return subprocess.run(
        [*program, "--file", folder / "compose.yml", "--profile", "proxy", "config"],
        env={"PATH": os.environ["PATH"], **FILLED, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_docker_compose_accepts_it(tmp_path: Path) -> None:
    done = composed(tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(COMPOSE["services"])


@pytest.mark.parametrize("name", ["DATABASE_PASSWORD", "METRICS_TOKEN"])
def test_without_a_secret_it_does_not_start(tmp_path: Path, name: str) -> None:
    done = composed(tmp_path, **{name: ""})
    assert done.returncode != 0
    assert "say one in deploy/.env" in done.stderr


def environment(changes: dict[str, str]) -> dict[str, str]:
    """What the server is started with."""

    def value(found: re.Match[str]) -> str:
        return {**FILLED, **changes}.get(found[1]) or found[2].removeprefix(":-")

    return {name: re.sub(r"\$\{(\w+)(:[-?][^}]*)?\}", value, str(text)) for name, text in APP["environment"].items()}


def settings(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in environment(changes).items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_what_it_passes_on_is_a_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, passed_on = Settings().model_dump(), settings(monkeypatch).model_dump()
    different = {name for name in usual if usual[name] != passed_on[name]}
    assert different == {"database_url", "metrics_token"}
    names = {f"SOUNDITOUT_{name.upper()}" for name in Settings.model_fields}
    plain = {"DATABASE_URL", "USE_WEBSOCKET", "SSE_ENABLED", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    assert set(APP["environment"]) <= names | plain


@pytest.mark.parametrize(
    ("said", "field", "meant"),
    [
        ({"USE_WEBSOCKET": "off"}, "use_websocket", "off"),
        ({"SSE_ENABLED": "false"}, "sse_enabled", False),
        ({"GUARD_STOPS": "false"}, "guard_stops", False),
        ({"GUARD_ADVANCES": "true"}, "guard_advances", True),
        ({"WORKERS": "4"}, "workers", 4),
        ({"PROCESSES": "3"}, "processes", 3),
    ],
)
def test_switches_come_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: dict[str, str], field: str, meant: object
) -> None:
    assert getattr(settings(monkeypatch, **said), field) == meant
    done = composed(tmp_path, **said)
    (value,) = said.values()
    assert value in yaml.safe_load(done.stdout)["services"]["app"]["environment"].values()


def test_the_example_has_every_variable_and_no_other() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yml").read_text()))
    assert set(EXAMPLE) == asked


def test_its_command_believes_the_proxy_of_its_own_network_only() -> None:
    options = parsed(APP["command"])
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert options["trusted_proxies"] == network["subnet"]
    assert all(port.startswith("127.0.0.1:") for port in APP["ports"])


def test_the_server_has_the_time_to_stop() -> None:
    longest = Settings().drain_seconds + server._STOP_SECONDS + server._DRAIN_SLACK_SECONDS
    assert int(APP["stop_grace_period"].removesuffix("s")) > longest + 5


def test_the_server_may_do_little_and_has_files_for_all_connections() -> None:
    assert (APP["read_only"], APP["cap_drop"]) == (True, ["ALL"])
    assert APP["security_opt"] == ["no-new-privileges:true"]
    assert APP["ulimits"]["nofile"] > 2 * Settings().max_connections


def test_images_have_versions_and_ours_is_this_one() -> None:
    assert APP["image"] == f"sounditout:{__version__}"
    assert all(re.search(r":\d", service["image"]) for service in COMPOSE["services"].values())
