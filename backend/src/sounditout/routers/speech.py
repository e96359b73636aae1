"""The model voice: a word or a sentence, said aloud."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Response
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from sounditout.accounts.throttle import Pace
from sounditout.analysis.ports import Speaker, Speech
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.errors import InvalidSentence, Overloaded, SpeechFailed, TooManyRequests
from sounditout.messages import Text
from sounditout.services import Services

_MAX_AT_ONCE: Final = 16
"""Of all users. The voice says two at a time, a sentence in 0.1 s: the last waits for less than a second, and so does
the advice of somebody who has just read."""
_CANNOT_BE_SAID: Final = "This could not be said aloud just now. Please try again."


class TooMuchToSay(TooManyRequests):
    """One user asks for the voice too often, or for too much at once."""

    default_message = "That was a lot to say. Please wait a little."

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class Reciter:
    """Shares the voice between users. What was said lately, the speaker itself remembers.

    Args:
        per_minute: texts that one user may have said.
        at_once: of them, so many at the same time.
        seconds: after which nobody waits any more.
    """

    def __init__(self, speaker: Speaker, *, per_minute: int, at_once: int, seconds: float) -> None:
        self._speaker = speaker
        self._pace = Pace(per_minute, time.monotonic)
        self._at_once = at_once
        self._seconds = seconds
        self._speaking: Counter[int] = Counter()

    async def say(self, user_id: int, text: str) -> Speech:
        """The text as sound.

        Raises:
            TooMuchToSay: by this user.
            Overloaded: by all users together.
            SpeechFailed: it could not be said, or not in time.
        """
        with self._turn(user_id):
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._speaker.speak(text)
            except (SpeechFailed, TimeoutError) as error:
                raise SpeechFailed(_CANNOT_BE_SAID, stage="speaking") from error

    @contextmanager
    def _turn(self, user_id: int) -> Iterator[None]:
        if self._speaking[user_id] >= self._at_once:
            raise TooMuchToSay(1)
        if self._speaking.total() >= _MAX_AT_ONCE:
            raise Overloaded(retry_after=1)
        if wait := self._pace.take(user_id):
            raise TooMuchToSay(wait)
        self._speaking[user_id] += 1
        try:
            yield
        finally:
            self._speaking[user_id] -= 1
            self._speaking += Counter()  # forgets those who are at zero


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    settings = services.settings
    app.state.reciter = Reciter(
        services.engines.speaker,
        per_minute=settings.max_messages_per_minute,
        at_once=settings.max_requests_in_flight,
        seconds=settings.speech_timeout_seconds,
    )
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
