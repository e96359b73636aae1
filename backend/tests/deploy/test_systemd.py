"""The systemd unit: systemd accepts it, it leaves the server the time to drain, and its command is one of ours."""

import getpass
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from programs import needed
from reverse_proxies import DEPLOY, rendered
from sounditout import server
from sounditout.cli import app
from sounditout.settings import Settings

UNIT = "systemd/sounditout.service"
PROGRAM = "/opt/sounditout/backend/.venv/bin/sounditout"
OURS = str(Path(sys.executable).with_name("sounditout"))
MOST_EXPOSED = 20
"""Tenths on systemd's scale, where 100 is a program that may do anything; a web server is allowed the network."""


def values(name: str) -> list[str]:
    """What the unit says of something, line by line."""
    return re.findall(rf"^{name}=(.*)$", (DEPLOY / UNIT).read_text(), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit for the program that is here."""
    path = tmp_path / "sounditout.service"
    path.write_text(rendered(UNIT, {PROGRAM: OURS, "User=sounditout": f"User={getpass.getuser()}"}))
    return path


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = needed("systemd-analyze", "Debian: apt-get install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_systemd_accepts_it(unit: Path) -> None:
    done = analyzed("verify", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_it_may_do_little(unit: Path) -> None:
    done = analyzed("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(unit))
    assert done.returncode == 0, done.stdout


def test_the_server_has_the_time_to_stop() -> None:
    longest = Settings().drain_seconds + server._STOP_SECONDS + server._DRAIN_SLACK_SECONDS
    assert int(*values("TimeoutStopSec")) > longest + 5
    assert values("KillMode") == ["mixed"]


def test_there_are_files_for_all_connections() -> None:
    assert int(*values("LimitNOFILE")) > 2 * Settings().max_connections


def test_its_command_is_one_of_ours() -> None:
    program, command, *options = shlex.split(*values("ExecStart"))
    assert program == PROGRAM
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    commands[command].make_context(command, options)


def test_its_settings_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.+)$", (DEPLOY / "systemd/sounditout.env").read_text(), re.MULTILINE)
    for name, value in lines:
        monkeypatch.setenv(name, value)
        assert value in {str(each) for _, each in Settings()}
        monkeypatch.delenv(name)


def test_a_command_has_the_settings_of_the_service(tmp_path: Path) -> None:
    settings = tmp_path / "sounditout.env"
    url = f"sqlite:///{tmp_path}/a b.db?timeout=5&cached_statements=64"
    settings.write_text(f"# ours\nDATABASE_URL={url}\n#SOUNDITOUT_WORKERS=none\nSOUNDITOUT_LOG_LEVEL=error")
    script = tmp_path / "sounditout"
    changes = {PROGRAM: OURS, "/etc/sounditout.env": str(settings), "user=sounditout": f"user={getpass.getuser()}"}
    script.write_text(rendered("systemd/sounditout", changes))
    script.chmod(0o755)
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([script, "admins", "list"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a b.db").exists()
