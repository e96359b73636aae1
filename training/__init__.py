"""How the listening models were made: the phoneme head and the judge, trained and measured."""

import importlib.util
import sys
from pathlib import Path

# The training environment holds what training needs, not the server; the package is used from its source.
if importlib.util.find_spec("sounditout") is None:
    sys.path.append(str(Path(__file__).resolve().parent.parent / "backend" / "src"))
