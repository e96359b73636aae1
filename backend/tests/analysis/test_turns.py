"""Users take turns, nothing is lost, and nobody is passed by twice."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sounditout.analysis.turns import Turns

USERS = st.integers(1, 4)


def test_one_user_is_served_in_order() -> None:
    turns = Turns[str]()
    for thing in ("first", "second", "third"):
        turns.join(1, thing)
    assert [turns.next() for _ in range(4)] == ["first", "second", "third", None]


def test_a_user_with_much_does_not_hold_up_one_with_little() -> None:
    turns = Turns[str]()
    for thing in ("a1", "a2", "a3"):
        turns.join(1, thing)
    turns.join(2, "b1")
    assert [turns.next() for _ in range(4)] == ["a1", "b1", "a2", "a3"]


def test_who_has_left_is_not_served() -> None:
    turns = Turns[str]()
    turns.join(1, "a1")
    turns.join(2, "b1")
    assert turns.leave(1, "a1")
    assert not turns.leave(1, "a1")
    assert len(turns) == 1
    assert turns.next() == "b1"
    assert not turns.leave(2, "b1")


class TakingTurns(RuleBasedStateMachine):
    """Against a model: what each user has waiting, and who still comes before whom."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: Turns[tuple[int, int]] = Turns()
        self.waiting: dict[int, list[tuple[int, int]]] = {}
        self.before: dict[int, set[int]] = {}
        """User → users that have waited ever since that user was served."""
        self.joined = 0

    @rule(user=USERS)
    def join(self, user: int) -> None:
        self.joined += 1
        self.turns.join(user, (user, self.joined))
        self.waiting.setdefault(user, []).append((user, self.joined))

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        thing = data.draw(st.sampled_from([thing for line in self.waiting.values() for thing in line]))
        assert self.turns.leave(thing[0], thing)
        self._forget(thing)

    @rule()
    def next(self) -> None:
        thing = self.turns.next()
        if thing is None:
            assert not self.waiting
            return
        user = thing[0]
        assert thing == self.waiting[user][0], "out of order"
        assert not self.before.get(user), "served twice before somebody who waited all the time"
        self._forget(thing)
        for others in self.before.values():
            others.discard(user)
        self.before[user] = set(self.waiting) - {user}

    def _forget(self, thing: tuple[int, int]) -> None:
        user = thing[0]
        self.waiting[user].remove(thing)
        if not self.waiting[user]:
            del self.waiting[user]
            for others in self.before.values():
                others.discard(user)

    @invariant()
    def all_are_counted(self) -> None:
        assert len(self.turns) == sum(map(len, self.waiting.values()))


TestTakingTurns = TakingTurns.TestCase
