"""Runs of real models that are told to end."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter

import numpy as np
import onnxruntime as ort
import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import SAMPLE_RATE
from sounditout.analysis.ports import Engines
from sounditout.analysis.sentence import parse_sentence
from sounditout.engines.onnx_runtime import open_session, run
from sounditout.errors import Cancelled
from sounditout.settings import Settings
from speech import joined, noise, speak

SOON = 0.5
"""Seconds; it takes 0.002 at rest."""
WHILE_IT_RUNS = 0.01
"""Seconds. The runs below take 0.1 and more."""
TEXT = "The little cat sat on the red mat."


@pytest.fixture(scope="module")
def encoder() -> ort.InferenceSession:
    return open_session(Settings().models_dir / "encoder.onnx")


def hear(session: ort.InferenceSession, seconds: float, stop: Cancellation | None = None) -> np.ndarray:
    return run(session, "embeddings", {"input_values": noise(seconds).samples[None]}, stop)


def seconds_to_hear(session: ort.InferenceSession, seconds: float) -> float:
    started = perf_counter()
    hear(session, seconds)
    return perf_counter() - started


def test_a_run_that_nobody_stops_is_like_any_other(encoder: ort.InferenceSession) -> None:
    found = hear(encoder, 1)

    assert found.shape[1] == 576
    assert np.array_equal(hear(encoder, 1, Cancellation()), found)


def test_a_run_that_is_stopped_already_does_not_begin(encoder: ort.InferenceSession) -> None:
    stop = Cancellation()
    stop.request()

    with pytest.raises(Cancelled):
        hear(encoder, 15, stop)


def test_a_run_that_goes_on_is_stopped_from_another_thread(
    encoder: ort.InferenceSession, capfd: pytest.CaptureFixture[str]
) -> None:
    stop = Cancellation()
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(hear, encoder, 15, stop)
        with suppress(TimeoutError):
            going_on.exception(timeout=WHILE_IT_RUNS)
        asked = perf_counter()
        stop.request()
        assert isinstance(going_on.exception(timeout=10), Cancelled)
        took = perf_counter() - asked
    assert took < SOON or took < seconds_to_hear(encoder, 15) / 4, "a busy machine is as slow with the whole"
    assert capfd.readouterr().err == "", "ONNX Runtime calls it an error"


def test_the_second_opinion_is_stopped_inside_the_branch_of_its_model(
    engines: Engines, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = parse_sentence(" ".join([TEXT] * 8), engines.pronouncer, 300)
    hearing = engines.recognizer.listen(joined(*[speak(TEXT)] * 20), shown, Cancellation())
    assert hearing.duration_seconds > 40

    stop = Cancellation()
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(engines.recognizer.second_opinion, hearing, shown, stop)
        with suppress(TimeoutError):
            going_on.exception(timeout=WHILE_IT_RUNS)
        stop.request()
        assert isinstance(going_on.exception(timeout=10), Cancelled)
    assert capfd.readouterr().err == ""


def test_a_model_that_fails_has_not_been_cancelled(encoder: ort.InferenceSession) -> None:
    with pytest.raises(Exception, match="Invalid input shape") as failed:
        hear(encoder, 10 / SAMPLE_RATE, Cancellation())
    assert not isinstance(failed.value, Cancelled)
