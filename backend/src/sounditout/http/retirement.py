"""What a server says that has retired SSE: where readings were taken by POST, there is nothing any more."""

import re
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from sounditout.errors import SseRetired
from sounditout.http.problems import problem

_STREAMS: Final = re.compile(r"/api/ai/analyze-audio(-with-phonemes|/[^/]+/events)?")
"""Where answers are streams of events. A reading can still be cancelled by POST."""


class RetiredStreams:
    """Turns away who wants a stream, before the recording is received and whoever it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _STREAMS.fullmatch(scope["path"]):
            await problem(SseRetired())(scope, receive, send)
        else:
            await self._app(scope, receive, send)
