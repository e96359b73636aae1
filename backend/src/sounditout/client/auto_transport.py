"""Over the WebSocket as long as it works, over SSE when it does not, as the ladder says."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from sounditout.analysis.events import Event
from sounditout.client.errors import Refused
from sounditout.client.ladder import Ladder, Way
from sounditout.client.request import Request
from sounditout.client.sse_stream import SSE_RETIRED
from sounditout.client.sse_transport import SseTransport
from sounditout.client.state import State
from sounditout.client.ws_transport import FellBack, WebSocketTransport

Show = Callable[[State], object]


class AutoTransport:
    """Both transports and the choice between them.

    Args:
        show: told of every new state.
    """

    def __init__(
        self,
        websocket: Callable[[Show, Ladder], WebSocketTransport],
        sse: Callable[[Show], SseTransport],
        show: Show,
    ) -> None:
        self._ladder = Ladder()
        self._over_sse = 0
        self._show_state = show
        self._beneath = State.IDLE
        self._websocket = websocket(self._show, self._ladder)
        self._sse = sse(lambda _: None)

    async def follow(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `Transport.follow`. In the middle of a request it may go on over SSE, and back only from a server that
        has retired it."""
        self._websocket.wake()  # over SSE too: now and then it tries the WebSocket
        way = self._ladder.choose(self._over_sse)
        while True:
            try:
                async with aclosing(self._follow_over(way, request)) as events:
                    async for event in events:
                        yield event
            except FellBack:
                way = Way.SSE
            except Refused as refused:
                way = await self._instead_of_sse(refused)
            else:
                return

    def _follow_over(self, way: Way, request: Request) -> AsyncGenerator[Event, None]:
        return self._websocket.follow(request) if way is Way.WEBSOCKET else self._follow_over_sse(request)

    async def _instead_of_sse(self, refused: Refused) -> Way:
        """Where to go on when the server has retired SSE. Raises `refused` when it says something else."""
        if refused.code != SSE_RETIRED:
            raise refused
        if self._ladder.sse_is_retired():
            await self._websocket.hurry()
        return Way.WEBSOCKET

    async def _follow_over_sse(self, request: Request) -> AsyncGenerator[Event, None]:
        self._over_sse += 1
        try:
            async with aclosing(self._sse.follow(request)) as events:
                async for event in events:
                    yield event
        finally:
            self._over_sse -= 1
            self._show(self._beneath)

    async def cancel(self, request_id: str) -> bool:
        """See `Transport.cancel`."""
        return await self._websocket.cancel(request_id)

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._websocket.close()
        await self._sse.close()

    def _show(self, websocket: State) -> None:
        """The WebSocket's state, unless readings go over SSE. This is also where the ladder is climbed again."""
        self._beneath = websocket
        fallen = self._ladder.choose(self._over_sse) is Way.SSE
        self._show_state(State.FALLBACK if fallen else websocket)
