"""What is committed: the head's file and the judge's."""

from collections.abc import Sequence
from typing import Final

from sounditout.analysis.trellis import Costs
from sounditout.analysis.verdict import Judge
from training.fit_judge import BOTH_FEATURES, DECODER_FEATURES, GRAPH_FEATURES, fit_opinion
from training.options import HERE
from training.rows import Row

PACKAGE: Final = HERE / "backend" / "src" / "sounditout"
HEAD_FILE: Final = PACKAGE / "engines" / "assets" / "phoneme_head.onnx"
JUDGE_FILE: Final = PACKAGE / "analysis" / "verdict.json"

COSTS: Final = Costs(substitute=4.5, omit=4.5, skip_sound=2.5, garbage=2.0, insert=4.5)
"""4 to 5 nats per miscue were best on real misreadings; sound between words must be cheaper, or added words
are forced into their neighbours."""
OMITTED_FRACTION: Final = 0.6
STRAY_SOUNDS: Final = 2
FALSE_ALARMS: Final = 0.06
"""Nominal, per word read well by readers the head has not heard. The heads of the folds have learned from half of
the speakers; the committed one, which has learned from all, raises a third fewer."""


def make_judge(rows: Sequence[Row], head: str, fitted: str) -> Judge:
    """Fit all three opinions."""
    return Judge(
        fitted=fitted,
        head=head,
        substitute_cost=COSTS.substitute,
        omit_cost=COSTS.omit,
        skip_sound_cost=COSTS.skip_sound,
        garbage_cost=COSTS.garbage,
        insert_cost=COSTS.insert,
        omitted_fraction=OMITTED_FRACTION,
        stray_sounds=STRAY_SOUNDS,
        both=fit_opinion(rows, BOTH_FEATURES, FALSE_ALARMS),
        graph=fit_opinion(rows, GRAPH_FEATURES, FALSE_ALARMS),
        decoder=fit_opinion(rows, DECODER_FEATURES, FALSE_ALARMS),
    )
