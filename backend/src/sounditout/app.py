"""The composition root: the only place that knows which engine stands behind which port."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from sounditout import __version__
from sounditout.accounts.accounts import Accounts
from sounditout.accounts.auth import Authenticator, signing_key
from sounditout.accounts.passwords import Passwords
from sounditout.accounts.revocations import Revocations
from sounditout.analysis.ports import Engines
from sounditout.analysis.workers import Workers
from sounditout.flag import flag_of
from sounditout.guarding import guarding
from sounditout.http import problems
from sounditout.http.bodies import BodyLimit, UploadGuard
from sounditout.http.middleware import RequestLog, SecurityHeaders, log_connection
from sounditout.http.retirement import RetiredStreams
from sounditout.http.web import WebMount
from sounditout.persistence.database import Database
from sounditout.routers import (
    ai,
    auth,
    health,
    listening,
    measurements,
    metrics,
    operations,
    operations_metrics,
    practice,
    privacy,
    progress,
    sessions,
    speech,
)
from sounditout.routers import settings as user_settings
from sounditout.services import Services
from sounditout.settings import Settings
from sounditout.telemetry.metrics import Metrics
from sounditout.telemetry.tracing import open_tracing
from sounditout.warm_up import warm_up

log = structlog.get_logger(__name__)

_SMALL_BODY_BYTES: Final = 64 * 1024
"""Accounts and sessions are a few hundred bytes."""
_ROUTES: Final = (
    ai,
    auth,
    user_settings,
    privacy,
    sessions,
    practice,
    progress,
    speech,
    listening,
    measurements,
    metrics,
    operations,
    operations_metrics,
    health,
)


class _App(FastAPI):
    """The app, in which the persistent connection goes straight to its endpoint.

    The layers around a request do nothing for a WebSocket, but they wait as long as it is open, and so does what
    FastAPI keeps of an endpoint's dependencies: 14 of 39 kB for each connection.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == ai.SOCKET_PATH:
            scope["app"] = self
            await log_connection(ai.audio_analysis, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings | None = None, engines: Engines | None = None) -> FastAPI:
    """The whole server as one ASGI app.

    Args:
        settings: read from the environment when not given.
        engines: loaded at the start when not given.
    """
    settings = settings or Settings()
    app = _App(
        title="Sound It Out",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(settings, engines),
        middleware=_middleware(settings),
    )
    problems.install(app)
    for routes in _ROUTES:
        app.include_router(routes.router)
    app.router.routes.append(WebMount(settings.web_dir))
    return app


def build_engines(settings: Settings) -> Engines:
    """Load the engines: models and voice beside each other, and the dictionary. Blocks for a second or two.

    Give them to `close_engines` when done.

    Raises:
        OSError: the models are not where the settings say.
    """
    from sounditout.engines.hibari_speaker import HibariSpeaker
    from sounditout.engines.moonshine_phonemes import MoonshinePhonemes
    from sounditout.engines.phonics_coach import PhonicsCoach
    from sounditout.engines.pronunciations import DictionaryPronouncer

    pronouncer = DictionaryPronouncer()
    speaker = HibariSpeaker()
    with ThreadPoolExecutor(1, thread_name_prefix="sounditout-loading") as beside:
        recognizer = beside.submit(MoonshinePhonemes, settings.models_dir, threads=settings.model_threads)
        speaker.load()
    return Engines(
        pronouncer=pronouncer,
        recognizer=recognizer.result(),
        coach=PhonicsCoach(pronouncer),
        speaker=speaker,
    )


def close_engines(engines: Engines) -> None:
    """Let engines that keep threads or files end them."""
    for engine in (engines.pronouncer, engines.recognizer, engines.coach, engines.speaker):
        close = getattr(engine, "close", None)
        if close is not None:
            close()


def _middleware(settings: Settings) -> list[Middleware]:
    """The outermost first."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
    return [
        Middleware(SecurityHeaders),
        Middleware(RequestLog),
        *([cors] if settings.allowed_origins else []),
        *([] if settings.sse_enabled else [Middleware(RetiredStreams)]),
        Middleware(UploadGuard),
        Middleware(BodyLimit, limit_for=_body_limits(settings)),
    ]


def _body_limits(settings: Settings) -> Callable[[str], int]:
    # An upload may be as large as the same recording in a WebSocket frame.
    return lambda path: settings.max_frame_bytes if path.startswith(problems.UPLOADS) else _SMALL_BODY_BYTES


def _lifespan(settings: Settings, engines: Engines | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        started = time.perf_counter()
        async with AsyncExitStack() as stack:
            app.state.services = await _open(settings, engines, stack)
            log.info("ready", seconds=round(time.perf_counter() - started, 2))
            yield
            log.info("stopping")

    return lifespan


async def _open(settings: Settings, engines: Engines | None, stack: AsyncExitStack) -> Services:
    """Everything a server needs, in order; the stack closes it in the opposite one."""
    database = Database(settings.database_url)
    stack.push_async_callback(database.dispose)
    await database.migrate()
    key = await asyncio.to_thread(signing_key, settings)
    passwords = Passwords()
    stack.callback(passwords.close)
    figures = Metrics()
    workers = Workers(settings.workers, settings.max_waiting, on_waiting=figures.requests_waiting.set)
    stack.callback(workers.close)
    if engines is None:
        engines = await _load(settings)
        stack.callback(close_engines, engines)
        await warm_up(engines, workers)
    tracing = open_tracing()
    stack.push_async_callback(tracing.close)
    flag = flag_of(settings, database, key)
    if flag.stages_count:
        await stack.enter_async_context(guarding(flag.watch, settings.guard_seconds))
    revocations = Revocations()
    return Services(
        settings=settings,
        database=database,
        authenticator=Authenticator(database, key, settings.token_lifetime_seconds),
        accounts=Accounts(database, passwords, revocations, max_guests_per_minute=settings.max_guests_per_minute),
        revocations=revocations,
        engines=engines,
        workers=workers,
        flag=flag,
        metrics=figures,
        tracing=tracing,
    )


async def _load(settings: Settings) -> Engines:
    try:
        return await asyncio.to_thread(build_engines, settings)
    except Exception as error:
        error.add_note(
            f"The models in {settings.models_dir} cannot be loaded: `sounditout doctor` says what is missing."
        )
        raise
