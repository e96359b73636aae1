"""The phoneme head: a small network on top of the frozen encoder."""

from typing import Final

import torch
from torch import Tensor, nn

from sounditout.analysis.phonemes import CLASSES

LAYER_SIZE: Final = 288
"""Width of one encoder layer; the head sees two of them side by side."""
LAYERS: Final = 2


class DilatedBlock(nn.Module):
    """Residual convolution over three frames, `dilation` apart."""

    def __init__(self, channels: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.convolution = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, frames: Tensor) -> Tensor:
        inner = self.convolution(self.norm(frames).transpose(1, 2)).transpose(1, 2)
        residual: Tensor = self.dropout(nn.functional.gelu(inner))
        return frames + residual


class PhonemeHead(nn.Module):
    """Encoder frames (batch, frames, 2 · 288) → CTC log-probabilities (batch, frames, 40)."""

    def __init__(self, channels: int = 192, dropout: float = 0.35) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(LAYER_SIZE) for _ in range(LAYERS))
        self.entry = nn.Linear(LAYERS * LAYER_SIZE, channels)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(DilatedBlock(channels, dilation, dropout) for dilation in (1, 2))
        self.exit = nn.Linear(channels, CLASSES)

    def forward(self, embeddings: Tensor) -> Tensor:
        layers = torch.split(embeddings, LAYER_SIZE, dim=-1)
        normed = torch.cat([norm(layer) for norm, layer in zip(self.norms, layers, strict=True)], dim=-1)
        frames = self.dropout(nn.functional.gelu(self.entry(self.dropout(normed))))
        for block in self.blocks:
            frames = block(frames)
        return nn.functional.log_softmax(self.exit(frames), dim=-1)
