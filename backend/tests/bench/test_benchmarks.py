"""The benchmarks run and print what they promise. What they find is nobody's business here."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(120)]
Run = Callable[..., dict[str, Any]]


def test_latency_of_one_reading_by_transport_and_format(run: Run) -> None:
    figures = run("latency", "--rounds", "1")["figures"]
    assert set(figures) == {"ws webm", "sse webm", "ws wav", "sse wav"}
    for parts in figures.values():
        assert {"processing_started", "analysis", "complete", "the models", "everything else"} <= set(parts)
        assert 0 < parts["processing_started"]["median"] <= parts["analysis"]["median"] <= parts["complete"]["median"]


def test_everybody_in_a_crowd_is_answered_and_saved_once(run: Run) -> None:
    counted = run("crowd", "--users", "3")
    assert counted["answered"] == counted["saved exactly once"] == 3
    assert counted["pong (ms)"]["count"] > 0


def test_live_words_and_reports_side_by_side(run: Run) -> None:
    sentence = "The little dog ran down the hill."
    figures = run("live", "--users", "2", "--rounds", "1", "--sentence", sentence)["figures"]
    assert set(figures) == {"one reader", "2 readers"}
    for row in figures.values():
        assert {"analysis in pieces (ms)", "analysis in one piece (ms)", "between two lists of words (s)"} <= set(row)


@pytest.mark.parametrize("over", [[], ["--proxy"]], ids=["network", "proxy"])
def test_round_trips_of_an_answer_by_way_and_security(run: Run, over: list[str]) -> None:
    measured = run("roundtrip", *over, "--rounds", "1", "--spoken", "1", "--sentence", "The cat sat.")
    [(name, found)] = measured["found"].items()
    assert name == "proxy" or not over
    for by_security in found["first_words"].values():
        assert set(by_security) == {"TCP", "TLS"}
        for cell in by_security.values():
            assert cell["long"]["median"] >= measured["round_trip_ms"]  # nothing is faster than the network
    assert len(found["first_words"]) == {"network": 6, "proxy": 5}[name]
    for by_upload in found["slow"].values():
        assert set(by_upload) == {"whole, after the end", "in pieces, while speaking"}
    assert set(found["slow"]) == {"webm", "wav"}


def test_cost_of_an_idle_connection_beside_a_bare_one(run: Run) -> None:
    measured = run("idle", "--connections", "60", "--rounds", "1")
    assert measured["connections"] == 60
    for server in ("bare", "ours"):
        for kind in ("private", "rss"):
            assert measured["figures"][server][kind]["count"] == 1
    assert set(measured["ratio"]) == {"private", "rss"}


def test_processor_time_of_a_loaded_server_by_part(run: Run) -> None:
    measured = run("profiling", "--readers", "2", "--seconds", "1")
    for counted in measured["found"].values():
        assert counted["readings"] >= 2
        assert counted["cpu"] > 0
        assert abs(sum(counted["parts"].values()) - counted["cpu"]) < 0.05 * counted["cpu"]
        assert {"models: listening", "unpacking audio"} <= set(counted["parts"])
    assert "models: the voice" in measured["found"]["in one message"]["parts"]  # later it may all be known


def test_a_short_soak_answers_and_saves_everything_once(run: Run) -> None:
    counted = run("soak", "--minutes", "0.2", "--users", "3")
    assert counted["sent"] > 0
    assert counted["wrong"] == 0


def test_both_cohorts_of_a_rollout_read_and_the_operations_page_is_told(run: Run) -> None:
    measured = run("operations", "--readers", "6", "--visits", "1", "--readings", "2", "--at-once", "6")
    metrics = {metric["name"]: metric for metric in measured["rollout"]["metrics"]}
    assert measured["readings"] == 12
    assert (measured["rollout"]["percentage"], measured["rollout"]["stage"]) == (50, 2)
    assert metrics["error_rate"]["websocket"]["trials"] + metrics["error_rate"]["sse"]["trials"] == 12
    assert metrics["connections"]["websocket"]["trials"] == metrics["connections"]["websocket"]["users"]
    told = {(one["transport"], one["stage"]): one["readings"] for one in measured["figures"]["transports"]}
    assert told.keys() == {("websocket", 50), ("sse", 50)}
    assert sum(told.values()) == 12


def test_the_guard_in_a_few_simulated_schools(run: Run) -> None:
    rows = run("rollout", "--rollouts", "2", "--processes", "2", "--only", "errors, strong: 5 % for 1 %")["rows"]
    assert len(rows) == 1
