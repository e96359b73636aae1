"""What is held of messages that are not complete."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from sounditout.connection.unfinished import Unfinished


@dataclass(eq=False)
class Someone:
    """Sends."""

    gave_way: list[bool] = field(default_factory=list)

    def give_way(self) -> None:
        self.gave_way.append(True)


def test_whose_message_began_first_gives_way() -> None:
    unfinished, (first, second, third) = Unfinished(10), (Someone(), Someone(), Someone())
    for sender, count in ((first, 3), (second, 3), (first, 4), (third, 3)):
        unfinished.hold(sender, count)
    assert not first.gave_way

    unfinished.hold(third, 4)

    assert (first.gave_way, second.gave_way, third.gave_way) == ([True], [], [])
    assert unfinished.size == 7


def test_a_message_that_fits_nowhere_gives_way_itself() -> None:
    unfinished, sender = Unfinished(10), Someone()

    unfinished.hold(sender, 11)

    assert sender.gave_way
    assert unfinished.size == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12))))
def test_never_more_is_held_than_allowed_and_the_count_is_right(steps: list[tuple[int, int]]) -> None:
    unfinished, senders, held = Unfinished(20), [Someone() for _ in range(6)], dict[int, int]()
    for number, count in steps:
        if count:
            unfinished.hold(senders[number], count)
            held[number] = count
        else:
            unfinished.forget(senders[number])
            held.pop(number, None)
        for other, sender in enumerate(senders):
            if sender.gave_way:
                held.pop(other, None)
                sender.gave_way.clear()
        assert unfinished.size == sum(held.values()) <= 20
