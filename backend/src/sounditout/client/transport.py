"""What the client knows of a transport."""

from collections.abc import AsyncGenerator
from typing import Protocol

from sounditout.analysis.events import Event
from sounditout.client.request import Request


class Transport(Protocol):
    """A way to the server and back. It outlives its connections."""

    def follow(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of one request that its caller has not seen; the last is `complete`, `error` or `cancelled`.

        Broken connections are mended for as long as somebody iterates. A request that has ended is run again when
        it is followed again.

        Raises:
            ClientError: it will not come to its end.
        """
        ...

    async def cancel(self, request_id: str) -> bool:
        """Have the work on a request stopped; False when it is not followed here, or its server has to be asked."""
        ...

    async def close(self) -> None:
        """Let every connection go, for good; what is under way, and what comes later, ends with `Closed`."""
        ...
