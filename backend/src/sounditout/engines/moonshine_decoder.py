"""A second opinion: would the Moonshine decoder have written the shown words?

The decoder reads the sentence as if it had written it (teacher forcing, one pass) and is asked before
every token how much rather it would have written another. Spelling counts, so the tokens that differ
only in capitals are one, and punctuation and digits are no rivals of a word.
"""

from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import Evidence, Float32, Sentence, Word
from sounditout.engines.moonshine_tokenizer import WORD_START, WordTokenizer
from sounditout.engines.onnx_runtime import run

START: Final = 1
END: Final = 2
LAYERS: Final = 6
HEADS: Final = 8
HEAD_SIZE: Final = 36


class ReadingDecoder:
    """Thread-safe: one session, no state between calls."""

    def __init__(self, session: ort.InferenceSession, tokenizer: WordTokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._twins = _case_twins(tokenizer.pieces)
        vocabulary = int(session.get_outputs()[0].shape[-1])
        self._is_rival = np.zeros(vocabulary, np.bool_)
        self._is_rival[: len(tokenizer.pieces)] = [_is_word_piece(piece) for piece in tokenizer.pieces]
        self._is_rival[END] = True
        self._no_past = _no_past()

    def evidence(
        self, encoded: Float32, sentence: Sentence, stop: Cancellation | None = None
    ) -> tuple[Evidence, ...]:
        """One opinion per word.

        Args:
            encoded: (frames, 288), the encoder's last layer.
            sentence: what was to be read.
            stop: may be requested by any thread; None: nobody will.

        Raises:
            Cancelled: `stop` was requested.
        """
        words = [self._tokens(word, first=place == 0) for place, word in enumerate(sentence.words)]
        shown = np.array([token for word in words for token in word], np.int64)
        margins = self._margins(self._logits(encoded, shown, stop), shown)
        ends = np.cumsum([len(word) for word in words])
        parts = np.split(margins, ends[:-1])
        return tuple(Evidence(tuple(float(margin) for margin in part)) for part in parts)

    def _tokens(self, word: Word, *, first: bool) -> tuple[int, ...]:
        """Write the word as Moonshine would: numbers in letters, names as shown, one capital at the start."""
        is_shouted = len(word.text) > 1 and word.text.isupper()
        written = word.text if word.text.lower() == word.spoken and not is_shouted else word.spoken
        if first:
            written = written[:1].upper() + written[1:]
        return tuple(token for part in written.split() for token in self._tokenizer.encode(part))

    def _logits(self, encoded: Float32, shown: NDArray[np.int64], stop: Cancellation | None) -> Float32:
        """(tokens, vocabulary): before each shown token, what the decoder would write."""
        inputs: dict[str, NDArray[Any]] = {
            "input_ids": np.concatenate([[START], shown[:-1]])[None, :].astype(np.int64),
            "encoder_hidden_states": encoded[None],
            "use_cache_branch": np.array([False]),
            **self._no_past,
        }
        return run(self._session, "logits", inputs, stop)

    def _margins(self, logits: Float32, shown: NDArray[np.int64]) -> Float32:
        """log p(best) − log p(shown), ≥ 0; capitals do not matter."""
        scores = np.zeros(len(shown), np.float32)
        for place, token in enumerate(shown):
            row = logits[place]
            agreed = row[self._twins.get(int(token), [int(token)])].max()
            rivals = np.where(self._is_rival, row, -np.inf)
            if place == 0:
                # An empty transcript is the decoder's way of giving up, not an opinion about the word.
                rivals[END] = -np.inf
            scores[place] = max(0.0, float(rivals.max() - agreed))
        return scores


def _case_twins(pieces: tuple[str, ...]) -> dict[int, list[int]]:
    """Token → all tokens that differ from it only in capitals, itself included."""
    groups: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        groups.setdefault(piece.lower(), []).append(number)
    return {number: group for group in groups.values() if len(group) > 1 for number in group}


def _is_word_piece(piece: str) -> bool:
    return not piece.startswith("<") and any(character.isalpha() for character in piece.removeprefix(WORD_START))


def _no_past() -> dict[str, Float32]:
    """Empty caches: the merged decoder wants them even when it does not look at them."""
    empty = np.zeros((1, HEADS, 0, HEAD_SIZE), np.float32)
    return {
        f"past_key_values.{layer}.{side}.{kind}": empty
        for layer in range(LAYERS)
        for side in ("decoder", "encoder")
        for kind in ("key", "value")
    }
