"""What the decision about the guard claims is what the simulated rollouts have found."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bench.rollout import BAD_ADVANCED, BOUND, BUILDS, GOOD_STOPPED

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "decisions"
DECISION = (FOLDER / "0009-rollout-guard.md").read_text()
FLAT = " ".join(DECISION.split())
FOUND: dict[str, Any] = json.loads((FOLDER / "0009-rollout-guard.json").read_text())
ROWS: dict[str, dict[str, Any]] = {row["build"]["name"]: row for row in FOUND["rows"]}
GOOD = [name for name, row in ROWS.items() if row["build"]["good"]]
BAD = [name for name in ROWS if name not in GOOD]
ROLLOUTS = 1000


def written(name: str) -> list[str]:
    """A row of the table, without its name."""
    (row,) = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", DECISION, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def test_all_builds_were_tried_a_thousand_times() -> None:
    assert list(ROWS) == [build.name for build in BUILDS]
    assert {row["rollouts"] for row in ROWS.values()} == {ROLLOUTS}
    assert f"a school of {FOUND['users']}" in FLAT
    for build in BUILDS:
        assert ROWS[build.name]["build"] == {name: getattr(build, name) for name in build.__slots__}


@pytest.mark.parametrize("name", ROWS)
def test_the_table_has_what_was_found(name: str) -> None:
    row = ROWS[name]
    readings, days = row["acted_readings"], row["acted_days"]
    ends = [str(row[end]) for end in ("advanced", "everybody", "held", "rolled_back", "waiting")]
    acted = [f"{readings['median']:,.0f} ({readings['p95']:,.0f})", f"{days['median']:.1f} ({days['p95']:.1f})"]
    assert written(name) == [*ends, *acted]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_build_passed_the_first_stage_as_rarely_as_was_wanted(name: str) -> None:
    assert ROWS[name]["advanced"] <= BAD_ADVANCED * ROLLOUTS == 10


@pytest.mark.parametrize("name", GOOD)
def test_a_good_build_was_stopped_as_rarely_as_was_wanted(name: str) -> None:
    assert ROWS[name]["held"] + ROWS[name]["rolled_back"] <= GOOD_STOPPED * ROLLOUTS == 50


def test_the_sentences_below_the_table_follow_from_it() -> None:
    assert sum(ROWS[name]["advanced"] for name in BAD) == 0
    assert f"A bad build never passed 10 % in {len(BAD) * ROLLOUTS:,} rollouts" in FLAT
    stopped = max(ROWS[name]["held"] + ROWS[name]["rolled_back"] for name in GOOD)
    assert f"A good one was stopped in at most {stopped} of {ROLLOUTS:,}" in FLAT
    strong = ROWS["errors, strong: 5 % for 1 %"]["acted_readings"]
    assert strong["p95"] <= BOUND
    assert f"after at most {BOUND:,} readings over WebSocket in 95 of 100" in FLAT
    assert f"median {strong['median']:.0f}, 95th percentile {strong['p95']:.0f}" in FLAT
