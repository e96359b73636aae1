"""Figures as they are printed and kept."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """A sample of one quantity, in the unit its name says."""

    median: float
    p95: float
    largest: float
    count: int

    def __str__(self) -> str:
        return f"median {self.median:.1f}, p95 {self.p95:.1f}, largest {self.largest:.1f} (of {self.count})"


def summarise(by_name: Mapping[str, list[float]]) -> dict[str, Figure]:
    """One figure per list."""
    return {name: figure(values) for name, values in by_name.items()}


def figure(values: list[float]) -> Figure:
    """Median, 95th percentile and maximum of a sample that is not empty."""
    return Figure(float(np.median(values)), float(np.percentile(values, 95)), max(values), len(values))


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def write_json(path: str, content: Mapping[str, object]) -> None:
    """Keep the figures for a page or a comparison."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(content, default=_plain, indent=2) + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is no figure")
