"""What the tests in the browser read aloud: recordings for a fake microphone, spoken by the bundled voice.

uv run --project backend python frontend/e2e/speech.py FOLDER NAME=TEXT…

Writes FOLDER/NAME.wav each: 48 kHz, 16 bit, mono, with half a second of silence before and after the words. No TEXT
is a second of silence.
"""

import asyncio
import io
import sys
import wave
from pathlib import Path
from typing import Final

import av
import numpy as np

from sounditout.engines.hibari_speaker import HibariSpeaker

RATE: Final = 48_000
"""As a browser's own: nothing is resampled on the way."""
SILENCE_SECONDS: Final = 0.5
LOUDEST: Final = 0.5
"""Of full scale: a voice near a microphone."""
WHISPER: Final = "whisper"
"""What has this name is said from far away."""
FARAWAY: Final = 0.01


def main(folder: Path, said: dict[str, str]) -> None:
    """Write one file for each name."""
    folder.mkdir(parents=True, exist_ok=True)
    speaker = HibariSpeaker()
    for name, text in said.items():
        loudest = FARAWAY if name == WHISPER else LOUDEST
        voice = samples_of(asyncio.run(speaker.speak(text)).data, loudest) if text else np.zeros(RATE, np.int16)
        write(folder / f"{name}.wav", voice)


def samples_of(audio: bytes, loudest: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """The samples of an audio file, as loud as `loudest` (of full scale), with silence around them."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(io.BytesIO(audio), "r") as source:
        frames = [frame for whole in source.decode(audio=0) for frame in resampler.resample(whole)]
    frames += resampler.resample(None)
    voice = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    silence = np.zeros(int(RATE * SILENCE_SECONDS))
    loud = voice * (loudest / max(float(np.abs(voice).max()), 1e-9))
    return (np.concatenate([silence, loud, silence]) * 32_767).astype(np.int16)


def write(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> None:
    """Save samples as WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), dict(argument.split("=", 1) for argument in sys.argv[2:]))
