"""How well the committed models listen, on speakers that nothing was fitted to.

    python -m training.evaluate --corpus PATH [--models DIR] [--output FILE.json]

Prints Markdown. *Caught*: miscues shown as misread or left out. *False alarms*: words read well and
shown so. In brackets: 95 % confidence intervals, by drawing speakers with replacement. The speakers are
not native and some of their "clean" readings are not: false alarms are counted as if they all were.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from sounditout.analysis.models import Hearing
from sounditout.analysis.verdict import packaged_judge
from sounditout.engines.moonshine_phonemes import PhonemeHeadSession, packaged_head
from training.cases import Case, CaseMaker
from training.corpus import read_corpus, split_speakers, spoken_by
from training.features import clean, encode
from training.listening import Listener, own_alignments
from training.options import add_corpus_options, start_logging
from training.outcomes import Addition, Outcome, outcomes_of
from training.tables import as_markdown, figures
from training.voice_cases import voice_cases


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_corpus_options(parser)
    parser.add_argument("--output", type=Path, help="write every figure as JSON as well")
    options = parser.parse_args()
    start_logging()
    outcomes, additions = judged(options.corpus, options.models)
    report = figures(outcomes, additions)
    sys.stdout.write(as_markdown(report))
    if options.output:
        options.output.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def judged(corpus: Path, models: Path) -> tuple[list[Outcome], list[Addition]]:
    """Every case of the report speakers, judged by what is in the package."""
    judge = packaged_judge()
    pairs = [outcomes_of(case, hearing, judge) for case, hearing in report_cases(corpus, models)]
    return [one for outcomes, _ in pairs for one in outcomes], [addition for _, addition in pairs]


def report_cases(corpus: Path, models: Path) -> Iterator[tuple[Case, Hearing]]:
    """Every kind of case from every utterance of the speakers kept for the report."""
    everybody = read_corpus(corpus)
    utterances = spoken_by(everybody, split_speakers(everybody).report)
    listener, head = Listener(models), PhonemeHeadSession(packaged_head())
    frames = {one.id: encode(listener.encoder, clean(one)) for one in utterances}
    maker = CaseMaker(utterances, own_alignments(utterances, frames, head, packaged_judge().costs))
    for utterance in utterances:
        for case in maker.cases(utterance):
            yield case, listener.hear(case, head, frames[utterance.id])
    for case in voice_cases([one.words for one in utterances]):
        yield case, listener.hear(case, head)


if __name__ == "__main__":
    sys.exit(main())
