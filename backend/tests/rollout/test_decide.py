"""Who has the WebSocket: the switch, then the user, then the stage; and cohorts that stick."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.rollout.decide import Decision, Switch, bucket, decide

USERS = st.integers(0, 2**53)
PERCENTAGES = st.integers(0, 100)
CHOICES = st.none() | st.booleans()


@given(CHOICES, PERCENTAGES, USERS)
def test_switched_off_is_off_for_everybody(choice: bool | None, percentage: int, user: int) -> None:
    assert decide("off", choice, percentage, user) == Decision(False, "switched_off")


@given(PERCENTAGES, USERS)
def test_switched_on_is_on_for_everybody_who_has_not_chosen(percentage: int, user: int) -> None:
    assert decide("on", None, percentage, user) == Decision(True, "switched_on")


@given(st.sampled_from(["on", "auto"]), st.booleans(), PERCENTAGES, USERS)
def test_a_choice_is_stronger_than_a_turn(switch: Switch, choice: bool, percentage: int, user: int) -> None:
    assert decide(switch, choice, percentage, user) == Decision(choice, "chosen")


@given(st.sampled_from(["off", "on", "auto"]), CHOICES, PERCENTAGES, USERS)
def test_without_sse_there_is_nothing_to_decide(
    switch: Switch, choice: bool | None, percentage: int, user: int
) -> None:
    assert decide(switch, choice, percentage, user, only_way=True) == Decision(True, "only_way")


@given(USERS)
def test_nobody_at_the_first_stage_and_everybody_at_the_last(user: int) -> None:
    assert decide("auto", None, 0, user) == Decision(False, "stage")
    assert decide("auto", None, 100, user) == Decision(True, "stage")
    assert 0 <= bucket(user) < 100


@given(USERS, PERCENTAGES, PERCENTAGES)
def test_raising_the_percentage_only_adds_users(user: int, one: int, other: int) -> None:
    lower, higher = sorted((one, other))
    assert decide("auto", None, lower, user).use_websocket <= decide("auto", None, higher, user).use_websocket


@pytest.mark.parametrize("percentage", [1, 10, 50, 99])
def test_the_share_of_many_users_is_the_percentage(percentage: int) -> None:
    users = 100_000
    chosen = sum(decide("auto", None, percentage, user).use_websocket for user in range(users))
    share = percentage / 100
    assert abs(chosen - users * share) < 4 * math.sqrt(users * share * (1 - share))


def test_places_of_neighbours_have_nothing_in_common() -> None:
    places = [bucket(user) for user in range(10_000)]
    mean = sum(places) / len(places)
    spread = sum((place - mean) ** 2 for place in places)
    together = sum((a - mean) * (b - mean) for a, b in itertools.pairwise(places))
    assert abs(together / spread) < 4 / math.sqrt(len(places))


@pytest.mark.parametrize(("user", "place"), [(1, 84.8879), (2, 43.7334), (1_000_000, 28.9194)])
def test_a_user_keeps_their_place_for_ever(user: int, place: float) -> None:
    assert bucket(user) == pytest.approx(place, abs=1e-4)
