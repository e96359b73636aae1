"""Figures for Prometheus: for whoever has the token, or else for programs of the same machine."""

import asyncio
import hmac
from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import SecretStr

from sounditout.dependencies import ServicesDependency
from sounditout.errors import Forbidden, Unauthorized

router = APIRouter(tags=["health"])

_BY_PROXY: Final = ("x-forwarded-for", "forwarded")


@router.get("/metrics")
async def read_metrics(request: Request, services: ServicesDependency) -> Response:
    """All figures, in Prometheus' text format."""
    _admit(request, services.settings.metrics_token)
    state = (await services.flag.standing()).state
    services.metrics.rollout_percentage.set(state.percentage)
    services.metrics.rollout_held.set(state.held)
    # Of several processes it reads a file each: other requests must not wait for that.
    exposition = await asyncio.to_thread(services.metrics.exposition)
    return Response(exposition, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _admit(request: Request, token: SecretStr | None) -> None:
    """Raises Unauthorized without the right token, Forbidden from elsewhere where there is none."""
    if token is None:
        if not _is_local(request):
            raise Forbidden
        return
    wanted = f"Bearer {token.get_secret_value()}".encode()
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
        raise Unauthorized


def _is_local(request: Request) -> bool:
    """Whether a program of this machine asks for itself, and not a proxy for somebody else."""
    if request.client is None or any(name in request.headers for name in _BY_PROXY):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
