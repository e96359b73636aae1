"""Which frames are searched, and that the others would have made no difference."""

from hypothesis import given
from hypothesis import strategies as st

from posteriors import COSTS, hearing, noise_posteriors, said, sentence_of
from sounditout.analysis.align import AlignedPhoneme, Alignment, align
from sounditout.analysis.telling import telling_frames

CAT_SAT = sentence_of([("DH", "AH")], [("K", "AE", "T")], [("S", "AE", "T")])
SPOKEN = ("DH _ AH _", "K _ AE _ T _", "S _ AE _ T _")


def told(text: str) -> list[int]:
    return telling_frames(said(text).log_probs).tolist()


def test_of_a_silence_the_first_frame_is_kept() -> None:
    assert told("K . . . . T") == [0, 1, 2, 6, 7]


def test_what_may_be_a_sound_is_kept() -> None:
    assert told("K _ _ _ _ T") == list(range(8))
    assert len(telling_frames(noise_posteriors(50, 1))) == 50


def test_what_counts_as_a_silence_can_be_chosen() -> None:
    log_probs = said("K _ _ _ _ T").log_probs
    assert telling_frames(log_probs, quiet_from=0.5).tolist() == [0, 1, 2, 6, 7]


def test_of_a_recording_of_nothing_a_frame_is_left() -> None:
    silent = hearing(["."] * 9).log_probs
    assert telling_frames(silent).tolist() == [0]
    assert telling_frames(silent[:1]).tolist() == [0]


@given(st.lists(st.integers(2, 60), min_size=4, max_size=4), st.integers(0, 3))
def test_the_length_of_a_silence_moves_what_follows_and_nothing_else(pauses: list[int], skipped: int) -> None:
    """Also when a word is left out (3: none is): it was said in no silence, however long."""
    read = [word for index, word in enumerate(SPOKEN) if index != skipped]
    labels = ["_", *_with_pauses(read, pauses).split()]

    short, long = (align(said(_with_pauses(read, lengths)), CAT_SAT, COSTS) for lengths in ([2] * 4, pauses))

    assert long.strays == short.strays == ()
    for one, other in zip(_sounds(short), _sounds(long), strict=True):
        assert (one.fate, one.heard, one.alternative) == (other.fate, other.heard, other.alternative)
        assert abs(one.margin - other.margin) < 0.1
        assert other.fate != "said" or labels[other.peak] == other.expected


def _with_pauses(words: list[str], pauses: list[int]) -> str:
    return " ".join(f"{'. ' * pause}{word}" for pause, word in zip(pauses, [*words, ""], strict=False))


def _sounds(alignment: Alignment) -> list[AlignedPhoneme]:
    return [phoneme for word in alignment.words for phoneme in word.phonemes]
