"""What one can practise: the sounds, the levels, the next sentence, and a text of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, FastAPI, Query
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from sounditout.analysis.models import Pronunciation, Sentence, Word
from sounditout.analysis.phonemes import GROUP, IPA, PHONEMES, Group
from sounditout.analysis.sentence import parse_sentence
from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.errors import InvalidMessage, InvalidSentence
from sounditout.messages import Text
from sounditout.persistence.repositories import ChosenSettings, Readings
from sounditout.practice.bank import LEVELS, Bank, Level, load_bank
from sounditout.practice.choose import sentence_after
from sounditout.practice.phonics import Place, load_phonics, sound
from sounditout.practice.stories import stories
from sounditout.routers.fair_use import FairUse
from sounditout.routers.settings import Level as LevelNumber
from sounditout.routers.settings import usable
from sounditout.services import Services

_WHAT_IS_IN: Final[dict[Level, str]] = {
    1: "Short words that sound as they are written",
    2: "Letter teams such as sh and ck, and the first longer words",
    3: "Long vowels, and words of up to three beats",
    4: "All sounds, and words of up to four beats",
    5: "Longer thoughts, and long words",
}

_LONGEST_STORY_ID: Final = 40
"""Characters; ours have up to 13."""
_MAX_CHECKS: Final = 16
"""At once, of all users, some 10 ms each; readings wait in the same line, and must find room in it."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    load_phonics()
    stories()
    app.state.bank = load_bank(services.engines.pronouncer)
    settings = services.settings
    app.state.checks = FairUse(
        per_minute=settings.max_messages_per_minute, at_once=settings.max_requests_in_flight, in_all=_MAX_CHECKS
    )
    yield


async def get_bank(connection: HTTPConnection) -> Bank:
    """The sentences of the server that answers this connection."""
    bank: Bank = connection.app.state.bank
    return bank


async def get_checks(connection: HTTPConnection) -> FairUse:
    """How much the server that answers this connection lets each user have checked."""
    checks: FairUse = connection.app.state.checks
    return checks


BankDependency = Annotated[Bank, Depends(get_bank)]
router = APIRouter(prefix="/api/practice", tags=["practice"], lifespan=_lifespan)


class SoundTopic(BaseModel):
    sound: str = Field(description="ARPAbet")
    ipa: str
    group: Group
    name: str = Field(description="what a child calls it; slashes hold letters, not IPA")
    keyword: str = Field(description="the word it is known by")
    place: Place = Field(description="where in the keyword it is")
    how: str = Field(description="how the mouth makes it; one sentence, fit to be said aloud")
    spellings: list[str] = Field(description="the most usual first")
    words: list[str] = Field(description="to practise, those with the sound at its easiest place first")
    levels: list[int] = Field(description="at which there are sentences with this sound")


class LevelTopic(BaseModel):
    level: int = Field(description="1 easiest")
    what: str
    sentences: int


class StoryTopic(BaseModel):
    story: str = Field(description="its name in addresses")
    title: str
    level: int
    sentences: int


class Topics(BaseModel):
    sounds: list[SoundTopic] = Field(description="all 39")
    levels: list[LevelTopic]
    stories: list[StoryTopic] = Field(description="the easiest first")


class NextSentence(BaseModel):
    sentence: str
    level: int = Field(description="the nearest to the one asked for at which there is a sentence")
    sound: str | None = Field(description="as asked for")
    times: int | None = Field(description="how often the sentence holds that sound")
    source: Literal["bank", "story"] = "bank"
    number: int | None = Field(None, description="of the sentence in its story, from 1")
    count: int | None = Field(None, description="of the sentences in the story")


class OwnText(BaseModel):
    text: Text


class Spoken(BaseModel):
    arpabet: list[str]
    ipa: str


class CheckedWord(BaseModel):
    text: str = Field(description="as shown")
    spoken: str = Field(description="as read, lower case: “23” is “twenty three”")
    pronunciations: list[Spoken] = Field(description="all that are accepted, the most usual first")


class CheckedText(BaseModel):
    sentence: str = Field(description="the text without needless spaces: what to show, and to send with a recording")
    level: int
    words: list[CheckedWord]


