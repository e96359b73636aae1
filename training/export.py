"""The head as an ONNX file, checked against the network it came from."""

import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import torch

from sounditout.analysis.models import Float32
from sounditout.engines.moonshine_phonemes import PhonemeHeadSession
from training.head import LAYER_SIZE, LAYERS, PhonemeHead

OPSET: Final = 17
CLOSE: Final = 1e-3
"""Largest difference in log-probability between the two; float32 sums in another order make about 1e-5."""


class ExportFailed(Exception):
    """The ONNX file does not do what the network does."""


def export_head(head: PhonemeHead) -> bytes:
    """Serialise: `embeddings` (1, frames, 576) → `log_probs` (1, frames, 40).

    Raises:
        ExportFailed: the file gives other numbers.
    """
    example = torch.zeros(1, 100, LAYERS * LAYER_SIZE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.onnx"
        _export(head.eval(), example, path)
        model = path.read_bytes()
    check(model, head)
    return model


def _export(head: PhonemeHead, example: torch.Tensor, path: Path) -> None:
    torch.onnx.export(
        head,
        (example,),
        path,
        input_names=["embeddings"],
        output_names=["log_probs"],
        dynamic_axes={"embeddings": {1: "frames"}, "log_probs": {1: "frames"}},
        opset_version=OPSET,
        dynamo=False,
    )


def check(model: bytes, head: PhonemeHead) -> None:
    """Compare on noise of a length the export did not see."""
    noise = np.random.default_rng(0).normal(0, 10, (57, LAYERS * LAYER_SIZE)).astype(np.float32)
    worst = float(np.abs(PhonemeHeadSession(model).log_probs(noise) - torch_log_probs(head, noise)).max())
    if worst > CLOSE:
        raise ExportFailed(f"the exported head differs by {worst:.2g}")


def torch_log_probs(head: PhonemeHead, embeddings: Float32) -> Float32:
    """What the network itself says, (frames, 40)."""
    with torch.no_grad():
        found: Float32 = head(torch.from_numpy(embeddings)[None])[0].numpy()
    return found
