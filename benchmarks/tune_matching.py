"""Tunes the sentence model by which facts are found, and says what that is worth.

    python -m benchmarks.tune_matching matching.npz

Needs torch, which is no dependency of Offhook: `uv pip install torch`. What it writes is
bots/local/matching.npz, what bots/local/sentences.py adds to all-MiniLM-L6-v2, and then what
bots/local/reranker.py does, which is tuned on top of it. That very code judges both, on businesses
that they were not tuned on: without a question under any fact, and with those that the owner
expects. The file that is shipped learns from every business (`--held-out 0`), and
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
from bots.local.matching import WEIGHTS, spread
from bots.local.reranker import MOST_FACTS, Reranker
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


def judge(
    model: Sentences, reranker: Reranker, business: Business, *, with_asked: bool
) -> tuple[list[Judged], list[Judged]]:
    """The questions to a business but those that its owner expects, which may stand there; as the
    first stage answers them, and as both do."""
    asked = [fact.asked if with_asked else () for fact in business.facts]
    facts = model.read([fact.fact for fact in business.facts], Side.FACT)
    sheet = stack(facts, [model.read(texts, Side.PHRASING) for texts in asked])
    asks = [ask for ask in business.asks if not ask.is_expected]
    reads = model.read([ask.text for ask in asks], Side.QUESTION)
    first: list[Judged] = []
    both: list[Judged] = []
    for ask, read in zip(asks, reads, strict=True):
        told = score(read, sheet, model.scales)
        places = np.argsort(-told.facts, kind="stable")[:MOST_FACTS]
        few = reranker.rank(read.states, [facts[place].states for place in places])
        first.append(judged(told, ask.facts))
        both.append(judged(spread(few, places, len(facts)), ask.facts))
    return first, both


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
    parser.add_argument("--epochs", type=float, default=3.0, help="of the first stage")
    parser.add_argument("--reranker-epochs", type=float, default=5.0)
    parser.add_argument("--minutes", type=float, default=60.0, help="a stage takes at most")
    parser.add_argument("--rank", type=int, default=32, help="of the differences that are trained")
    parser.add_argument("--rate", type=float, default=1e-3, help="of the first stage, its highest")
    parser.add_argument("--reranker-rate", type=float, default=6e-4)
    parser.add_argument("--only-reranker", action="store_true", help="FILE has the first stage")
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    try:
        from benchmarks.descent import Plan
        from benchmarks.reranker_tuner import tune_reranker
        from benchmarks.tuned_model import save
        from benchmarks.tuner import tune
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}: `uv pip install torch`.") from error
    try:
        folder = weights.path(WEIGHTS)
    except WeightsError as error:
        raise SystemExit(str(error)) from error
    businesses = load_businesses()
    Random(options.seed).shuffle(businesses)
    held_out, others = businesses[: options.held_out], businesses[options.held_out :]
    rank, minutes, seed = options.rank, options.minutes, options.seed
    if not options.only_reranker:
        plan = Plan(rank, options.rate, options.epochs, minutes, seed)
        save(options.file, tune(folder, others, plan).arrays())
    plan = Plan(rank, options.reranker_rate, options.reranker_epochs, minutes, seed)
    apart = tune_reranker(folder, others, options.file, plan)
    print(f"what runs scores as what was trained does, to {apart:.4f}")
    if not held_out:
        return
    print("judged by", ", ".join(business.name for business in held_out))
    model = Sentences.load(folder, options.file)
    reranker = Reranker.load(folder, options.file)
    for with_asked in (False, True):
        found = [judge(model, reranker, one, with_asked=with_asked) for one in held_out]
        facts = "with the questions that are expected" if with_asked else "by the facts alone"
        for place, stage in enumerate(("read apart", "the likeliest read together")):
            print(f"{facts}, {stage}:")
            print(*report([row for one in found for row in one[place]]), sep="\n")


if __name__ == "__main__":
    main()
