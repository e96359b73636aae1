"""ONNX Runtime as the engines use it: models on the CPU, and runs that end when they are asked to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import Float32
from sounditout.errors import Cancelled

_ERRORS: Final = 3
_NOTHING: Final = 4
"""Severities from which ONNX Runtime writes to standard error. What goes wrong in a run is raised as well, and a run
that was told to end is no error."""
_TERMINATED: Final = "terminate flag"
"""In the message of a run that ended because it was told to; its type, `Fail`, says no more than that it did not end
well."""


def open_session(model: Path | bytes, *, threads: int = 1) -> ort.InferenceSession:
    """Load an ONNX model for the CPU, with so many threads per call."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(
    session: ort.InferenceSession,
    output: str,
    inputs: Mapping[str, NDArray[Any]],
    stop: Cancellation | None = None,
) -> Float32:
    """One output for a batch of one, without the dimension of the batch.

    The runtime looks between two operators whether it shall end: 2 ms after `stop` was requested (at most 20).

    Args:
        session: may be used by several threads at once.
        output: its name.
        inputs: by name, with the dimension of the batch.
        stop: may be requested by any thread; None: nobody will.

    Raises:
        Cancelled: `stop` was requested before the run was over.
    """
    options = ort.RunOptions()
    options.log_severity_level = _NOTHING

    def terminate() -> None:
        options.terminate = True

    stop = stop or Cancellation()
    try:
        with stop.watched_by(terminate):
            found: Float32 = session.run([output], inputs, options)[0][0]
    except Fail as error:
        if _TERMINATED in str(error):
            raise Cancelled(stage="listening") from error
        raise
    stop.check("listening")  # it may have come too late for the last operator
    return found
