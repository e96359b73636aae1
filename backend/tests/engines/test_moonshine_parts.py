"""Tokenizer, decoder and the cutting of long recordings, one by one."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.models import SAMPLE_RATE, Sentence, Waveform, Word
from sounditout.engines.moonshine_decoder import ReadingDecoder
from sounditout.engines.moonshine_encoder import (
    FRAME_SAMPLES,
    LONGEST_SECONDS,
    SPEECH_LEVEL,
    MoonshineEncoder,
    cut,
    last_layer,
    level,
    speech_level,
)
from sounditout.engines.moonshine_tokenizer import WordTokenizer
from sounditout.engines.onnx_runtime import open_session
from sounditout.settings import Settings
from speech import joined, noise, silence, speak
from thorough import examples


@pytest.fixture(scope="module")
def models() -> Path:
    return Path(Settings().models_dir)


@pytest.fixture(scope="module")
def tokenizer(models: Path) -> WordTokenizer:
    return WordTokenizer.load(models / "tokenizer.json")


@pytest.fixture(scope="module")
def encoder(models: Path) -> MoonshineEncoder:
    return MoonshineEncoder(models / "encoder.onnx")


@pytest.fixture(scope="module")
def decoder(models: Path, tokenizer: WordTokenizer) -> ReadingDecoder:
    return ReadingDecoder(open_session(models / "decoder.onnx"), tokenizer)


def sentence(text: str) -> Sentence:
    """Without pronunciations that mean anything: the decoder reads letters."""
    return Sentence(text, tuple(Word(one, one.lower(), (("AH",),)) for one in text.split()))


@pytest.mark.parametrize(("word", "ids"), [("grabbed", (2646, 1327, 287)), ("the", (278,)), ("The", (450,))])
def test_words_are_spelled_as_llama_spells_them(tokenizer: WordTokenizer, word: str, ids: tuple[int, ...]) -> None:
    assert tokenizer.encode(word) == ids


@given(word=st.text(min_size=1, max_size=12).filter(lambda text: " " not in text))
def test_every_word_can_be_spelled_and_read_back(tokenizer: WordTokenizer, word: str) -> None:
    pieces = [tokenizer.pieces[token] for token in tokenizer.encode(word)]

    raw = b"".join(bytes([int(one[3:5], 16)]) if one.startswith("<0x") else one.encode() for one in pieces)

    assert raw.decode() == "▁" + word


def test_the_tables_are_complete(models: Path) -> None:
    tables = json.loads((models / "tokenizer.json").read_text(encoding="utf-8"))

    assert len(tables["pieces"]) == 32_000
    assert all(len(pair) == 2 for pair in tables["merges"])


def test_the_decoder_agrees_with_what_was_said_and_not_with_what_was_not(
    encoder: MoonshineEncoder, decoder: ReadingDecoder
) -> None:
    encoded = last_layer(encoder.encode(speak("My brother has seven cats.")))

    right = decoder.evidence(encoded, sentence("My brother has seven cats"))
    wrong = decoder.evidence(encoded, sentence("My brother has eleven cats"))

    assert all(max(one.margins) < 1 for one in right)
    assert max(wrong[3].margins) > 5
    assert max(wrong[1].margins) < 1


def test_capitals_are_no_objection(encoder: MoonshineEncoder, decoder: ReadingDecoder) -> None:
    encoded = last_layer(encoder.encode(speak("My brother has seven cats.")))

    shouted = decoder.evidence(encoded, sentence("MY brother has Seven cats"))

    assert max(shouted[3].margins) < 1


def test_one_opinion_per_word_whatever_it_is_written_as(encoder: MoonshineEncoder, decoder: ReadingDecoder) -> None:
    encoded = last_layer(encoder.encode(speak("Twenty three cats.")))
    shown = Sentence("23 cats", (Word("23", "twenty three", (("AH",),)), Word("cats", "cats", (("AH",),))))

    (number, cats) = decoder.evidence(encoded, shown)

    assert max(number.margins) < 2
    assert max(cats.margins) < 2


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.5, 3.0])
def test_every_recording_has_frames(encoder: MoonshineEncoder, seconds: float) -> None:
    frames = encoder.encode(noise(seconds))

    assert 1 <= len(frames) <= seconds * SAMPLE_RATE / FRAME_SAMPLES + 1


@given(st.integers(1, 70), st.integers(0, 10))
@examples(10)
def test_cutting_loses_nothing(seconds: int, seed: int) -> None:
    samples = noise(seconds, seed=seed).samples

    pieces = cut(samples)

    assert np.array_equal(np.concatenate(pieces), samples)
    assert all(len(piece) <= LONGEST_SECONDS * SAMPLE_RATE for piece in pieces)
    assert all(len(piece) % FRAME_SAMPLES == 0 for piece in pieces[:-1])


def test_the_cut_is_made_in_a_pause() -> None:
    recording = joined(noise(12), silence(0.5), noise(10))

    first, _ = cut(recording.samples)

    assert 12 <= len(first) / SAMPLE_RATE <= 12.5


@pytest.mark.parametrize("gain", [0.001, 1.0, 5.0])
def test_speech_is_brought_to_one_level_without_clipping(gain: float) -> None:
    levelled = level((speak("The cat sat.").samples * np.float32(gain)).astype(np.float32))

    assert speech_level(levelled) == pytest.approx(SPEECH_LEVEL, rel=0.5)
    assert np.abs(levelled).max() <= 1


def test_silence_stays_silence() -> None:
    assert not level(np.zeros(1000, np.float32)).any()
    assert speech_level(Waveform(np.zeros(0, np.float32)).samples) == 0
