"""The built web app, from a folder, on the same origin as the API."""

import re
from pathlib import Path, PurePosixPath
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_THE_WEB_APP: Final = ("/api", "/models", "/healthz", "/readyz", "/metrics")
_HASHED: Final = re.compile(r"assets/.+-[\w-]{8,}\.\w+")
_NO_WEIGHT: Final = re.compile(r"0(\.0{0,3})?")
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
            response = await self._smallest(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or PurePosixPath(path).suffix:
                raise
            return await self._page(scope)
        response.headers["Cache-Control"] = _FOREVER if _HASHED.fullmatch(path) else _ASK_AGAIN
        return response

    async def _smallest(self, path: str, scope: Scope) -> Response:
        """The file as it was compressed when the app was built, for those who can read that; else as it is."""
        plain = await super().get_response(path, scope)
        try:
            packed = await super().get_response(f"{path}.gz", scope)
        except HTTPException:
            return plain
        response = packed if _reads_gzip(Headers(scope=scope)) else plain
        if response is packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return response

    async def _page(self, scope: Scope) -> Response:
        try:
            response = await self._smallest("index.html", scope)
        except HTTPException:
            return PlainTextResponse(_NOT_BUILT, headers={"Cache-Control": "no-store"})
        response.headers["Cache-Control"] = _ASK_AGAIN
        return response


def _reads_gzip(headers: Headers) -> bool:
    """Whether `Accept-Encoding` names gzip, and not with a weight of zero (RFC 9110, 12.5.3)."""
    for coding in ",".join(headers.getlist("Accept-Encoding")).split(","):
        name, _, weight = coding.replace(" ", "").lower().partition(";q=")
        if name in ("gzip", "*"):
            return not _NO_WEIGHT.fullmatch(weight)
    return False
