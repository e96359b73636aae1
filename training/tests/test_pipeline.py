"""Frames → head → export → cases → judge → figures, on a few readings by the bundled voice. No corpus is needed."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sounditout.analysis.models import Float32
from sounditout.engines.moonshine_phonemes import PhonemeHeadSession, head_version
from training.assets import COSTS, make_judge
from training.augment import augment
from training.cases import KINDS, CaseMaker
from training.corpus import Utterance, load_audio, split_speakers
from training.export import export_head, torch_log_probs
from training.features import encode, repeatable
from training.fit_head import Example, Float16, Recipe, fit_head
from training.head import PhonemeHead
from training.listening import Listener, own_alignments
from training.options import HERE
from training.outcomes import outcomes_of
from training.rows import aligned_rows
from training.spoken import dictionary, misread, say, stressed, unstressed
from training.tables import as_markdown, figures

SENTENCES = (
    "the cat sat on the mat",
    "she can see a red ship",
    "my dog ran to the park",
    "we like to read good books",
    "the sheep sat in the sun",
    "he put the cup on the mat",
)
SPEAKERS = (("anna", 7), ("ben", 9), ("carla", 31), ("dan", 40))
RECIPE = Recipe(epochs=25, batch_size=6, channels=64, dropout=0.1)


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener(HERE / "models")


@pytest.fixture(scope="module")
def utterances(tmp_path_factory: pytest.TempPathFactory) -> list[Utterance]:
    folder = tmp_path_factory.mktemp("audio")
    return [utterance(name, age, text, folder) for name, age in SPEAKERS for text in SENTENCES]


def utterance(speaker: str, age: int, text: str, folder: Path) -> Utterance:
    words = tuple(text.split())
    rng = repeatable(speaker, text)
    reading = say([stressed(word) or () for word in words], rng)
    path = folder / f"{speaker}-{len(list(folder.iterdir()))}.wav"
    write_wav(path, reading.samples)
    return Utterance(path.stem, speaker, age, words, reading.words, path)


def write_wav(path: Path, samples: Float32) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def frames(listener: Listener, utterances: Sequence[Utterance]) -> dict[str, Float16]:
    return {one.id: encode(listener.encoder, load_audio(one.audio)) for one in utterances}


@pytest.fixture(scope="module")
def trained(utterances: Sequence[Utterance], frames: dict[str, Float16]) -> tuple[PhonemeHead, list[float]]:
    logging.basicConfig(level=logging.INFO)
    examples = [Example((frames[one.id],), tuple(p for word in one.phonemes for p in word)) for one in utterances]
    return fit_head(examples, RECIPE)


def test_the_loss_falls(trained: tuple[PhonemeHead, list[float]]) -> None:
    _, losses = trained

    assert losses[-1] < losses[0] / 2


def test_the_exported_head_is_the_trained_one(
    trained: tuple[PhonemeHead, list[float]], frames: dict[str, Float16]
) -> None:
    head, _ = trained
    session = PhonemeHeadSession(export_head(head))

    for one in list(frames.values())[:3]:
        embeddings = one.astype(np.float32)
        assert np.allclose(session.log_probs(embeddings), torch_log_probs(head, embeddings), atol=1e-3)


def test_cases_are_judged_and_counted(
    trained: tuple[PhonemeHead, list[float]],
    utterances: Sequence[Utterance],
    frames: dict[str, Float16],
    listener: Listener,
) -> None:
    model = export_head(trained[0])
    head = PhonemeHeadSession(model)
    maker = CaseMaker(utterances, own_alignments(utterances, frames, head, COSTS))
    heard = [(case, listener.hear(case, head, frames[one.id])) for one in utterances for case in maker.cases(one)]

    judge = make_judge(aligned_rows(heard, COSTS), head_version(model), "test")
    pairs = [outcomes_of(case, hearing, judge) for case, hearing in heard]
    report = figures([one for outcomes, _ in pairs for one in outcomes], [addition for _, addition in pairs])

    assert {case.kind for case, _ in heard} == set(KINDS)
    assert report["child"]["false alarms per read word"]["value"] < 0.15
    assert report["adult"]["caught: random"]["value"] > report["adult"]["false alarms per read word"]["value"]
    assert "caught: audio_near" in as_markdown(report)


def test_speakers_are_never_shared(utterances: Sequence[Utterance]) -> None:
    many = [
        Utterance(f"{speaker}", f"{speaker}", 8 if speaker % 2 else 30, ("a",), (("AH",),), Path("x"))
        for speaker in range(60)
    ]

    split = split_speakers(many)

    assert len(split.report) == 24
    assert not split.report & split.training
    assert not split.folds[0] & split.folds[1]
    assert split == split_speakers(many)


def test_augmentation_is_repeatable_and_keeps_the_length_within_the_speed() -> None:
    samples = say([("K", "AE1", "T")], repeatable("cat")).samples

    one, two = (augment(samples, repeatable("room")) for _ in range(2))

    assert np.array_equal(one, two)
    assert 0.85 < len(one) / len(samples) < 1.15


def test_a_misreading_changes_the_sounds() -> None:
    rng = repeatable("misread")
    word = stressed("cat")
    assert word is not None

    assert all(unstressed(misread(word, rng)) not in dictionary("cat") for _ in range(50))
