import pytest

from sounditout.client.errors import (
    ClientError,
    ConnectionFailed,
    HandshakeFailed,
    NotReady,
    Refused,
    UnreadableAnswer,
)
from sounditout.client.ladder import Ladder
from sounditout.client.reconnect import Reconnect, Retry, Stop

LOST = ConnectionFailed("The connection broke.")
EXPIRED = Refused("unauthorized", "Please sign in again.", status=401)


def certain() -> float:
    return 1.0


@pytest.fixture
def rules() -> Reconnect:
    return Reconnect(certain)


@pytest.fixture
def rules_with_ladder() -> Reconnect:
    return Reconnect(certain, Ladder())


def closed(code: int) -> ConnectionFailed:
    return ConnectionFailed("closed", close_code=code)


class TestWaiting:
    def test_longer_every_time(self, rules: Reconnect) -> None:
        assert [rules.lost(LOST, can_renew=False) for _ in range(3)] == [Retry(0.5), Retry(1), Retry(2)]

    def test_a_greeting_alone_does_not_begin_anew(self, rules: Reconnect) -> None:
        rules.lost(LOST, can_renew=False)
        rules.ready()
        assert rules.lost(LOST, can_renew=False) == Retry(1)

    def test_the_first_real_message_does(self, rules: Reconnect) -> None:
        rules.lost(LOST, can_renew=False)
        rules.ready()
        rules.heard()
        assert rules.lost(LOST, can_renew=False) == Retry(0.5)

    def test_thirty_seconds_for_one_who_sent_too_much(self, rules: Reconnect) -> None:
        assert rules.lost(closed(4429), can_renew=False) == Retry(30)

    def test_a_moment_when_a_server_that_stops_was_left_in_good_time(self, rules: Reconnect) -> None:
        assert rules.moved() == Retry(0.5)


SILENT = NotReady("Nobody spoke.")


class TestTryingTheWebSocketWhileReadingsGoOverSse:
    def test_every_minute_where_it_never_worked(self, rules_with_ladder: Reconnect) -> None:
        waits = [rules_with_ladder.lost(SILENT, can_renew=False) for _ in range(3)]
        assert waits == [Retry(60, fall_back=True)] * 3

    def test_sooner_where_it_has_worked_before(self, rules_with_ladder: Reconnect) -> None:
        rules_with_ladder.ready()
        waits = [rules_with_ladder.lost(SILENT, can_renew=False) for _ in range(4)]
        assert waits == [Retry(seconds, fall_back=True) for seconds in (10, 20, 40, 60)]
        rules_with_ladder.ready()
        rules_with_ladder.heard()
        assert rules_with_ladder.lost(SILENT, can_renew=False) == Retry(10, fall_back=True)


class TestStopping:
    @pytest.mark.parametrize(
        "error",
        [
            closed(1009),
            closed(4400),
            closed(4409),
            UnreadableAnswer(),
            Refused("forbidden", "no", status=403),
            ConnectionFailed("no address", retryable=False),
            HandshakeFailed("404", retryable=False),
        ],
    )
    def test_what_would_only_happen_again(self, rules: Reconnect, error: ClientError) -> None:
        assert rules.lost(error, can_renew=True) == Stop(error)


class TestToken:
    def test_renewed_once(self, rules: Reconnect) -> None:
        assert rules.lost(EXPIRED, can_renew=True) == Retry(0.5, renew=True)
        assert rules.lost(EXPIRED, can_renew=True) == Stop(EXPIRED)

    def test_renewed_again_after_it_has_worked(self, rules: Reconnect) -> None:
        rules.lost(EXPIRED, can_renew=True)
        rules.ready()
        rules.heard()
        assert rules.lost(EXPIRED, can_renew=True) == Retry(0.5, renew=True)

    def test_renewed_again_when_nobody_could_be_asked(self, rules: Reconnect) -> None:
        rules.lost(EXPIRED, can_renew=True)
        rules.not_renewed()
        assert rules.lost(LOST, can_renew=True) == Retry(1)
        assert rules.lost(EXPIRED, can_renew=True) == Retry(2, renew=True)

    def test_the_end_when_there_is_no_other(self, rules: Reconnect) -> None:
        assert rules.lost(EXPIRED, can_renew=False) == Stop(EXPIRED)


class TestFallingBack:
    def test_after_three_handshakes_whatever_they_failed_of(self, rules_with_ladder: Reconnect) -> None:
        refused = HandshakeFailed("403", retryable=False)
        steps = [rules_with_ladder.lost(refused, can_renew=False) for _ in range(4)]
        assert steps == [Retry(0.5), Retry(1), Retry(60, fall_back=True), Retry(60, fall_back=True)]
        assert rules_with_ladder.fallen

    def test_at_once_when_nobody_greets(self, rules_with_ladder: Reconnect) -> None:
        assert rules_with_ladder.lost(NotReady("silent"), can_renew=False) == Retry(60, fall_back=True)

    def test_not_without_a_ladder(self, rules: Reconnect) -> None:
        assert [rules.lost(NotReady("silent"), can_renew=False) for _ in range(2)] == [Retry(0.5), Retry(1)]
        assert not rules.fallen

    def test_a_bad_token_is_bad_on_both(self, rules_with_ladder: Reconnect) -> None:
        assert rules_with_ladder.lost(EXPIRED, can_renew=False) == Stop(EXPIRED)
