import pytest

from sounditout.client.errors import (
    ClientError,
    ConnectionFailed,
    HandshakeFailed,
    NotReady,
    Refused,
    UnreadableAnswer,
)
from sounditout.client.ladder import Ladder, Way

REFUSED = HandshakeFailed("403")


def after(*errors: ClientError) -> Ladder:
    ladder = Ladder()
    for error in errors:
        ladder.failed(error)
    return ladder


def test_the_websocket_comes_first() -> None:
    assert Ladder().choose(0) is Way.WEBSOCKET


def test_three_failed_handshakes_in_a_row_lead_to_sse() -> None:
    assert after(REFUSED, REFUSED).choose(0) is Way.WEBSOCKET
    assert after(REFUSED, REFUSED, REFUSED).choose(0) is Way.SSE


def test_where_sse_is_retired_there_is_only_the_websocket() -> None:
    ladder = after(REFUSED, REFUSED, REFUSED)
    assert ladder.sse_is_retired()
    assert not ladder.sse_is_retired()  # no news any more
    for error in (REFUSED, REFUSED, REFUSED, NotReady("silent")):
        ladder.failed(error)
    assert ladder.choose(0) is Way.WEBSOCKET


def test_one_that_succeeds_in_between_begins_the_count_anew() -> None:
    ladder = after(REFUSED, REFUSED)
    ladder.ready()
    ladder.failed(REFUSED)
    ladder.failed(REFUSED)
    assert ladder.choose(0) is Way.WEBSOCKET


@pytest.mark.parametrize("error", [NotReady("silent"), UnreadableAnswer()])
def test_an_open_socket_that_says_nothing_of_use_leads_there_at_once(error: ClientError) -> None:
    assert after(error).choose(0) is Way.SSE


@pytest.mark.parametrize(
    "error",
    [
        *(HandshakeFailed("closed", close_code=code) for code in (1009, 4401, 4403, 4409, 4429)),
        Refused("unauthorized", "", status=401),
        ConnectionFailed("nobody listens: offline, or the server is away"),
        ConnectionFailed("an open connection broke", close_code=1012),
    ],
)
def test_what_sse_would_not_help_against_does_not_count(error: ClientError) -> None:
    assert after(*[error] * 5).choose(0) is Way.WEBSOCKET


def test_a_full_server_may_still_have_room_for_a_stream() -> None:
    assert after(*[HandshakeFailed("full", close_code=1013)] * 3).choose(0) is Way.SSE


def test_back_to_the_websocket_when_it_works_and_nothing_is_in_flight() -> None:
    ladder = after(NotReady("silent"))
    ladder.ready()
    assert ladder.choose(1) is Way.SSE
    assert ladder.choose(0) is Way.WEBSOCKET


def test_not_back_when_it_was_lost_again_meanwhile() -> None:
    ladder = after(NotReady("silent"))
    ladder.ready()
    ladder.failed(ConnectionFailed("gone"))
    assert ladder.choose(0) is Way.SSE
