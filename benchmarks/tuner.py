"""Trains the upper layers of the sentence model; benchmarks/tune_matching.py is its command.

Torch is no dependency of Offhook: `uv pip install torch`.

A question is held against all facts of its business at once, and "I do not know" beside them: the
loss is how unlikely the right ones are (a softmax over the list). So a near miss among the facts of
the same business is what is learnt from most, as it is what a bot gets wrong most.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from benchmarks.businesses import Business
from benchmarks.descent import Plan, descend, unlikeliness
from benchmarks.lower_half import LowerHalf
from benchmarks.tuned_model import TunedModel
from benchmarks.tuning_steps import Step, draw_epoch
from bots.local.sentences import HEADS, Side
from bots.local.tensors import read_tensors

FIRST, LAST = 3, 5
"""The layers that are tuned: those that make meaning of the words. The half below stays, which
makes a step half as dear and leaves less to overfit."""


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
    count = round(len(draw_epoch(businesses, Random(plan.seed))) * plan.epochs)
    steps = _steps(businesses, Random(plan.seed))

    def loss(step: Step) -> Tensor:
        return unlikeliness(scores(model, lower, step), torch.from_numpy(step.answers))

    return descend(model, {"": plan.rate}, steps, count, loss, plan.minutes)


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
