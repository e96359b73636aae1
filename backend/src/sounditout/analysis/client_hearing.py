"""What a browser heard for itself, turned into the same type our own ears produce.

The browser's phonemes become posteriors that are all but certain, so that one aligner and one scorer
judge every reading, wherever it was listened to.
"""

from typing import Final

import numpy as np

from sounditout.analysis.models import ClientHearing, Float32, Hearing, Pronunciation, RecognizerInfo
from sounditout.analysis.phonemes import BLANK, CLASSES, INDEX
from sounditout.errors import InvalidMessage, NoSpeech

CLIENT_RECOGNIZER: Final = RecognizerInfo(name="browser", version="1")

MAX_CLIENT_WORDS: Final = 200
"""Words in 60 s at 200 words a minute, faster than anyone reads aloud while learning."""
MAX_WORD_PHONEMES: Final = 40
"""The longest English words have about 30."""
MAX_TEXT_CHARACTERS: Final = 100
"""No written word is longer."""

_CERTAIN: Final = 0.99
"""Probability of the phoneme a browser names; the rest is spread evenly, so that no path has probability 0."""


def read_client_hearing(phonemes: object, words: object = None) -> ClientHearing:
    """Check what a browser sent.

    Args:
        phonemes: a list with one list of ARPAbet symbols per word that was read; stress digits are dropped.
        words: the same words as text, or None.

    Raises:
        InvalidMessage: it is not that.
        NoSpeech: it is that, and the browser heard nothing.
    """
    if not isinstance(phonemes, list) or len(phonemes) > MAX_CLIENT_WORDS:
        raise InvalidMessage(
            f"client_phonemes must be a list of at most {MAX_CLIENT_WORDS} lists of ARPAbet symbols."
        )
    heard = tuple(_pronunciation(word) for word in phonemes)
    if not any(heard):
        raise NoSpeech
    return ClientHearing(heard, None if words is None else _texts(words))


def _pronunciation(word: object) -> Pronunciation:
    if not isinstance(word, list) or len(word) > MAX_WORD_PHONEMES:
        raise InvalidMessage(f"Every word in client_phonemes must be a list of at most {MAX_WORD_PHONEMES} symbols.")
    return tuple(_phoneme(symbol) for symbol in word)


def _phoneme(symbol: object) -> str:
    name = symbol.rstrip("012") if isinstance(symbol, str) else ""
    if name not in INDEX:
        raise InvalidMessage("client_phonemes holds a symbol that is not ARPAbet.")
    return name


def _texts(words: object) -> tuple[str, ...]:
    if not isinstance(words, list) or len(words) > MAX_CLIENT_WORDS:
        raise InvalidMessage(f"client_words must be a list of at most {MAX_CLIENT_WORDS} words.")
    for word in words:
        if not isinstance(word, str) or len(word) > MAX_TEXT_CHARACTERS:
            raise InvalidMessage("client_words must hold words.")
    return tuple(words)


def hearing_from_client(client: ClientHearing, duration_seconds: float) -> Hearing:
    """Posteriors for `client`: one frame per phoneme, a blank before, between and after, and no time axis."""
    phonemes = [phoneme for word in client.phonemes for phoneme in word]
    return Hearing(log_probs=certain_posteriors(phonemes), seconds_per_frame=None, duration_seconds=duration_seconds)


def certain_posteriors(phonemes: list[str]) -> Float32:
    """CTC log-probabilities, shape (2 · phonemes + 1, CLASSES), that say exactly `phonemes`."""
    frames = 2 * len(phonemes) + 1
    probabilities = np.full((frames, CLASSES), (1 - _CERTAIN) / (CLASSES - 1), np.float32)
    probabilities[::2, BLANK] = _CERTAIN
    probabilities[np.arange(1, frames, 2), [INDEX[phoneme] for phoneme in phonemes]] = _CERTAIN
    log_probabilities: Float32 = np.log(probabilities)
    return log_probabilities
