"""For whoever keeps the server running: is it alive, and can it work?"""

import asyncio
import time
from typing import Final, Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from sounditout.analysis.workers import Workers
from sounditout.dependencies import ServicesDependency
from sounditout.persistence.database import Database

router = APIRouter(tags=["health"])
log = structlog.get_logger(__name__)

_DATABASE_SECONDS: Final = 2.0
"""Orchestrators give a probe few seconds; a database that needs longer cannot be worked with."""


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Check(BaseModel):
    ok: bool
    detail: str


class Readiness(BaseModel):
    status: Literal["ready", "not_ready"]
    checks: dict[str, Check]


@router.get("/healthz")
async def alive() -> Alive:
    """200 as long as the process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def ready(services: ServicesDependency, response: Response) -> Readiness:
    """200 when readings can be listened to and saved, otherwise 503; says which part is missing."""
    recognizer = services.engines.recognizer.info
    checks = {
        "database": await _check_database(services.database),
        "accepting": Check(ok=not services.drain.started, detail="stopping" if services.drain.started else "yes"),
        "queue": _check_queue(services.workers),
        "recognizer": Check(ok=True, detail=f"{recognizer.name} {recognizer.version} is loaded"),
        "speaker": Check(ok=True, detail="is loaded"),  # the server does not start without it
    }
    if all(check.ok for check in checks.values()):
        return Readiness(status="ready", checks=checks)
    response.status_code = 503
    return Readiness(status="not_ready", checks=checks)


def _check_queue(workers: Workers) -> Check:
    """Full: one more reading would be refused, so another process had better have it."""
    counts = f"{workers.running} being listened to, {workers.waiting} waiting, room for {workers.capacity}"
    return Check(ok=workers.running + workers.waiting < workers.capacity, detail=counts)


async def _check_database(database: Database) -> Check:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            await database.check()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("database does not answer", error=repr(error))
        return Check(ok=False, detail="does not answer")
    return Check(ok=True, detail=f"answered in {(time.perf_counter() - started) * 1000:.0f} ms")
