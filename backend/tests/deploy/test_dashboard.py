"""The Grafana dashboard: every panel asks, in an expression that Prometheus accepts, for what the server exports."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import promql
from programs import needed
from sounditout.telemetry.measurements import _NOT_BROKEN

PATH = Path(__file__).resolve().parents[3] / "deploy" / "grafana" / "sounditout.json"
DASHBOARD: dict[str, Any] = json.loads(PATH.read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
CHARTS = {panel["title"]: panel for panel in PANELS if panel["type"] != "row"}
VARIABLES = {"$__rate_interval": "1m", "$__range": "6h", "$window": "1h"}
COLUMNS = 24


def expressions() -> list[str]:
    """Every one, as Grafana asks it."""
    asked = [target["expr"] for panel in CHARTS.values() for target in panel["targets"]]
    asked += [note["expr"] for note in DASHBOARD["annotations"]["list"]]
    return [re.sub(r"\$\w+", lambda variable: VARIABLES[variable[0]], expression) for expression in asked]


@pytest.mark.parametrize("expression", expressions())
def test_a_panel_asks_only_for_figures_that_the_server_has(expression: str) -> None:
    assert promql.problems(expression) == []


def test_every_figure_of_the_server_is_shown() -> None:
    shown = {one.name for expression in expressions() for one in promql.asked(expression)}
    hidden = {name for name in promql.exported() if not name.endswith(("_sum", "_count"))} - shown
    assert not hidden


def test_prometheus_accepts_every_expression(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(expressions())]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    program = needed("promtool", "scripts/ensure_prometheus")
    done = subprocess.run([program, "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("title", CHARTS)
def test_a_panel_says_what_it_shows_in_which_unit(title: str) -> None:
    panel = CHARTS[title]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in {"none", "s", "percent", "percentunit"}
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_panels_have_numbers_and_places_of_their_own() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells


def test_the_targets_of_the_rollout_are_drawn() -> None:
    drawn = [
        step["value"]
        for panel in CHARTS.values()
        if panel["type"] == "timeseries"
        for step in panel["fieldConfig"]["defaults"].get("thresholds", {"steps": []})["steps"]
        if step["value"] is not None
    ]
    assert drawn == [0.95, 0.95]


def test_broken_connections_are_those_that_the_rollout_counts() -> None:
    for expression in expressions():
        assert all(reasons == _NOT_BROKEN for reasons in promql.left_out(expression, "reason"))
