"""The figures for the operations page, out of what pages have sent, without a server."""

from collections.abc import Iterable

import pytest

from sounditout.telemetry.measurements import (
    Connected,
    Fallback,
    Measurement,
    Reading,
    Reason,
    Reconnected,
    Session,
    record,
)
from sounditout.telemetry.metrics import Metrics, Transport
from sounditout.telemetry.success_metrics import Counted, Figures, figures_of


def figures(*sent: tuple[int, Measurement]) -> Figures:
    """Of a server that pages have sent these, each with the percentage at which it was measured."""
    metrics = Metrics()
    for percentage, measurement in sent:
        record(metrics, measurement, percentage)
    return figures_of(metrics.collect())


def at(percentage: int, measurements: Iterable[Measurement]) -> Counted:
    [counted] = figures(*((percentage, one) for one in measurements)).transports
    return counted


def reading(
    transport: Transport = "websocket",
    *,
    code: str | None = None,
    first: float | None = None,
    words: float | None = None,
    later: bool = True,
) -> Reading:
    return Reading(
        kind="reading",
        transport=transport,
        later=later,
        outcome="failed" if code else "complete",
        code=code,
        first_event_ms=first,
        words_ms=words,
    )


def session(*, broken: bool) -> Session:
    return Session(kind="session", transport="websocket", seconds=60, broken=broken)


def test_a_server_that_has_just_started_knows_of_nobody() -> None:
    found = figures()
    assert (found.connections_now, found.reconnects) == (0, 0)
    assert (found.closes, found.fallbacks, found.transports) == ([], [], [])


def test_each_transport_at_each_stage_is_counted_by_itself_the_stages_by_number() -> None:
    found = figures((100, reading()), (10, reading("sse")), (10, reading()), (0, reading("sse")), (10, reading()))
    assert [(one.transport, one.stage, one.readings) for one in found.transports] == [
        ("websocket", 10, 2),
        ("websocket", 100, 1),
        ("sse", 0, 1),
        ("sse", 10, 1),
    ]


def test_a_cancelled_reading_is_none_and_only_the_fault_of_the_service_is_a_failure() -> None:
    cancelled = reading().model_copy(update={"outcome": "cancelled"})
    counted = at(10, [cancelled, reading(), reading(code="internal"), reading(code="no_speech")])
    assert (counted.readings, counted.failed) == (3, 1)


def test_only_later_readings_count_for_the_half_second() -> None:
    counted = at(
        10, [reading(first=700, later=False), reading(first=499), reading(first=501), reading(code="internal")]
    )
    assert (counted.later, counted.later_within_500ms) == (2, 1)
    assert sum(one.count for one in counted.first_event_ms.bins) == 3


@pytest.mark.parametrize(("reason", "sessions"), [("unreachable", 3), ("chosen", 2)])
def test_a_websocket_that_was_given_up_is_a_session_that_was_not_whole(reason: Reason, sessions: int) -> None:
    counted = at(50, [session(broken=False), session(broken=True), Fallback(kind="fallback", reason=reason)])
    assert (counted.sessions, counted.sessions_whole) == (sessions, 1)


def test_a_transport_of_which_only_fallbacks_are_known_is_told_when_they_say_something() -> None:
    assert figures((10, Fallback(kind="fallback", reason="chosen"))).transports == []
    assert at(10, [Fallback(kind="fallback", reason="blocked")]).sessions == 1


def test_latencies_are_told_by_bins_that_add_up_to_all() -> None:
    counted = at(10, [reading(words=milliseconds) for milliseconds in (5, 60, 100, 4_000, 60_000)])
    bins = counted.words_ms.bins
    assert [one.to_ms for one in bins[:-1]] == [one.from_ms for one in bins[1:]]
    assert {(one.from_ms, one.to_ms) for one in bins if one.count} == {
        (0, 10),
        (50, 100),
        (3_000, 5_000),
        (10_000, 600_000),
    }
    assert [one.count for one in bins if one.count] == [1, 2, 1, 1]


def test_a_median_lies_within_its_bin_and_what_never_happened_has_none() -> None:
    counted = at(10, [reading(words=milliseconds) for milliseconds in (110, 120, 130, 140)])
    assert counted.words_ms.median == 125
    assert counted.words_ms.p95 == pytest.approx(147.5)
    assert counted.first_event_ms.median is None
    assert counted.first_event_ms.bins == []


def test_the_95th_percentile_is_not_said_to_be_longer_than_is_known() -> None:
    assert at(10, [reading(words=300_000)]).words_ms.p95 == 10_000


def test_reasons_and_reconnects_are_of_all_stages_the_most_frequent_first() -> None:
    fallbacks: list[tuple[int, Measurement]] = [
        (10, Fallback(kind="fallback", reason="offline")),
        (10, Fallback(kind="fallback", reason="blocked")),
        (50, Fallback(kind="fallback", reason="blocked")),
    ]
    reconnects = [(percentage, Reconnected(kind="reconnected", milliseconds=200)) for percentage in (10, 50)]
    found = figures(*fallbacks, *reconnects)
    assert [(one.reason, one.count) for one in found.fallbacks] == [("blocked", 2), ("offline", 1)]
    assert found.reconnects == 2


def test_a_page_that_has_only_connected_is_no_figure_yet() -> None:
    assert figures((10, Connected(kind="connected", transport="websocket", milliseconds=80))).transports == []
