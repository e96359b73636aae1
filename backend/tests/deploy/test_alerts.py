"""The alerts fire when they should, over figures that the server has; what promtool and Prometheus say of them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import promql
from programs import needed
from sounditout.errors import all_codes
from sounditout.telemetry.measurements import _NOT_BROKEN, NOT_OUR_FAULT

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
FOLDER = DEPLOY / "prometheus"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}


def promtool(*arguments: str) -> str:
    """What it says; fails when it finds anything wrong."""
    program = needed("promtool", "scripts/ensure_prometheus")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=FOLDER, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules() -> None:
    assert f"SUCCESS: {len(RULES)} rules found" in promtool("check", "rules", "alerts.yml")


def test_promtool_accepts_the_configuration() -> None:
    promtool("check", "config", "--lint-fatal", "prometheus.yml")


def test_promtool_accepts_the_configuration_with_a_token(tmp_path: Path) -> None:
    (tmp_path / "sounditout.token").write_text("secret")
    (tmp_path / "alerts.yml").write_text((FOLDER / "alerts.yml").read_text())
    text = (FOLDER / "prometheus.yml").read_text().replace("#token#", "").replace("/etc/prometheus", str(tmp_path))
    assert "authorization" in text
    (tmp_path / "prometheus.yml").write_text(text)
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


def test_alerts_fire_and_stay_silent_as_written_down() -> None:
    assert "FAILED" not in promtool("test", "rules", "alerts_test.yml")


@pytest.mark.parametrize("alert", RULES)
def test_each_alert_is_seen_to_fire(alert: str) -> None:
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    expected = re.findall(r"\b(SoundItOut\w+)", str([_expected(test) for test in tests]))
    assert alert in expected


def _expected(test: dict[str, Any]) -> list[Any]:
    """What a test wants to be firing."""
    samples = [one["exp_samples"] for one in test.get("promql_expr_test", []) if "exp_samples" in one]
    return samples + [one["alertname"] for one in test.get("alert_rule_test", []) if one.get("exp_alerts")]


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_asks_only_for_figures_that_the_server_has(alert: str) -> None:
    assert promql.problems(RULES[alert]["expr"]) == []


def test_series_in_the_tests_are_as_the_server_names_them() -> None:
    for test in yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]:
        for entry in test["input_series"]:
            for one in promql.asked(entry["series"]):
                labels = {label for label, *_ in one.matchers}
                assert (one.name, labels) == (one.name, promql.exported().get(one.name))


def test_the_checker_finds_what_is_wrong() -> None:
    wrong = 'sum by (way) (sounditout_readings_total{colour="red"}) / sounditout_reading_count'
    assert promql.problems(wrong) == [
        "sounditout_readings_total has no label colour",
        "no figure sounditout_reading_count",
        "nothing has a label way",
    ]
    late = 'sounditout_client_words_seconds_bucket{le="0.7"}'
    assert promql.problems(late) == ["sounditout_client_words_seconds_bucket has no bound 0.7"]


def test_failures_are_those_of_the_service() -> None:
    (codes,) = promql.left_out(RULES["SoundItOutReadingsFail"]["expr"], "code")
    assert codes == set(NOT_OUR_FAULT) & set(all_codes())


def test_broken_connections_are_those_that_the_rollout_counts() -> None:
    for reasons in promql.left_out(RULES["SoundItOutConnectionsBreak"]["expr"], "reason"):
        assert reasons == _NOT_BROKEN


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_says_how_urgent_it_is_and_where_to_read_on(alert: str) -> None:
    assert RULES[alert]["labels"]["severity"] in {"page", "ticket"}
    assert RULES[alert]["annotations"].keys() == {"summary", "runbook"}
    assert RULES[alert]["annotations"]["runbook"] == f"docs/OPERATIONS.md#{alert.lower()}"
