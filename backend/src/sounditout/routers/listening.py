"""What a browser needs to listen for itself: where the models are, and the models."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Header, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from sounditout.http.listening_models import PREFIX, ListeningModels, ModelName
from sounditout.services import Services

_FOREVER: Final = "public, max-age=31536000, immutable"
_ONNX: Final = "application/octet-stream"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    app.state.listening_models = ListeningModels(services.settings.models_dir)
    yield


async def get_models(connection: HTTPConnection) -> ListeningModels:
    """The models of the server that answers this connection."""
    models: ListeningModels = connection.app.state.listening_models
    return models


Models = Annotated[ListeningModels, Depends(get_models)]
router = APIRouter(tags=["listening in the browser"], lifespan=_lifespan)


class ModelOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: ModelName
    url: str = Field(description="on this server; its content never changes")
    bytes: int
    sha256: str


class ModelsOut(BaseModel):
    models: list[ModelOut] = Field(description="in the order in which they are used; both are needed")


@router.get("/api/listening/models")
async def list_models(models: Models) -> ModelsOut:
    """The models, for everybody; without those that are not installed."""
    found = await asyncio.to_thread(models.found)
    return ModelsOut(models=[ModelOut.model_validate(model) for model in found])


@router.get(PREFIX + "{filename}", response_class=FileResponse)
async def get_model(filename: str, models: Models, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """One model. 404 for a version that is not installed any more: ask for the list again."""
    model = await asyncio.to_thread(models.named, filename)
    if model is None:
        raise HTTPException(404)
    headers = {"Cache-Control": _FOREVER, "ETag": model.etag}
    if if_none_match is not None and model.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return FileResponse(model.path, media_type=_ONNX, headers=headers)
