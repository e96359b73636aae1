"""Errors as answers: RFC 9457 `application/problem+json`, always with a stable `code`."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sounditout.errors import (
    AudioTooLarge,
    Forbidden,
    InternalError,
    InvalidMessage,
    SoundItOutError,
    TooManyRequests,
    Unauthorized,
    UnknownRequest,
)
from sounditout.persistence.repositories import UsernameTaken
from sounditout.rollout.stages import NotPossible
from sounditout.wire import http_status

UPLOADS: Final = "/api/ai/"
"""Where recordings are sent."""

_MEDIA_TYPE = "application/problem+json"
_BY_STATUS: Mapping[int, type[SoundItOutError]] = {401: Unauthorized, 403: Forbidden, 429: TooManyRequests}
_BY_KIND: Mapping[type[SoundItOutError], HTTPStatus] = {
    UsernameTaken: HTTPStatus.CONFLICT,
    NotPossible: HTTPStatus.CONFLICT,
    UnknownRequest: HTTPStatus.NOT_FOUND,
}
"""Errors that share their code with others and have a status of their own."""
_SENTENCES: Mapping[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not take such requests.",
    408: "The rest of the request did not come. Please try again.",
}
_HIDDEN = frozenset({"body", "query", "path", "header"})


def install(app: FastAPI) -> None:
    """Answer every error of the app in the same form. Unexpected ones are for the middleware, which logs them."""
    app.add_exception_handler(SoundItOutError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def problem(
    error: SoundItOutError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The error for a program and for a person. `status` replaces the usual one of its code."""
    status = status or _status(error)
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "code": error.code,
        "retryable": error.retryable,
    }
    return JSONResponse(content, status, {**_headers(error, status), **(headers or {})}, _MEDIA_TYPE)


def body_too_large(path: str) -> JSONResponse:
    """The answer to more data than the server takes at this path."""
    if path.startswith(UPLOADS):
        return problem(AudioTooLarge())
    return problem(InvalidMessage("This is more data than the server takes."), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _status(error: SoundItOutError) -> int:
    for kind, status in _BY_KIND.items():
        if isinstance(error, kind):
            return status
    return http_status(error.code)


def _headers(error: SoundItOutError, status: int) -> dict[str, str]:
    if error.retry_after is not None:
        return {"Retry-After": str(math.ceil(error.retry_after))}
    return {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    # On a WebSocket nobody could read the answer: let the server log the error and close.
    if not isinstance(error, SoundItOutError) or request.scope["type"] != "http":
        raise error
    return problem(error)


async def _on_validation_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem(InvalidMessage(_explain(error.errors())), HTTPStatus.UNPROCESSABLE_ENTITY)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return body_too_large(request.url.path)
    kind = _BY_STATUS.get(error.status_code, InvalidMessage if error.status_code < 500 else InternalError)
    return problem(kind(_SENTENCES.get(error.status_code)), error.status_code, error.headers)


def _explain(errors: Sequence[Any]) -> str:
    """Where and what, without the values: they may be passwords."""
    return "; ".join(f"{_place(error['loc'])}: {error['msg']}" for error in errors[:3])


def _place(location: Sequence[Any]) -> str:
    # Numbers are positions in broken JSON or in a list: nothing to a person.
    return ".".join(part for part in location if isinstance(part, str) and part not in _HIDDEN) or "the request"
