"""What was counted of both ways, for those who look after the server."""

import asyncio

from fastapi import APIRouter

from sounditout.dependencies import CurrentAdmin, ServicesDependency
from sounditout.telemetry.success_metrics import Figures, figures_of

router = APIRouter(prefix="/api/operations/metrics", tags=["rollout"])


@router.get("")
async def get_figures(admin: CurrentAdmin, services: ServicesDependency) -> Figures:
    """The plan's success metrics by transport and stage, as pages have measured them, and who is connected."""
    del admin
    # Of several processes it reads a file each: other requests must not wait for that.
    return await asyncio.to_thread(lambda: figures_of(services.metrics.collect()))
