"""Trains the reranker on top of a first stage that is done; benchmarks/tune_matching.py is its
command.

Torch is no dependency of Offhook: `uv pip install torch`.

The first stage stays as it is in the file: it says which facts are read together with a question.
The loss is how unlikely the right ones among them are, and "I do not know" beside them.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor

from benchmarks.businesses import Business
from benchmarks.descent import Plan, descend, unlikeliness
from benchmarks.lower_half import LowerHalf
from benchmarks.reranking_steps import Ordered, Reading, answers, draw_readings, order
from benchmarks.tuned_model import save
from benchmarks.tuned_reranker import TunedReranker
from benchmarks.tuner import FIRST
from bots.local.reranker import OWN, Reranker
from bots.local.sentences import HEADS, Sentences
from bots.local.tensors import read_tensors, read_tuned

HEAD_RATE = 1e-3
"""Learning rate at its highest of what makes scores; it starts from nothing."""


def tune_reranker(folder: Path, businesses: Sequence[Business], file: Path, plan: Plan) -> float:
    """Tune the reranker on the questions to `businesses` and add it to `file`, which has the first
    stage; how far apart the scores of both are at most, as trained and as written."""
    torch.manual_seed(plan.seed)
    first = Sentences.load(folder, file)
    ordered = [order(first, business) for business in businesses]
    tensors = read_tensors(folder / "model.safetensors")
    lower = LowerHalf(folder / "vocab.txt", tensors, FIRST, HEADS)
    lower.read(text for business in businesses for text in business.texts)
    tuned = read_tuned(file)
    first_stage = {name: tuned[name] for name in tuned if not name.startswith(OWN)}
    model = TunedReranker(tensors, first_stage, HEADS, plan.rank)
    train(model, lower, ordered, plan)
    with np.load(file) as arrays:
        kept = {name: arrays[name] for name in first_stage}
    save(file, kept | {OWN + name: array for name, array in model.arrays().items()})
    step = next(_readings(ordered, Random(plan.seed)))
    return difference(model, Reranker.load(folder, file), lower, step)


def train(
    model: TunedReranker, lower: LowerHalf, businesses: Sequence[Ordered], plan: Plan
) -> list[float]:
    """Train until the epochs or the minutes are over; the loss of each step."""
    count = round(len(draw_readings(businesses, Random(plan.seed))) * plan.epochs)
    steps = _readings(businesses, Random(plan.seed))

    def loss(step: list[Reading]) -> Tensor:
        return unlikeliness(scores(model, lower, step), torch.from_numpy(answers(step)))

    return descend(model, {"": HEAD_RATE, "layers.": plan.rate}, steps, count, loss, plan.minutes)


def scores(model: TunedReranker, lower: LowerHalf, step: Sequence[Reading]) -> Tensor:
    """Of each question in a step how well each of its facts answers it, and "I do not know"."""
    lower.read(reading.question for reading in step)
    return model([[lower[text] for text in (reading.question, *reading.facts)] for reading in step])


def difference(
    model: TunedReranker, runtime: Reranker, lower: LowerHalf, step: Sequence[Reading]
) -> float:
    """How far the scores of the runtime are from those of the model, at most."""
    with torch.no_grad():
        trained = scores(model, lower, step).numpy()
    most = 0.0
    for reading, row in zip(step, trained, strict=True):
        question, *facts = (
            lower[text].astype(np.float32) for text in (reading.question, *reading.facts)
        )
        told = runtime.rank(question, facts)
        most = max(
            most,
            float(np.abs(told.facts - row[: len(facts)]).max()),
            float(abs(told.unknown - row[-1])),
        )
    return most


def _readings(businesses: Sequence[Ordered], chance: Random) -> Iterator[list[Reading]]:
    while True:
        yield from draw_readings(businesses, chance)