@router.get("/topics")
async def list_topics(user: CurrentUser, bank: BankDependency) -> Topics:
    """What one can choose from."""
    del user
    levels = [
        LevelTopic(level=level, what=what, sentences=len(bank.of_level[level])) for level, what in _WHAT_IS_IN.items()
    ]
    told = [StoryTopic(story=s.id, title=s.title, level=s.level, sentences=len(s.sentences)) for s in stories()]
    return Topics(sounds=[_topic(phoneme, bank) for phoneme in PHONEMES], levels=levels, stories=told)


def _topic(phoneme: str, bank: Bank) -> SoundTopic:
    known = sound(phoneme)
    return SoundTopic(
        sound=phoneme,
        ipa=IPA[phoneme],
        group=GROUP[phoneme],
        name=known.name,
        keyword=known.keyword,
        place=known.place,
        how=known.how,
        spellings=list(known.spellings),
        words=list(known.words),
        levels=sorted({sentence.level for sentence in bank.sentences if sentence.counts.get(phoneme)}),
    )


@router.get("/next")
async def next_to_read(
    user: CurrentUser,
    services: ServicesDependency,
    bank: BankDependency,
    sound: Annotated[str | None, Query(max_length=2, description="ARPAbet; any when absent")] = None,
    level: Annotated[LevelNumber | None, Query(description="the user's own when absent")] = None,
    after: Annotated[
        Text | None, Query(description="the sentence before; when absent, the last that was read")
    ] = None,
    story: Annotated[str | None, Query(max_length=_LONGEST_STORY_ID, description="of this story")] = None,
    number: Annotated[
        int, Query(ge=1, le=2**31 - 1, description="of the sentence in the story; after the last comes the first")
    ] = 1,
) -> NextSentence:
    """The sentence to read next. One who goes on from each to the next meets none twice before all had their turn."""
    if story is not None:
        return _of_story(story, number)
    if sound is not None and sound not in PHONEMES:
        raise InvalidMessage("There is no such sound.")
    if len(after or "") > services.settings.max_sentence_characters:
        raise InvalidSentence("The sentence before is longer than any that can be read here.")
    last = await _last_read(services, user.user_id) if after is None else after
    level = level or await _own_level(services, user.user_id) or (bank.level_of(last) if last else LEVELS[0])
    found = sentence_after(bank, last, level, sound)
    times = None if sound is None else found.counts.get(sound, 0)
    return NextSentence(sentence=found.text, level=found.level, sound=sound, times=times)


def _of_story(story_id: str, number: int) -> NextSentence:
    story = next((one for one in stories() if one.id == story_id), None)
    if story is None:
        raise InvalidMessage("There is no such story.")
    at, sentence = story.sentence(number)
    count = len(story.sentences)
    return NextSentence(
        sentence=sentence, level=story.level, sound=None, times=None, source="story", number=at, count=count
    )


async def _last_read(services: Services, user_id: int) -> str:
    async with services.database.reading() as db:
        return await Readings(db).latest_sentence(user_id) or ""


async def _own_level(services: Services, user_id: int) -> Level | None:
    async with services.database.reading() as db:
        return usable(await ChosenSettings(db).of_user(user_id)).level


@router.post("/check")
async def check_text(
    own: OwnText,
    user: CurrentUser,
    services: ServicesDependency,
    bank: BankDependency,
    checks: Annotated[FairUse, Depends(get_checks)],
) -> CheckedText:
    """Whether a text of one's own can be practised, and how its words may be said. 422 says why it cannot."""
    pronouncer, most = services.engines.pronouncer, services.settings.max_sentence_characters

    def check() -> tuple[Sentence, Level]:
        sentence = parse_sentence(own.text, pronouncer, most)
        return sentence, bank.level_of(sentence.text)

    with checks.turn(user.user_id):
        sentence, level = await services.workers.run(user.user_id, check)
    return CheckedText(sentence=sentence.text, level=level, words=[_checked(word) for word in sentence.words])


def _checked(word: Word) -> CheckedWord:
    return CheckedWord(
        text=word.text, spoken=word.spoken, pronunciations=[_spoken(said) for said in word.pronunciations]
    )


def _spoken(pronunciation: Pronunciation) -> Spoken:
    return Spoken(arpabet=list(pronunciation), ipa="".join(IPA[phoneme] for phoneme in pronunciation))
