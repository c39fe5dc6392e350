"""Trains the upper layers of the sentence model; benchmarks/tune_matching.py is its command.

Torch is no dependency of Offhook: `uv pip install torch`.

A question is held against all facts of its business at once, and "I do not know" beside them: the
loss is how unlikely the right ones are (a softmax over the list). So a near miss among the facts of
the same business is what is learnt from most, as it is what a bot gets wrong most.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from benchmarks.businesses import Business
from benchmarks.lower_half import LowerHalf
from benchmarks.tuned_model import TunedModel
from benchmarks.tuning_steps import Step, draw_epoch, rate_share
from bots.local.sentences import HEADS, Side
from bots.local.tensors import read_tensors

FIRST, LAST = 3, 5
"""The layers that are tuned: those that make meaning of the words. The half below stays, which
makes a step half as dear and leaves less to overfit."""
DECAY = 0.01
"""Weight decay."""
LONGEST_STEP = 1.0
"""Gradients are cut down to this length."""
PRINT_EVERY = 50
"""Steps."""


@dataclass(frozen=True)
class Plan:
    """How long and how strongly to train."""

    rank: int
    rate: float
    epochs: float
    minutes: float
    seed: int


def tune(folder: Path, businesses: Sequence[Business], plan: Plan) -> TunedModel:
    """Tune the model in `folder` on the questions to `businesses`."""
    torch.manual_seed(plan.seed)
    tensors = read_tensors(folder / "model.safetensors")
    lower = LowerHalf(folder / "vocab.txt", tensors, FIRST, HEADS)
    lower.read(text for business in businesses for text in business.texts)
    model = TunedModel(tensors, FIRST, LAST, HEADS, plan.rank)
    train(model, lower, businesses, plan)
    return model


def train(
    model: TunedModel, lower: LowerHalf, businesses: Sequence[Business], plan: Plan
) -> list[float]:
    """Train until the epochs or the minutes are over; the loss of each step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=DECAY)
    steps = round(len(draw_epoch(businesses, Random(plan.seed))) * plan.epochs)
    losses: list[float] = []
    started_s = time.monotonic()
    model.train()
    for number, step in enumerate(islice(_steps(businesses, Random(plan.seed)), steps)):
        spent_s = time.monotonic() - started_s
        done = max(number / steps, spent_s / (plan.minutes * 60))
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * rate_share(number, done)
        optimizer.zero_grad()
        found = loss(model, lower, step)
        found.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LONGEST_STEP)
        optimizer.step()
        losses.append(float(found.detach()))
        if len(losses) % PRINT_EVERY == 0:
            recent = sum(losses[-PRINT_EVERY:]) / PRINT_EVERY
            print(f"step {len(losses)} of {steps}: loss {recent:.3f}, {spent_s:.0f} s", flush=True)
    model.eval()
    return losses


def loss(model: TunedModel, lower: LowerHalf, step: Step) -> Tensor:
    """How unlikely the right answers are; any of several counts as all of them."""
    chances = torch.log_softmax(scores(model, lower, step), -1)
    right = chances.masked_fill(~torch.from_numpy(step.answers), -torch.inf)
    return -torch.logsumexp(right, -1).mean()


def scores(model: TunedModel, lower: LowerHalf, step: Step) -> Tensor:
    """Of each question in a step how well each fact answers it, and "I do not know"."""
    owners = is_other = phrasings = None
    # Half the work in bfloat16 while training; likeness is always compared in single precision.
    with torch.autocast("cpu", torch.bfloat16, enabled=model.training):
        questions = model.read([lower[ask.text] for ask in step.asks], Side.QUESTION)
        facts = model.read([lower[fact.fact] for fact in step.business.facts], Side.FACT)
        if step.phrasings:
            phrasings = model.read([lower[one.text] for one in step.phrasings], Side.PHRASING)
            owners = torch.tensor([one.owner for one in step.phrasings])
            is_other = torch.from_numpy(step.is_other)
    return model(questions, facts, phrasings, owners, is_other)


def _steps(businesses: Sequence[Business], chance: Random) -> Iterator[Step]:
    while True:
        yield from draw_epoch(businesses, chance)
