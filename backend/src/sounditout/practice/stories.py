"""Short stories of our own, for who wants to know how it goes on."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Story:
    """One story, to be read sentence by sentence."""

    id: str
    title: str
    level: int
    sentences: tuple[str, ...]

    def sentence(self, number: int) -> tuple[int, str]:
        """The sentence of that number, from 1, with the number it has; after the last comes the first again."""
        place = (number - 1) % len(self.sentences)
        return place + 1, self.sentences[place]


@cache
def stories() -> tuple[Story, ...]:
    """All stories, the easiest first."""
    text = files("sounditout.practice").joinpath("stories.toml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Story, ...]).validate_python(tomllib.loads(text)["story"])
