"""What each user has chosen: how to listen, how to speak, how it looks."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sounditout.accounts.identity import Identity
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.persistence.repositories import ChosenSettings
from sounditout.practice.bank import LEVELS
from sounditout.rollout.decide import Reason
from sounditout.services import Services

router = APIRouter(prefix="/api/users/me/settings", tags=["settings"])

Level = Annotated[int, Field(ge=LEVELS[0], le=LEVELS[-1])]


class Preferences(BaseModel):
    """Every choice with its default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    use_websocket: bool | None = Field(None, description="null: not chosen; `effective` says what counts")
    in_browser_listening: bool = Field(
        default=False, description="the browser listens, with models that it loads once"
    )
    keep_audio_on_device: bool = Field(
        default=False,
        description="when the browser listens, no recording leaves the device, also not to fall back on",
    )
    strictness: Literal["gentle", "normal", "strict"] = "normal"
    voice_speed: float = Field(1.0, ge=0.5, le=1.5, description="of the model voice; 1 is its own pace")
    voice_volume: float = Field(1.0, ge=0, le=1)
    live_words: bool = Field(default=True, description="words light up while they are read")
    auto_stop: bool = Field(default=True, description="recording stops by itself after a silence")
    theme: Literal["system", "light", "dark"] = "system"
    text_size: Literal["normal", "large", "huge"] = "normal"
    font: Literal["atkinson", "opendyslexic"] = "atkinson"
    level: Level | None = Field(None, description="of sentences, 1 easiest; null: it follows the readings")


class UseWebSocket(BaseModel):
    """Whether to use the persistent connection, and who says so."""

    use_websocket: bool
    reason: Reason
    stage: int = Field(description="of the rollout: number of the change that began it, 0: it has not begun")


class PreferencesOut(Preferences):
    """The choices, and what follows from them."""

    effective: UseWebSocket


@router.get("")
async def get_settings(user: CurrentUser, services: ServicesDependency) -> PreferencesOut:
    """One's own settings; what was not chosen has its default."""
    async with services.database.reading() as db:
        chosen = await ChosenSettings(db).of_user(user.user_id)
    return await _out(usable(chosen), user, services)


@router.patch("")
async def change_settings(changes: Preferences, user: CurrentUser, services: ServicesDependency) -> PreferencesOut:
    """Change the settings that are named, and leave the others. 422 for one that does not exist."""
    async with services.database.transaction() as db:
        chosen = await ChosenSettings(db).merge(user.user_id, changes.model_dump(exclude_unset=True))
    return await _out(usable(chosen), user, services)


def usable(chosen: dict[str, Any]) -> Preferences:
    """Choices as they were kept, perhaps by another version; what this one does not know has its default."""
    known = {name: value for name, value in chosen.items() if name in Preferences.model_fields}
    try:
        return Preferences(**known)
    except ValidationError as error:
        unusable = {detail["loc"][0] for detail in error.errors()}
        return Preferences(**{name: value for name, value in known.items() if name not in unusable})


async def _out(preferences: Preferences, user: Identity, services: Services) -> PreferencesOut:
    decision, stage = await services.flag.decide(user.user_id, preferences.use_websocket)
    effective = UseWebSocket(use_websocket=decision.use_websocket, reason=decision.reason, stage=stage)
    return PreferencesOut(**preferences.model_dump(), effective=effective)
