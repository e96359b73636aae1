"""What `doctor` looks at. A check returns what it found, or raises `Failed` with what to do about it."""

import asyncio
import importlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import av
import httpx
import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.judge import judge
from sounditout.analysis.models import SAMPLE_RATE, ReadingReport, Waveform
from sounditout.analysis.ports import Engines, Speech
from sounditout.cli.codecs import CODECS, encode
from sounditout.cli.database import DatabaseStatus, database_status
from sounditout.cli.failure import CommandFailed, missing_models
from sounditout.cli.local import judge_limits, load_ears, local_recording
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.errors import SoundItOutError
from sounditout.settings import Settings
from sounditout.telemetry import tracing

_SENTENCE: Final = "The cat sat on the mat and saw a big red ship."
_TONE_HERTZ: Final = 440.0
_ANY_AUDIO: Final = DecodeLimits(min_seconds=0, max_seconds=60, max_bytes=10_000_000)


@dataclass(frozen=True, slots=True)
class Found:
    """All is well, or (with a remedy) well enough to work."""

    detail: str
    remedy: str | None = None


class Failed(Exception):
    """Something does not work.

    Attributes:
        detail: what.
        remedy: what to do about it.
    """

    def __init__(self, detail: str, remedy: str) -> None:
        self.detail = detail
        self.remedy = remedy
        super().__init__(detail)


Check = tuple[str, Callable[[], Found]]


def all_checks(settings: Settings, host: str, port: int) -> list[Check]:
    """Every check by its name, the cheap and fundamental ones first."""
    ears = cache(lambda: load_ears(settings))
    return [
        ("models", partial(check_models, settings, ears)),
        ("words", check_words),
        ("codecs", check_codecs),
        ("voice", check_voice),
        ("listening", partial(check_listening, settings, ears)),
        ("database", partial(check_database, settings)),
        ("web app", partial(check_web_app, settings)),
        ("traces", check_traces),
        ("port", partial(check_port, host, port)),
    ]


def check_models(settings: Settings, ears: Callable[[], Engines]) -> Found:
    """The recogniser's files are there and load."""
    remedy = "Run `make setup`, which prepares them, or set SOUNDITOUT_MODELS_DIR to their folder."
    missing = missing_models(settings)
    if missing:
        raise Failed(f"{', '.join(missing)} missing in {settings.models_dir}", remedy)
    try:
        info = ears().recognizer.info
    except CommandFailed as error:
        raise Failed(f"cannot be loaded: {error.__cause__}", remedy) from error
    return Found(f"{info.name} {info.version} from {settings.models_dir}")


def check_words() -> Found:
    """The dictionary knows a word, and the rules read one that is in none."""
    pronouncer = DictionaryPronouncer()
    known, read = pronouncer.pronounce("cat")[0], pronouncer.pronounce("blorp")[0]
    return Found(f"cat: {' '.join(known)}; by rule, blorp: {' '.join(read)}")


def check_codecs() -> Found:
    """Everything that browsers and phones record is decoded to what was encoded."""
    broken = {f"{codec} in {container}" for container, codec in CODECS if not _survives(container, codec)}
    if broken:
        raise Failed(
            f"cannot read {', '.join(sorted(broken))}", "Install PyAV again: `uv sync --reinstall-package av`."
        )
    return Found(f"PyAV {av.__version__}: " + ", ".join(f"{codec} in {container}" for container, codec in CODECS))


