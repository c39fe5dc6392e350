"""The descent of a loss that both stages of tuning share; see benchmarks/tuner.py.

Torch is no dependency of Offhook: `uv pip install torch`.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from benchmarks.tuning_steps import rate_share

DECAY = 0.01
"""Weight decay."""
LONGEST_STEP = 1.0
"""Gradients are cut down to this length."""
PRINT_EVERY = 50
"""Steps."""

Step = TypeVar("Step")


@dataclass(frozen=True)
class Plan:
    """How long and how strongly to train."""

    rank: int
    rate: float
    epochs: float
    minutes: float
    seed: int


def descend(
    model: nn.Module,
    rates: Mapping[str, float],
    steps: Iterator[Step],
    count: int,
    loss: Callable[[Step], Tensor],
    minutes: float,
) -> list[float]:
    """Train for `count` steps, or until the minutes are over; the loss of each step.

    `rates` has the highest learning rate of the parameters whose names begin so; each is of one.
    """
    groups = [
        {"params": [own for name, own in model.named_parameters() if _start(name, rates) == start]}
        for start in rates
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    losses: list[float] = []
    started_s = time.monotonic()
    model.train()
    for number, step in zip(range(count), steps, strict=False):
        spent_s = time.monotonic() - started_s
        done = max(number / count, spent_s / (minutes * 60))
        if done >= 1:
            break
        for group, rate in zip(optimizer.param_groups, rates.values(), strict=True):
            group["lr"] = rate * rate_share(number, done)
        optimizer.zero_grad()
        found = loss(step)
        found.backward()
        nn.utils.clip_grad_norm_(model.parameters(), LONGEST_STEP)
        optimizer.step()
        losses.append(float(found.detach()))
        if len(losses) % PRINT_EVERY == 0:
            recent = sum(losses[-PRINT_EVERY:]) / PRINT_EVERY
            print(f"step {len(losses)} of {count}: loss {recent:.3f}, {spent_s:.0f} s", flush=True)
    model.eval()
    return losses


def unlikeliness(scores: Tensor, is_right: Tensor) -> Tensor:
    """How unlikely the right answers are (the loss); any of several counts as all of them."""
    chances = torch.log_softmax(scores, -1).masked_fill(~is_right, -torch.inf)
    return -torch.logsumexp(chances, -1).mean()


def _start(name: str, rates: Mapping[str, float]) -> str:
    return max((start for start in rates if name.startswith(start)), key=len)
