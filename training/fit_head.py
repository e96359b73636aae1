"""Fit the phoneme head with CTC on what should have been said."""

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sounditout.analysis.models import Pronunciation
from sounditout.analysis.phonemes import BLANK, INDEX
from training.head import PhonemeHead

log = logging.getLogger(__name__)

Float16 = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance to learn from: encoder frames of each augmented copy, and the phonemes said."""

    copies: tuple[Float16, ...]
    """Each of shape (frames, 2 · 288). One is drawn at random every epoch."""
    phonemes: Pronunciation


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train; the defaults are what the committed head was made with."""

    epochs: int = 14
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: float = 0.1
    """Fraction of all steps."""
    channels: int = 192
    dropout: float = 0.35
    masks: int = 3
    """Stretches of frames blanked out per utterance, so that neighbours must be used."""
    mask_frames: int = 8
    mask_fraction: float = 0.15
    """A mask is never longer than this part of the utterance."""
    noise: float = 0.1
    """Relative to the spread of the embeddings."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    frames: Tensor
    lengths: Tensor
    targets: Tensor
    target_lengths: Tensor


def fit_head(examples: Sequence[Example], recipe: Recipe) -> tuple[PhonemeHead, list[float]]:
    """Train; returns the head in evaluation mode and the mean loss of each epoch."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    head = PhonemeHead(recipe.channels, recipe.dropout)
    steps = recipe.epochs * math.ceil(len(examples) / recipe.batch_size)
    optimizer = torch.optim.AdamW(head.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_at(step / steps, recipe.warm_up))
    losses = []
    for epoch in range(recipe.epochs):
        head.train()
        losses.append(run_epoch(head, batches(examples, recipe, rng), optimizer, schedule))
        log.info("epoch %d: loss %.3f", epoch + 1, losses[-1])
    return head.eval(), losses


def rate_at(progress: float, warm_up: float) -> float:
    """Learning rate over training: a straight rise, then half a cosine."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm_up) / (1 - warm_up))))


def run_epoch(
    head: PhonemeHead,
    epoch: Iterator[Batch],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> float:
    """One pass; the mean loss per phoneme."""
    criterion = nn.CTCLoss(blank=BLANK, zero_infinity=True)
    losses = []
    for batch in epoch:
        log_probs = head(batch.frames).transpose(0, 1)
        loss = criterion(log_probs, batch.targets, batch.lengths, batch.target_lengths)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses))


def batches(examples: Sequence[Example], recipe: Recipe, rng: np.random.Generator) -> Iterator[Batch]:
    """Shuffled batches of utterances of similar length, which wastes little on padding."""
    lengths = np.array([len(one.copies[0]) for one in examples])
    order = np.argsort(lengths * rng.uniform(0.85, 1.15, len(lengths)))
    groups = [order[i : i + recipe.batch_size] for i in range(0, len(order), recipe.batch_size)]
    rng.shuffle(groups)
    for group in groups:
        yield collate([examples[i] for i in group], recipe, rng)


def collate(examples: Sequence[Example], recipe: Recipe, rng: np.random.Generator) -> Batch:
    """Pad one batch and spoil it a little."""
    chosen = [spoil(one.copies[rng.integers(len(one.copies))].astype(np.float32), recipe, rng) for one in examples]
    targets = [torch.tensor([INDEX[phoneme] for phoneme in one.phonemes]) for one in examples]
    return Batch(
        frames=nn.utils.rnn.pad_sequence([torch.from_numpy(frames) for frames in chosen], batch_first=True),
        lengths=torch.tensor([len(frames) for frames in chosen]),
        targets=torch.cat(targets),
        target_lengths=torch.tensor([len(target) for target in targets]),
    )


def spoil(frames: NDArray[np.float32], recipe: Recipe, rng: np.random.Generator) -> NDArray[np.float32]:
    """Add noise and blank out a few stretches, in a copy."""
    noise = rng.standard_normal(frames.shape, dtype=np.float32)
    spoiled = frames + noise * np.float32(recipe.noise * frames.std())
    longest = max(1, min(recipe.mask_frames, int(recipe.mask_fraction * len(frames))))
    for _ in range(recipe.masks):
        start = rng.integers(len(frames))
        spoiled[start : start + rng.integers(1, longest + 1)] = 0
    return spoiled
