"""What has come of messages that are not complete: bounded over all connections, however many there are."""

from typing import Protocol


class Sender(Protocol):
    """Somebody who has begun a message."""

    def give_way(self) -> None:
        """Let go of what has come, for there is no more room; may forget it at once."""


class Unfinished:
    """Counts bytes by sender. Used from one event loop.

    When there are too many, whose message began first gives way: messages that are meant to end do so soon, and
    those that are not are the oldest.

    Args:
        max_bytes: in all.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._by_sender: dict[Sender, int] = {}
        """Whose message began first stands first."""

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._bytes

    def hold(self, sender: Sender, count: int) -> None:
        """So many bytes of a sender's message have come by now."""
        self._bytes += count - self._by_sender.get(sender, 0)
        self._by_sender[sender] = count
        while self._bytes > self._max_bytes:
            oldest = next(iter(self._by_sender))
            self.forget(oldest)
            oldest.give_way()

    def forget(self, sender: Sender) -> None:
        """The message is complete, or will never be. Forgetting again does nothing."""
        self._bytes -= self._by_sender.pop(sender, 0)
