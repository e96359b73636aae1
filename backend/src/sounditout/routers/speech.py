"""The model voice: a word or a sentence, said aloud."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Response
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from sounditout.analysis.ports import Speaker, Speech
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.errors import InvalidSentence, SpeechFailed
from sounditout.messages import Text
from sounditout.routers.fair_use import FairUse
from sounditout.services import Services

_MAX_AT_ONCE: Final = 16
"""Of all users. The voice says two at a time, a word in 50 ms and a long sentence in 0.3 s: the last waits for two
seconds at worst, and so does the advice of somebody who has just read."""
_CANNOT_BE_SAID: Final = "This could not be said aloud just now. Please try again."


class Reciter:
    """Shares the voice between users. What was said lately, the speaker itself remembers.

    Args:
        seconds: after which nobody waits any more.
    """

    def __init__(self, speaker: Speaker, fair_use: FairUse, *, seconds: float) -> None:
        self._speaker = speaker
        self._fair_use = fair_use
        self._seconds = seconds

    async def say(self, user_id: int, text: str) -> Speech:
        """The text as sound.

        Raises:
            TooMuch: by this user.
            Overloaded: by all users together.
            SpeechFailed: it could not be said, or not in time.
        """
        with self._fair_use.turn(user_id):
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._speaker.speak(text)
            except (SpeechFailed, TimeoutError) as error:
                raise SpeechFailed(_CANNOT_BE_SAID, stage="speaking") from error


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    settings = services.settings
    fair_use = FairUse(
        per_minute=settings.max_messages_per_minute, at_once=settings.max_requests_in_flight, in_all=_MAX_AT_ONCE
    )
    app.state.reciter = Reciter(services.engines.speaker, fair_use, seconds=settings.speech_timeout_seconds)
    yield


async def get_reciter(connection: HTTPConnection) -> Reciter:
    """The reciter of the server that answers this connection."""
    reciter: Reciter = connection.app.state.reciter
    return reciter


ReciterDependency = Annotated[Reciter, Depends(get_reciter)]
router = APIRouter(prefix="/api/speech", tags=["speech"], lifespan=_lifespan)


class ToSay(BaseModel):
    text: Text = Field(description="a word or a sentence; as long as a sentence may be")


@router.post("", response_class=Response, responses={200: {"content": {"audio/mpeg": {}}}})
async def say(wanted: ToSay, user: CurrentUser, services: ServicesDependency, reciter: ReciterDependency) -> Response:
    """The text, said by the model voice at its own pace: players change it better than the voice does."""
    text = _sayable(wanted.text, services.settings.max_sentence_characters)
    speech = await reciter.say(user.user_id, text)
    return Response(speech.data, media_type=speech.mimetype)


def _sayable(text: str, most: int) -> str:
    said = " ".join(text.split())
    if len(said) > most:
        raise InvalidSentence(f"The text is too long to be said at once: {most} characters is the most.")
    if not any(map(str.isalnum, said)):
        raise InvalidSentence("There is nothing in this text that can be said.")
    return said
