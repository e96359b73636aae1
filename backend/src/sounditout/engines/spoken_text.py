"""What a voice is given to say: clean text, and the phrases it consists of. Pure."""

import re
import unicodedata
from typing import Final

MAX_CHARACTERS: Final = 400
"""About 25 s of speech; the coach says less than half of it."""

_SPEAKABLE: Final = re.compile(r"[^\w\s.,;:!?'’\"%&+=°$£€/-]")
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)]*(?=\s|$)")
_GAP: Final = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[^\sa-z])|(?<=:)\s+")
_TITLE: Final = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Mt|Prof|Capt|Gen|Col|Sgt|Rev)\.$")
"""What ends with a full stop and ends no sentence: "Dr. Smith", "J. K. Rowling"."""


def prepare(text: str) -> str:
    """The text as the voice may have it: one line, no markup, at most `MAX_CHARACTERS`, cut between sentences.

    The voice reads `[word](/phonemes/)` as an instruction, and a learner's own sentence is no instruction.
    """
    plain = _SPEAKABLE.sub(" ", unicodedata.normalize("NFKC", text).replace("_", " "))
    line = " ".join(plain.split())
    if len(line) > MAX_CHARACTERS:
        line = _cut(line)
    return line if _has_words(line) else ""


def phrases(line: str) -> tuple[str, ...]:
    """What can be said for itself, in order: each sentence, and what comes before and after a colon.

    A reader pauses at a colon, and the coach puts the word that changes after one: "Say it slowly with me: ship."
    """
    found, start = [], 0
    for gap in _GAP.finditer(line):
        if _TITLE.search(line, start, gap.start()) is None:
            found.append(line[start : gap.start()])
            start = gap.end()
    found.append(line[start:])
    return tuple(phrase for phrase in found if _has_words(phrase))


def _cut(line: str) -> str:
    head = line[:MAX_CHARACTERS]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    return head[: ends[-1]] if ends else head.rsplit(" ", 1)[0]


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
