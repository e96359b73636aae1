"""Command-line options that all commands share."""

import argparse
import logging
import os
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent.parent


def add_corpus_options(parser: argparse.ArgumentParser) -> None:
    """`--corpus`, `--models`, `--work`."""
    models = Path(os.environ.get("SOUNDITOUT_MODELS_DIR") or HERE / "models")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with manifest.tsv and audio/")
    parser.add_argument("--models", type=Path, default=models, help=f"prepared models (default {models})")
    parser.add_argument("--work", type=Path, default=HERE / "data" / "training", help="where frames are kept")


def start_logging() -> None:
    """Progress on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
