"""What a measurement says of the service, without a server."""

import pytest

from sounditout.errors import all_codes
from sounditout.rollout.evidence import latency_bin
from sounditout.telemetry.measurements import NOT_OUR_FAULT, Fallback, Reading, Reason, close_label, experience


def reading(
    outcome: str = "complete", code: str | None = None, first: float | None = None, words: float | None = None
) -> Reading:
    return Reading.model_validate(
        {
            "kind": "reading",
            "transport": "sse",
            "later": True,
            "outcome": outcome,
            "code": code,
            "first_event_ms": first,
            "words_ms": words,
        }
    )


@pytest.mark.parametrize("code", ["internal", "timeout", "overloaded", "analysis_failed", "network_lost", None])
def test_what_the_service_does_wrong_is_a_failure(code: str | None) -> None:
    assert experience([reading("failed", code)]).failed_readings == 1


@pytest.mark.parametrize("code", NOT_OUR_FAULT)
def test_what_the_learner_does_is_none(code: str) -> None:
    lived = experience([reading("failed", code)])
    assert (lived.readings, lived.failed_readings, lived.later_requests) == (1, 0, 0)


def test_the_table_has_only_codes_that_there_are() -> None:
    only_pages_know = {"replaced", "disconnected"}
    assert set(NOT_OUR_FAULT) - only_pages_know <= set(all_codes())


def test_a_cancelled_reading_does_not_count_but_how_quick_it_was_does() -> None:
    lived = experience([reading("cancelled", "cancelled", first=40, words=200)])
    assert (lived.readings, lived.later_requests, lived.latencies) == (0, 1, {latency_bin(200): 1})


@pytest.mark.parametrize(("milliseconds", "slow"), [(499.9, 0), (500, 1)])
def test_half_a_second_is_too_late(milliseconds: float, slow: int) -> None:
    assert experience([reading(first=milliseconds)]).slow_later_requests == slow


@pytest.mark.parametrize(("reason", "broken"), [("unreachable", 1), ("blocked", 1), ("restarting", 0), ("chosen", 0)])
def test_a_fallback_is_a_broken_session_when_the_way_did_not_hold(reason: Reason, broken: int) -> None:
    lived = experience([Fallback(kind="fallback", reason=reason)])
    assert (lived.sessions, lived.broken_sessions) == (broken, broken)


def test_labels_of_close_codes_are_few() -> None:
    assert [close_label(code) for code in (1000, None, 4321)] == ["1000", "1006", "other"]
