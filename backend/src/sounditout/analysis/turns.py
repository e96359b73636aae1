"""Whose turn it is: users take turns, however many things one of them has waiting.

Pure bookkeeping, without clocks, threads or tasks.
"""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A line of users, each with a line of things of their own.

    The first user has one thing served and goes to the end. So whoever stands in line when a user is served is
    served before that user is again, and what one user brings is served in the order in which it came.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[int, deque[T]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        """Things that wait, of all users."""
        return self._length

    def join(self, user_id: int, thing: T) -> None:
        """Behind the user's other things; a user who has none waiting goes to the end of the line."""
        self._lines.setdefault(user_id, deque()).append(thing)
        self._length += 1

    def leave(self, user_id: int, thing: T) -> bool:
        """Without having been served; False if it does not wait (any more)."""
        line = self._lines.get(user_id, ())
        if thing not in line:
            return False
        self._lines[user_id].remove(thing)
        self._length -= 1
        if not self._lines[user_id]:
            del self._lines[user_id]
        return True

    def next(self) -> T | None:
        """Take what is served next; None when nobody waits."""
        if not self._lines:
            return None
        user_id, line = self._lines.popitem(last=False)
        if len(line) > 1:
            self._lines[user_id] = line  # behind everybody else
        self._length -= 1
        return line.popleft()
