"""The stages of a rollout: what leads where, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sounditout.rollout.stages import (
    PERCENTAGES,
    Action,
    Change,
    NotPossible,
    RolloutState,
    change,
    possible,
    state_of,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def after(*actions: Action) -> list[Change]:
    """A history, an hour between two entries."""
    history: list[Change] = []
    for action in actions:
        at = NOON + timedelta(hours=len(history))
        history.append(change(state_of(history), action, "ada", "because", at))
    return history


def test_without_an_entry_nobody_is_moved() -> None:
    assert state_of([]) == RolloutState(0, held=False, since=None, entry_id=0)


def test_a_rollout_goes_from_stage_to_stage() -> None:
    history = after("start", "advance", "advance")
    assert [entry.percentage for entry in history] == [10, 50, 100]
    assert state_of(history) == RolloutState(100, held=False, since=NOON + timedelta(hours=2), entry_id=3)


def test_an_entry_says_who_when_and_why() -> None:
    assert change(RolloutState(), "start", "ada", "It is time.", NOON) == Change(
        "start", 10, held=False, who="ada", reason="It is time.", at=NOON
    )


def test_a_hold_keeps_the_stage_and_its_evidence() -> None:
    assert state_of(after("start", "hold")) == RolloutState(10, held=True, since=NOON, entry_id=2)


@pytest.mark.parametrize("again", ["start", "resume"])
def test_starting_a_held_rollout_resumes_it_with_new_evidence(again: Action) -> None:
    history = after("start", "advance", "hold", again)
    assert history[-1].action == "resume"
    assert state_of(history) == RolloutState(50, held=False, since=NOON + timedelta(hours=3), entry_id=4)


@pytest.mark.parametrize("way", [("start",), ("start", "hold"), ("start", "advance", "advance")])
def test_one_can_go_back_from_everywhere_and_start_again(way: tuple[Action, ...]) -> None:
    assert state_of(after(*way, "rollback")).percentage == 0
    assert state_of(after(*way, "rollback", "start")).percentage == 10


@pytest.mark.parametrize(
    ("way", "action", "why"),
    [
        ((), "advance", "has not begun"),
        ((), "hold", "nothing to hold"),
        ((), "resume", "not held"),
        ((), "rollback", "nothing to roll back"),
        (("start",), "start", "already running, at 10 %"),
        (("start",), "resume", "not held"),
        (("start", "hold"), "advance", "held at 10 %"),
        (("start", "hold"), "hold", "already held"),
        (("start", "advance", "advance"), "advance", "Everybody"),
    ],
)
def test_what_has_no_meaning_is_refused_in_a_sentence(way: tuple[Action, ...], action: Action, why: str) -> None:
    with pytest.raises(NotPossible, match=why) as refused:
        after(*way, action)
    assert refused.value.code == "invalid_message"
    assert refused.value.message.endswith(".")


def test_a_held_rollout_is_not_offered_under_two_names() -> None:
    assert possible(state_of(after("start", "hold"))) == ("resume", "rollback")


@pytest.mark.parametrize(
    ("text", "kept"),
    [(" two\nlines ", "two lines"), ("\x1b[31mred\0", "[31mred"), ("\u202e", ""), ("schön ✓", "schön ✓")],
)
def test_names_and_reasons_are_kept_as_one_line(text: str, kept: str) -> None:
    entry = change(RolloutState(), "start", text, text, NOON)
    assert (entry.who, entry.reason) == (kept, kept)


class Rollout(RuleBasedStateMachine):
    """Any actions in any order, beside the least that is expected of them."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Change] = []

    @rule(action=st.sampled_from(["start", "advance", "hold", "resume", "rollback"]))
    def act(self, action: Action) -> None:
        before = state_of(self.history)
        try:
            entry = change(before, action, "anybody", "for any reason", NOON + timedelta(minutes=len(self.history)))
        except NotPossible:
            assert action not in possible(before)
            return
        assert entry.action in possible(before)
        self.history.append(entry)
        self._is_one_step(before, state_of(self.history))

    def _is_one_step(self, before: RolloutState, now: RolloutState) -> None:
        assert now.entry_id == before.entry_id + 1
        assert now.percentage == 0 or PERCENTAGES.index(now.percentage) - PERCENTAGES.index(before.percentage) in {
            0,
            1,
        }
        assert not (before.held and now.percentage > before.percentage)

    @precondition(lambda self: state_of(self.history).percentage > 0)
    @rule()
    def go_back(self) -> None:
        self.act("rollback")
        assert state_of(self.history).percentage == 0

    @invariant()
    def something_can_always_be_done(self) -> None:
        state = state_of(self.history)
        assert possible(state)
        assert state.percentage in PERCENTAGES
        assert not (state.held and state.percentage == 0)


TestRollout = Rollout.TestCase
