"""Cases read by the bundled voice: a native speaker who misreads exactly as told.

The voice is synthetic, and the head has learned from other sentences that it read. That makes it a poor
measure of people and a good check that clear American speech raises few alarms.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sounditout.analysis.function_words import FUNCTION_WORDS
from training.cases import Case
from training.corpus import VOICE, Utterance
from training.features import repeatable
from training.spoken import StressedPhonemes, misread, say, stressed, unstressed
from training.wordplay import Entry, accepted, distance, sentence_of

ADULT: Final = 30


def voice_cases(sentences: Sequence[tuple[str, ...]]) -> Iterator[Case]:
    """Each different sentence that the dictionary knows, read well, and with one sound of one word wrong."""
    for number, words in enumerate(dict.fromkeys(sentences)):
        known = [stressed(word) for word in words]
        phonemes = [one for one in known if one is not None]
        if len(phonemes) == len(words):
            yield from _cases(f"{VOICE}{number}", words, phonemes)


def _cases(name: str, words: tuple[str, ...], phonemes: list[StressedPhonemes]) -> Iterator[Case]:
    rng = repeatable(name)
    plain = tuple(unstressed(one) for one in phonemes)
    utterance = Utterance(name, name, ADULT, words, plain, Path(name))
    sentence = sentence_of([Entry(*pair) for pair in zip(words, plain, strict=True)])
    yield Case("clean", utterance, sentence, say(phonemes, rng).samples)
    content = [place for place, word in enumerate(words) if word not in FUNCTION_WORDS]
    if not content:
        return
    place = int(rng.choice(content))
    wrong = wrong_word(words[place], phonemes[place], rng)
    changed = [*phonemes[:place], wrong, *phonemes[place + 1 :]]
    yield Case("voice", utterance, sentence, say(changed, rng).samples, changed=place, said=unstressed(wrong))


def wrong_word(word: str, phonemes: StressedPhonemes, rng: np.random.Generator) -> StressedPhonemes:
    """The word with a wrong sound that is not another accepted way to say it."""
    while True:
        wrong = misread(phonemes, rng)
        if all(distance(unstressed(wrong), one) > 0 for one in accepted(word)):
            return wrong
