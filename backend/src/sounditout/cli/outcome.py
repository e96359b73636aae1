"""What `analyze` has to show, wherever the reading was judged."""

from dataclasses import dataclass, field

from sounditout.analysis.events import Advice
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.ports import Speech


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done beside the report."""

    advice: bool
    speech: bool
    """Of the advice, which it needs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One judged reading."""

    report: ReadingReport
    advice: Advice | None = None
    speech: Speech | None = None
    timings: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage, and `total`."""
    warnings: tuple[str, ...] = ()
    """What failed without spoiling the rest."""
