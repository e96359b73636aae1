import pytest

from sounditout.client.close_codes import RULES, After, rule_for
from sounditout.wire import CLOSE_CODES


def test_every_code_with_which_the_server_closes_has_a_rule() -> None:
    assert set(CLOSE_CODES) <= set(RULES)


@pytest.mark.parametrize(
    ("code", "after"),
    [
        (1009, After.STOP),
        (4400, After.STOP),
        (4409, After.STOP),
        (4401, After.RENEW),
        (1001, After.RECONNECT),
        (1006, After.RECONNECT),
        (1012, After.RECONNECT),
        (1013, After.RECONNECT),
        (4408, After.RECONNECT),
        (4429, After.RECONNECT),
        (None, After.RECONNECT),
        (4999, After.RECONNECT),
    ],
)
def test_what_a_client_does(code: int | None, after: After) -> None:
    assert rule_for(code).after is after


def test_only_one_who_sent_too_much_waits_longer_than_the_dice_say() -> None:
    assert {code for code, rule in RULES.items() if rule.at_least_seconds} == {4429}
    assert rule_for(4429).at_least_seconds == 30
