"""Which figures, labels and values of labels an expression for Prometheus asks for, beside those that there are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from sounditout.telemetry.metrics import BOUNDS_SECONDS, Metrics

PREFIX: Final = "sounditout_"
_SELECTOR: Final = re.compile(r"\b(sounditout_\w+)(?:\{([^}]*)\})?")
_MATCHER: Final = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING: Final = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_FROM_SCRAPING: Final = {"job", "instance"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure in an expression."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]
    """(label, operator, value)"""


def asked(expression: str) -> Iterator[Asked]:
    """Every figure of ours in an expression."""
    for name, matchers in _SELECTOR.findall(expression):
        yield Asked(name, tuple(_MATCHER.findall(matchers)))


def grouped_by(expression: str) -> set[str]:
    """Every label that the expression groups or joins by."""
    return {label.strip() for labels in _GROUPING.findall(expression) for label in labels.split(",")} - {""}


def exported() -> dict[str, set[str]]:
    """What the server exports: the name of every time series, and its labels."""
    series: dict[str, set[str]] = {}
    for figure in vars(Metrics()).values():
        if isinstance(figure, Counter | Gauge | Histogram):
            series |= _series(figure)
    return series


def _series(figure: Counter | Gauge | Histogram) -> dict[str, set[str]]:
    (family,) = figure.describe()
    labels = {*figure._labelnames}
    match family.type:
        case "counter":
            return {f"{family.name}_total": labels}
        case "histogram":
            return {
                f"{family.name}_bucket": {*labels, "le"},
                f"{family.name}_count": labels,
                f"{family.name}_sum": labels,
            }
        case _:
            return {family.name: labels}


def problems(expression: str) -> list[str]:
    """What an expression asks for that the server does not export."""
    known, found, labels = exported(), [], set(_FROM_SCRAPING)
    for one in asked(expression):
        if one.name not in known:
            found.append(f"no figure {one.name}")
            continue
        labels |= known[one.name]
        for label, operator, value in one.matchers:
            if label not in known[one.name] | _FROM_SCRAPING:
                found.append(f"{one.name} has no label {label}")
            if label == "le" and operator == "=" and float(value) not in BOUNDS_SECONDS:
                found.append(f"{one.name} has no bound {value}")
    return [*found, *(f"nothing has a label {label}" for label in sorted(grouped_by(expression) - labels))]


def left_out(expression: str, label: str) -> list[set[str]]:
    """The values of a label, wherever the expression leaves some out."""
    return [
        set(value.split("|"))
        for one in asked(expression)
        for name, operator, value in one.matchers
        if (name, operator) == (label, "!~")
    ]