def _survives(container: str, codec: str) -> bool:
    time = np.arange(SAMPLE_RATE, dtype=np.float32) / SAMPLE_RATE
    tone = (0.5 * np.sin(2 * np.pi * _TONE_HERTZ * time)).astype(np.float32)
    try:
        heard = decode(encode(Waveform(tone), container, codec), _ANY_AUDIO).samples
    except (SoundItOutError, av.FFmpegError, ValueError):
        return False
    spectrum = np.abs(np.fft.rfft(heard[: SAMPLE_RATE // 2]))
    level = float(np.sqrt(np.mean(np.square(heard[2000:14_000]))))
    return abs(2 * int(spectrum.argmax()) - _TONE_HERTZ) < 4 and 0.3 < level < 0.4


def check_voice() -> Found:
    """The voice says a word that can be heard."""
    spoken = decode(_say("Hello.").data, _ANY_AUDIO)
    level = float(np.sqrt(np.mean(np.square(spoken.samples))))
    if spoken.seconds < 0.2 or level < 0.01:
        raise Failed(f"says nothing: {spoken.seconds:.1f} s at level {level:.3f}", "Install hibari-tts again.")
    return Found(f"says “Hello.” in {spoken.seconds:.1f} s")


def _say(text: str) -> Speech:
    from sounditout.engines.hibari_speaker import HibariSpeaker

    speaker = HibariSpeaker(workers=1)
    try:
        return asyncio.run(speaker.speak(text))
    finally:
        speaker.close()


def check_listening(settings: Settings, ears: Callable[[], Engines]) -> Found:
    """The voice reads a sentence and the recogniser hears every word of it."""
    try:
        engines = ears()
    except CommandFailed as error:
        raise Failed("cannot be tried without the models", "Mend `models` first.") from error
    recording = local_recording(_say(_SENTENCE).data, _SENTENCE)
    report = judge(recording, engines, judge_limits(settings), lambda _: None)
    wrong = [word.text for word in report.words if word.status != "correct"]
    if report.scores.accuracy < 80:
        raise Failed(
            f"{_summary(report)}; wrong: {', '.join(wrong)}", "The models do not fit together: prepare them again."
        )
    return Found(_summary(report))


def _summary(report: ReadingReport) -> str:
    right = sum(word.status == "correct" for word in report.words)
    return f"{right} of {len(report.words)} words of our own voice heard as right"


def check_database(settings: Settings) -> Found:
    """It answers, and its tables are ours; nothing is made or migrated."""
    remedy = "Set DATABASE_URL to a database that answers, and start it."
    try:
        status = database_status(settings.database_url)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise Failed(str(error).splitlines()[0], remedy) from error
    if status.missing_file is not None:
        return _check_folder(status.missing_file)
    if not status.is_known:
        raise Failed(
            f"{status.description} has tables of a newer version ({status.revision})",
            "Install the newer version of this program again.",
        )
    return Found(f"{status.description} answers, {_tables(status)}")


def _tables(status: DatabaseStatus) -> str:
    if status.revision is None:
        return "its tables are made at the first start"
    if status.revision == status.newest:
        return f"tables at {status.revision}"
    return f"tables at {status.revision} are brought to {status.newest} at the next start"


def _check_folder(file: Path) -> Found:
    folder = next(parent for parent in file.parents if parent.exists())
    if not os.access(folder, os.W_OK):
        raise Failed(f"{folder} cannot be written to", "Set DATABASE_URL, or give this user the folder.")
    return Found(f"{file} is made at the first start")


def check_web_app(settings: Settings) -> Found:
    """The pages are built."""
    if (settings.web_dir / "index.html").is_file():
        return Found(str(settings.web_dir))
    return Found(f"not built in {settings.web_dir}: only the API is served", "Run `make setup`.")


def check_traces() -> Found:
    """Whether they go where they are wanted."""
    where = tracing.endpoint()
    if where is None:
        return Found("nobody wants any")
    try:
        importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        return Found(f"wanted at {where}, but the extra for them is missing: {error}", tracing.REMEDY)
    return Found(f"go to {where}")


def check_port(host: str, port: int) -> Found:
    """Nobody else listens there."""
    try:
        with socket.create_server((host, port)):
            return Found(f"{host}:{port} is free")
    except OSError as error:
        if _is_ours(host, port):
            return Found(f"a Sound It Out server listens on {host}:{port}")
        raise Failed(f"{host}:{port}: {error.strerror or error}", "Serve on another --port.") from error


def _is_ours(host: str, port: int) -> bool:
    try:
        answer = httpx.get(f"http://{host}:{port}/healthz", timeout=1, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.is_success and "json" in answer.headers.get("content-type", "")
