"""What a reading teacher knows about each of the 39 sounds: its name, how it is made, where to practise it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from pydantic import TypeAdapter

from sounditout.analysis.phonemes import PHONEMES

Place = Literal["start", "middle", "end"]
PLACES: Final[tuple[Place, ...]] = ("start", "middle", "end")

WHERE: Final[dict[Place, str]] = {
    "start": "at the start of",
    "middle": "in the middle of",
    "end": "at the end of",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of English, for somebody who learns to read."""

    phoneme: str
    """ARPAbet."""
    name: str
    """What a child calls it: "the /sh/ sound", "the short a". The slashes hold letters, not IPA."""
    keyword: str
    """The word the sound is known by."""
    place: Place
    """Where in the keyword the sound is."""
    how: str
    """How the mouth makes it; one sentence, fit to be said aloud."""
    spellings: tuple[str, ...]
    start: tuple[str, ...]
    middle: tuple[str, ...]
    end: tuple[str, ...]

    @property
    def shown(self) -> str:
        """For the eye: `the /sh/ sound, as in "ship"`."""
        return f"{self.name}, as in “{self.keyword}”"

    @property
    def said(self) -> str:
        """For the ear, which cannot hear letters: "the sound at the start of ship"."""
        return f"the sound {WHERE[self.place]} {self.keyword}"

    @property
    def words(self) -> tuple[str, ...]:
        """All practice words, those with the sound at its easiest place first."""
        places = sorted(PLACES, key=lambda place: place != self.place)
        return tuple(word for place in places for word in self.words_at(place))

    def words_at(self, place: Place) -> tuple[str, ...]:
        """The practice words with the sound at that place; may be empty."""
        return {"start": self.start, "middle": self.middle, "end": self.end}[place]


def sound(phoneme: str) -> Sound:
    """What is known about an ARPAbet phoneme.

    Raises:
        KeyError: it is none of `PHONEMES`.
    """
    return _sounds()[phoneme]


def confusion_hint(expected: str, heard: str) -> str | None:
    """What to change when `heard` came out instead of `expected`, when there is something better than `Sound.how`."""
    return _hints().get((expected, heard))


def load_phonics() -> None:
    """Read the data now rather than at the first question; some 20 ms, of which a server wants to pay once."""
    _sounds()
    _hints()


@cache
def _sounds() -> dict[str, Sound]:
    table = TypeAdapter(dict[str, dict[str, object]]).validate_python(_read("phonics.toml"))
    rows = {phoneme: {"phoneme": phoneme, **table[phoneme]} for phoneme in PHONEMES}
    return TypeAdapter(dict[str, Sound]).validate_python(rows)


@cache
def _hints() -> dict[tuple[str, str], str]:
    rows = TypeAdapter(list[tuple[str, str, str]]).validate_python(_read("confusions.toml")["hints"])
    return {(expected, heard): hint for expected, heard, hint in rows}


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(files("sounditout.practice").joinpath(name).read_text(encoding="utf-8"))
