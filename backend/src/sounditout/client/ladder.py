"""Which transport is in force when the client may choose: the WebSocket as long as it works, SSE when it does not.

WebSocket ──3 failed handshakes in a row, or no `ready`──→ SSE
    ↑                                                        │ every 60 s, or sooner where it has worked before:
    │                                                        │ try the WebSocket beside it
    └──────it works, and nothing is in flight over SSE───────┘
"""

from enum import StrEnum
from typing import Final

from sounditout.client.errors import ClientError, HandshakeFailed, NotReady, UnreadableAnswer

MAX_HANDSHAKES: Final = 3
"""One may be an accident; so many in a row are a network that lets no WebSocket through."""
PROBE_SECONDS: Final = 60.0
"""A laptop moves from a school's network to one at home: the better way is found within a minute."""
FIRST_PROBE_SECONDS: Final = 10.0
"""A WebSocket that has worked before, and then did not, is more likely a server that was starting."""

_NOT_ABOUT_WEBSOCKETS: Final = frozenset({1009, 4401, 4403, 4409, 4429})
"""Close codes that SSE would not help against."""


class Way(StrEnum):
    """How a reading travels."""

    WEBSOCKET = "ws"
    SSE = "sse"


class Ladder:
    """Remembers how the attempts to open a WebSocket went."""

    def __init__(self) -> None:
        self._failures = 0
        self._works = False
        self.may_fall = True
        """False: the server has retired SSE, and there is only the WebSocket."""
        self.way = Way.WEBSOCKET

    def sse_is_retired(self) -> bool:
        """The server says so; whether that is news."""
        news, self.may_fall = self.may_fall, False
        self.way = Way.WEBSOCKET
        return news

    def ready(self) -> None:
        """A WebSocket was opened and greeted."""
        self._failures = 0
        self._works = True

    def failed(self, error: ClientError) -> None:
        """A WebSocket could not be opened, or one that was open was lost."""
        self._works = False
        if not self.may_fall:
            return
        if isinstance(error, (NotReady, UnreadableAnswer)):
            self.way = Way.SSE
        elif isinstance(error, HandshakeFailed) and error.close_code not in _NOT_ABOUT_WEBSOCKETS:
            self._failures += 1
            if self._failures >= MAX_HANDSHAKES:
                self.way = Way.SSE

    def choose(self, over_sse: int) -> Way:
        """The way of the next reading.

        Args:
            over_sse: readings that are under way over SSE.
        """
        if self._works and over_sse == 0:
            self.way = Way.WEBSOCKET
        return self.way
