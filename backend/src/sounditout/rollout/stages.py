"""How far the rollout has come: a history of changes that only grows, and what its last entry means. Pure.

                  advance          advance
    0 ──start──→ 10 ──────→ 50 ──────────→ 100
                  hold ⇄ start (or resume), at any of them; rollback leads back to 0 from everywhere

No entry at all is the same as a rollout that was rolled back: nobody is moved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sounditout.errors import InvalidMessage

Action = Literal["start", "advance", "hold", "resume", "rollback"]

PERCENTAGES: Final = (0, 10, 50, 100)
"""Of the users, stage by stage; the plan's."""


class NotPossible(InvalidMessage):
    """What was asked for has no meaning now; the message says why and what can be done."""

    default_message = "The rollout cannot do that now."


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history: what was done, and how it is from then on."""

    action: Action
    percentage: int
    held: bool
    who: str
    """A user's name, or the guard's."""
    reason: str
    """A sentence."""
    at: datetime


@dataclass(frozen=True, slots=True)
class RolloutState:
    percentage: int = 0
    held: bool = False
    """Everybody keeps what they have, and it can only go back until somebody resumes."""
    since: datetime | None = None
    """Since when evidence counts: the present stage began, or was resumed. A hold does not make it forget. None: no
    entry."""
    entry_id: int = 0
    """Entries of the history so far. A change that is decided on this state must become the next one: if another
    process was quicker, decide again."""


def state_of(history: Sequence[Change]) -> RolloutState:
    """What the history, oldest first, has led to."""
    if not history:
        return RolloutState()
    last = history[-1]
    begun = next((change.at for change in reversed(history) if change.action != "hold"), last.at)
    return RolloutState(last.percentage, last.held, begun, len(history))


def change(state: RolloutState, action: Action, who: str, reason: str, at: datetime) -> Change:
    """The entry that an action makes, with its texts as `one_line` each.

    Raises:
        NotPossible: it has no meaning in this state.
    """
    done, percentage, held = _ACTIONS[action](state)
    return Change(done, percentage, held, one_line(who), one_line(reason), at)


def one_line(text: str) -> str:
    """The text in one line, without what a terminal or a database would stumble over."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def possible(state: RolloutState) -> tuple[Action, ...]:
    """The actions that have a meaning now, for buttons and help; where `start` would be `resume`, that only."""
    return tuple(action for action in _ACTIONS if _is_possible(state, action))


_Outcome = tuple[Action, int, bool]


def _start(state: RolloutState) -> _Outcome:
    if state.held:
        return _resume(state)
    if state.percentage > 0:
        raise NotPossible(
            f"The rollout is already running, at {state.percentage} %. It can be advanced or rolled back."
        )
    return "start", PERCENTAGES[1], False


def _advance(state: RolloutState) -> _Outcome:
    if state.held:
        raise NotPossible(f"The rollout is held at {state.percentage} %. Resume it first, or roll it back.")
    if state.percentage == 0:
        raise NotPossible("The rollout has not begun. Start it first.")
    further = [percentage for percentage in PERCENTAGES if percentage > state.percentage]
    if not further:
        raise NotPossible("Everybody has the WebSocket already.")
    return "advance", further[0], False


def _hold(state: RolloutState) -> _Outcome:
    if state.held:
        raise NotPossible(f"The rollout is already held, at {state.percentage} %.")
    if state.percentage == 0:
        raise NotPossible("The rollout has not begun: there is nothing to hold.")
    return "hold", state.percentage, True


def _resume(state: RolloutState) -> _Outcome:
    if not state.held:
        raise NotPossible("The rollout is not held.")
    return "resume", state.percentage, False


def _rollback(state: RolloutState) -> _Outcome:
    if state.percentage == 0:
        raise NotPossible("Nobody is moved: there is nothing to roll back.")
    return "rollback", 0, False


_ACTIONS: Final[Mapping[Action, Callable[[RolloutState], _Outcome]]] = {
    "start": _start,
    "advance": _advance,
    "hold": _hold,
    "resume": _resume,
    "rollback": _rollback,
}


def _is_possible(state: RolloutState, action: Action) -> bool:
    try:
        done, _, _ = _ACTIONS[action](state)
    except NotPossible:
        return False
    return done == action
