"""docs/API.md names what the server offers, all of it and nothing else."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from serving import api_document
from sounditout.http.listening_models import ModelName
from sounditout.persistence.repositories import MAX_PAGE
from sounditout.persistence.rollouts import MAX_REASON_CHARACTERS
from sounditout.practice import progress
from sounditout.practice.progress import Reason, SoundState
from sounditout.rollout.metrics import Finding
from sounditout.rollout.rules import MetricName
from sounditout.rollout.stages import Action
from sounditout.routers.progress import MAX_READINGS
from sounditout.routers.settings import Preferences, PreferencesOut

DOCUMENT = (Path(__file__).parents[2] / "docs" / "API.md").read_text()
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", DOCUMENT, re.MULTILINE)
]
ADDRESSES = {row[0].strip("`"): row for row in ROWS if re.match(r"`[A-Z]+ /", row[0])}
OFFERED: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in api_document()["paths"].items()
    for method, operation in operations.items()
}


def first_column(of: set[str]) -> set[str]:
    """Which of these stand in backticks at the beginning of a row."""
    return {row[0].strip("`") for row in ROWS} & of


def test_every_address_and_no_other() -> None:
    assert set(ADDRESSES) == set(OFFERED)


def test_each_address_once() -> None:
    assert len(ADDRESSES) == len([row for row in ROWS if re.match(r"`[A-Z]+ /", row[0])])


@pytest.mark.parametrize("address", OFFERED)
def test_who_may_ask(address: str) -> None:
    signed_in = "admin" if " /api/operations/" in address else "user"
    assert ADDRESSES[address][1] == (signed_in if "security" in OFFERED[address] else "anybody")


@pytest.mark.parametrize("address", OFFERED)
def test_every_parameter_of_a_query_is_told(address: str) -> None:
    section = next(part for part in DOCUMENT.split("\n## ") if f"`{address}`" in part)
    named = {parameter["name"] for parameter in OFFERED[address].get("parameters", []) if parameter["in"] == "query"}
    assert named <= set(re.findall(r"`(\w+)`", section))


def test_every_setting_with_its_default() -> None:
    documented = {
        row[0].strip("`"): row[2].strip("`") for row in ROWS if row[0].strip("`") in Preferences.model_fields
    }
    defaults = Preferences().model_dump()
    words = {None: "null", True: "true", False: "false"}
    assert documented == {
        name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in defaults.items()
    }
    assert all(f"`{name}`" in DOCUMENT for name in PreferencesOut.model_fields)


@pytest.mark.parametrize("name", [name for name in Preferences.model_fields if name != "level"])
def test_every_value_of_every_setting(name: str) -> None:
    row = next(row for row in ROWS if row[0] == f"`{name}`")
    schema = Preferences.model_json_schema()["properties"][name]
    assert set(schema.get("enum", [])) <= set(re.findall(r"`(\w+)`", row[1]))


def test_every_state_reason_and_model() -> None:
    assert first_column(set(get_args(SoundState))) == set(get_args(SoundState))
    for value in (*get_args(Reason), *get_args(ModelName)):
        assert f"`{value}`" in DOCUMENT


def test_every_action_metric_and_verdict_of_the_rollout() -> None:
    section = DOCUMENT.split("\n## Operations")[1].split("\n## ")[0]
    for value in (*get_args(Action), *get_args(MetricName), *get_args(Finding)):
        assert f"`{value}`" in section
    assert f"up to {MAX_REASON_CHARACTERS:,} characters" in " ".join(section.split())


def test_the_numbers_in_the_text() -> None:
    flat = " ".join(DOCUMENT.split())
    assert f"the latest {MAX_READINGS} readings" in flat
    assert f"false below {progress.ENOUGH_READINGS} readings" in flat
    assert f"tried fewer than {progress.ENOUGH_TIMES} times" in flat
    mastered = f"of the latest {progress.RECENT_TIMES} tries at most {progress.MASTERED_WRONG * 100:.0f} % went wrong"
    assert mastered in flat
    assert f"`limit` (50, at most {MAX_PAGE})" in flat
