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


def rollout(*arguments: str, says: str | None = None) -> str:
    result = RUNNER.invoke(app, ["rollout", *arguments], input=says)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rollout_from_its_beginning_to_its_end() -> None:
    assert "0 %" in rollout("status")
    assert "Nothing has been changed yet" in rollout("history")
    assert "10 %, by ada: a class begins" in rollout("start", "--who", "ada", "--reason", "a class begins")
    assert "10 %, held" in rollout("hold", "--who", "bo", "--reason", "exams")
    rollout("start")
    assert "50 %" in rollout("advance", "--to", "50")
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


def at(stage: str) -> bool:
    return f"stage     {stage}" in rollout("status")


def test_an_advance_that_is_said_twice_is_done_once() -> None:
    rollout("start")
    assert "50 %, by" in rollout("advance", "--to", "50")
    assert "The rollout is at 50 % already." in rollout("advance", "--to", "50")
    assert at("50 %")


def test_an_advance_says_where_it_goes_and_asks() -> None:
    rollout("start")
    assert "From 10 % to 50 % of the users?" in rollout("advance", says="y\n")
    refused = RUNNER.invoke(app, ["rollout", "advance"], input="n\n")
    assert refused.exit_code == 1
    assert "From 50 % to 100 % of the users?" in refused.output
    assert RUNNER.invoke(app, ["rollout", "advance"]).exit_code == 1  # nobody is there to be asked
    assert at("50 %")


def test_no_stage_is_left_out() -> None:
    rollout("start")
    result = RUNNER.invoke(app, ["rollout", "advance", "--to", "100"])
    assert result.exit_code == 2
    assert "After 10 % comes 50 %, and not 100 %." in result.output
    assert at("10 %")


@pytest.mark.parametrize("action", ["hold", "rollback"])
def test_to_stop_takes_a_reason(action: str) -> None:
    rollout("start")
    assert RUNNER.invoke(app, ["rollout", action, "--reason", " "]).exit_code == 2
    assert RUNNER.invoke(app, ["rollout", action]).exit_code == 1
    assert at("10 %")
    assert rollout(action, says="it is slow\n").endswith(": it is slow\n")


def test_nobody_passes_for_the_guard() -> None:
    result = RUNNER.invoke(app, ["rollout", "start", "--who", "The guard, by  itself"])
    assert result.exit_code == 2
    assert "A name has no commas" in result.output
    assert at("0 %")


def test_a_switch_that_decides_for_all_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_WEBSOCKET", "off")
    assert "USE_WEBSOCKET is off" in rollout("status")
