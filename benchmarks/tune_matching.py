"""Tunes the sentence model by which facts are found, and says what that is worth.

    python -m benchmarks.tune_matching matching.npz

Needs torch, which is no dependency of Offhook: `uv pip install torch`. What it writes is
bots/local/matching.npz, what bots/local/sentences.py adds to all-MiniLM-L6-v2. That very code
judges it, on businesses that it was not tuned on: without a question under any fact, and with those
that the owner expects. The file that is shipped learns from every business (`--held-out 0`), and
other questions judge it (benchmarks/fit_answers.py, benchmarks/answers.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.businesses import Business, load_businesses
from bots.errors import WeightsError
from bots.local import weights
from bots.local.matching import WEIGHTS
from bots.local.sentences import Sentences, Side
from bots.local.told import Told, score, stack
from bots.local.transformer import softmax

BARS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Judged:
    """What the model makes of a question."""

    chance: float
    """How likely the likeliest fact is."""
    is_right: bool
    """Whether that fact answers."""
    is_answered: bool
    """Whether any fact does."""


def judge(model: Sentences, business: Business, *, with_asked: bool) -> list[Judged]:
    """The questions to a business but those that its owner expects, which may stand there."""
    asked = [fact.asked if with_asked else () for fact in business.facts]
    sheet = stack(
        model.read([fact.fact for fact in business.facts], Side.FACT),
        [model.read(texts, Side.PHRASING) for texts in asked],
    )
    asks = [ask for ask in business.asks if not ask.is_expected]
    reads = model.read([ask.text for ask in asks], Side.QUESTION)
    return [
        judged(score(read, sheet, model.scales), ask.facts)
        for ask, read in zip(asks, reads, strict=True)
    ]


def judged(told: Told, right: frozenset[int]) -> Judged:
    """The likeliest fact, against the places of those that are `right`."""
    chances = softmax(np.append(told.facts, told.unknown))
    best = int(chances[:-1].argmax())
    return Judged(float(chances[best]), best in right, bool(right))


def report(rows: Sequence[Judged]) -> Iterable[str]:
    """How often the right fact is first, and what is right and wrong if a fact is said from a
    probability on, for each of BARS. Silence is right where no fact answers."""
    answered = [row for row in rows if row.is_answered]
    first = sum(row.is_right for row in answered) / len(answered)
    yield f"the right fact is first for {first:.1%} of {len(answered)} that one answers"
    for bar in BARS:
        said = [row for row in rows if row.chance >= bar]
        silent = [row for row in rows if row.chance < bar]
        right = sum(row.is_right for row in said) + sum(not row.is_answered for row in silent)
        wrong = sum(not row.is_right for row in said)
        yield f"from {bar:.2f}: right {right / len(rows):.1%}, wrong {wrong / len(rows):.1%}"


def main() -> None:
    """Tune, write the file, and print what it is worth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, help="the .npz to write")
    parser.add_argument("--held-out", type=int, default=10, help="businesses that judge it")
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--minutes", type=float, default=60.0, help="stop by then at the latest")
    parser.add_argument("--rank", type=int, default=32, help="of the differences that are trained")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    try:
        from benchmarks.tuner import Plan, tune
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}: `uv pip install torch`.") from error
    try:
        folder = weights.path(WEIGHTS)
    except WeightsError as error:
        raise SystemExit(str(error)) from error
    businesses = load_businesses()
    Random(options.seed).shuffle(businesses)
    held_out, others = businesses[: options.held_out], businesses[options.held_out :]
    plan = Plan(options.rank, options.rate, options.epochs, options.minutes, options.seed)
    tune(folder, others, plan).save(options.file)
    if not held_out:
        return
    print("judged by", ", ".join(business.name for business in held_out))
    model = Sentences.load(folder, options.file)
    for with_asked in (False, True):
        print("with the questions that are expected:" if with_asked else "by the facts alone:")
        rows = [row for one in held_out for row in judge(model, one, with_asked=with_asked)]
        print(*report(rows), sep="\n")


if __name__ == "__main__":
    main()
