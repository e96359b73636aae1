"""`sounditout rollout`, on a database of its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sounditout.cli import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setenv("USE_WEBSOCKET", "auto")


def rollout(*arguments: str) -> str:
    result = RUNNER.invoke(app, ["rollout", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rollout_from_its_beginning_to_its_end() -> None:
    assert "0 %" in rollout("status")
    assert "Nothing has been changed yet" in rollout("history")
    assert "10 %, by ada: a class begins" in rollout("start", "--who", "ada", "--reason", "a class begins")
    assert "10 %, held" in rollout("hold", "--who", "bo")
    rollout("start")
    assert "50 %" in rollout("advance")
    status = rollout("status")
    assert "50 %" in status
    assert "guard" in status
    assert "0 %" in rollout("rollback", "--reason", "for today")
    lines = rollout("history").splitlines()
    assert [line.split()[3] for line in lines] == ["rollback", "advance", "resume", "hold", "start"]


def test_what_has_no_meaning_is_refused_with_a_sentence() -> None:
    result = RUNNER.invoke(app, ["rollout", "advance"])
    assert result.exit_code == 2
    assert "The rollout has not begun. Start it first. (invalid_message)" in result.output


def test_a_switch_that_decides_for_all_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_WEBSOCKET", "off")
    assert "USE_WEBSOCKET is off" in rollout("status")
