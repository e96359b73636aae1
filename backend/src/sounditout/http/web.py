"""The built web app, from a folder, on the same origin as the API."""

import re
from pathlib import Path, PurePosixPath
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_THE_WEB_APP: Final = ("/api", "/models", "/healthz", "/readyz", "/metrics")
_HASHED: Final = re.compile(r"assets/.+-[\w-]{8,}\.\w+")
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_NOT_BUILT: Final = """\
Sound It Out: the API is up, the web app is not built.

Build it with `npm ci && npm run build` in the folder frontend, or let `make run` do it, and load this page again.
What the API offers is described at /api/openapi.json.
"""


class WebMount(Mount):
    """Everything that is not for programs."""

    def __init__(self, directory: Path) -> None:
        super().__init__("", WebApp(directory), name="web")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave the addresses of the API alone, so that a wrong one gets the API's own 404 or 405."""
        path = scope["path"]
        if scope["type"] != "http" or any(path == root or path.startswith(f"{root}/") for root in _NOT_THE_WEB_APP):
            return Match.NONE, {}
        return super().matches(scope)


class WebApp(StaticFiles):
    """Files, and `index.html` for every address that the app itself understands."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)

    async def check_config(self) -> None:
        """Nothing to check: the folder may be built while the server runs."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the app's page; 404 for a file that is missing."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or PurePosixPath(path).suffix:
                raise
            return await self._page(scope)
        response.headers["Cache-Control"] = _FOREVER if _HASHED.fullmatch(path) else _ASK_AGAIN
        return response

    async def _page(self, scope: Scope) -> Response:
        try:
            response = await super().get_response("index.html", scope)
        except HTTPException:
            return PlainTextResponse(_NOT_BUILT, headers={"Cache-Control": "no-store"})
        response.headers["Cache-Control"] = _ASK_AGAIN
        return response
