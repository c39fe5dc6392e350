"""What is wrong with a bot's facts that only shows beside each other: what is there twice."""

from __future__ import annotations

from collections.abc import Sequence

from bots.complaint import Complaint, Path
from bots.phrasing import bare
from bots.positions import Node
from bots.spec_facts import Fact


def check_facts(facts: Sequence[Fact], tree: Node, language: str) -> list[Complaint]:
    """Facts and questions that stand twice in `tree`, each told at its second place."""
    found: list[Complaint] = []
    told: dict[str, int] = {}
    asked: dict[str, Path] = {}
    for index, one in enumerate(facts):
        words = " ".join(one.fact.lower().split())
        if words in told:
            line = _line(tree, ("facts", told[words], "fact"))
            cause = f"This fact stands on line {line} already."
            fix = "Keep one of them, with the questions of both."
            found.append(Complaint(("facts", index, "fact"), "fact_twice", cause, fix))
        told.setdefault(words, index)
        for number, question in enumerate(one.asked):
            path = ("facts", index, "asked", number)
            words = bare(question, language)
            first = asked.setdefault(words, path)
            if not words:
                cause = "This question has no word that tells what is asked."
                found.append(Complaint(path, "asked_nothing", cause, "Write it out or remove it."))
            elif first is not path:
                found.append(_asked_twice(path, first, _line(tree, first)))
    return found


def _asked_twice(path: Path, first: Path, line: int) -> Complaint:
    if first[:2] == path[:2]:
        cause = f"This question stands on line {line} already."
        return Complaint(path, "asked_twice", cause, "Remove one of them.")
    cause = f"This question is asked of another fact too, on line {line}."
    return Complaint(path, "asked_of_two", cause, "Keep it with the fact that answers it.")


def _line(tree: Node, path: Path) -> int:
    node, _ = tree.find(path)
    return node.at.line
