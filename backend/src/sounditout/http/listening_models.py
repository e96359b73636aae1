"""The models with which a browser can listen for itself, as files that never change under their address."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

ModelName = Literal["encoder", "phoneme_head"]
PREFIX: Final = "/models/"
_HEAD: Final = Path(__file__).parents[1] / "engines" / "assets" / "phoneme_head.onnx"
_ADDRESS_DIGITS: Final = 16
"""Of the SHA-256: enough to tell all versions there will ever be apart."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model, as it is on the disk just now."""

    name: ModelName
    path: Path
    bytes: int
    sha256: str
    """Hexadecimal."""

    @property
    def filename(self) -> str:
        """Another one for every other content."""
        return f"{self.name}-{self.sha256[:_ADDRESS_DIGITS]}.onnx"

    @property
    def url(self) -> str:
        return PREFIX + self.filename

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


class ListeningModels:
    """What a browser may have: the encoder that set-up prepared, and the phoneme head that comes with the package.

    Args:
        models_dir: where set-up put the encoder.
    """

    def __init__(self, models_dir: Path) -> None:
        self._paths: Mapping[ModelName, Path] = {"encoder": models_dir / "encoder.onnx", "phoneme_head": _HEAD}

    def found(self) -> list[ModelFile]:
        """Those that are there. Blocks: reads each file once, 10 MB in 10 ms, and again when it was replaced."""
        return [_look_at(name, path) for name, path in self._paths.items() if path.is_file()]

    def named(self, filename: str) -> ModelFile | None:
        """The one with this `filename`; None for an older version, and for anything else. Blocks."""
        return next((model for model in self.found() if model.filename == filename), None)


def _look_at(name: ModelName, path: Path) -> ModelFile:
    now = path.stat()
    return ModelFile(name, path, now.st_size, _sha256(path, now.st_size, now.st_mtime_ns))


@lru_cache(maxsize=8)
def _sha256(path: Path, size: int, modified_ns: int) -> str:
    """Of a file that is known by its size and the time of its last change."""
    del size, modified_ns
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
