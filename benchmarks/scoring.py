"""Questions with known answers, and whether an answer is right; no model judges. See answers.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from text_to_num import alpha2digit

QUESTIONS = Path(__file__).parent / "answers"
SATURDAY = datetime(2026, 11, 21, 14, 5)
LONGEST_WORDS = 30
"""A fact with its lead-in; more is no longer one spoken sentence."""
UNKNOWN = "do not know|don't know|find out|not sure|cannot say|do not have that information"

Verdict = Literal["right", "silent", "wrong", "long"]


@dataclass(frozen=True)
class Question:
    """What a caller asks, and what a right answer says."""

    set: str
    bot: str
    ask: str
    before: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    numbers: frozenset[float] | None = None
    """The only numbers that may be said; None allows any."""
    unknown: bool = False
    at: datetime = SATURDAY
    words: int = LONGEST_WORDS

    @property
    def key(self) -> str:
        """Tells the questions apart."""
        return " > ".join([self.bot, *self.before, self.ask])


@dataclass(frozen=True)
class Score:
    """right; silent: not wrong but no answer; wrong: a false claim; long: right, but too long."""

    verdict: Verdict
    reasons: list[str] = field(default_factory=list)


def load_questions(name: str, folder: Path = QUESTIONS) -> Iterator[Question]:
    """The questions of `<name>.yaml`, in order."""
    bots: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(folder / f"{name}.yaml")
    for bot, rows in bots.items():
        for row in rows:
            numbers = row.get("numbers", [] if row.get("unknown") else None)
            yield Question(
                set=name,
                bot=bot,
                ask=row["ask"],
                before=tuple(row.get("before", ())),
                expect=tuple(row.get("expect", [UNKNOWN] if row.get("unknown") else ())),
                forbid=tuple(row.get("forbid", ())),
                numbers=None if numbers is None else frozenset(float(number) for number in numbers),
                unknown=row.get("unknown", False),
                at=datetime.fromisoformat(row["at"]) if "at" in row else SATURDAY,
                words=row.get("words", LONGEST_WORDS),
            )


def score(question: Question, answer: str) -> Score:
    """Compare an answer with what is expected, numbers as digits and words as wholes."""
    text = plain(answer)
    foreign = [
        number
        for number in re.findall(r"\d+(?:\.\d+)?", text)
        if question.numbers is not None and float(number) not in question.numbers
    ]
    # "One moment" and "one of our dentists" are no figures.
    claims = [number for number in foreign if number != "1"]
    said = [words for words in question.forbid if contains(text, words)]
    if claims or said:
        return Score("wrong", [*(f"number {number}" for number in claims), *said])
    missing = [words for words in question.expect if not contains(text, words)]
    if missing:
        is_unsure = contains(text, UNKNOWN)
        verdict: Verdict = "silent" if is_unsure or not question.unknown else "wrong"
        return Score(verdict, [f"without {words}" for words in missing])
    if len(text.split()) > question.words:
        return Score("long", [f"{len(text.split())} words"])
    return Score("right")


def contains(text: str, alternatives: str) -> bool:
    """Whether one of the alternatives, parted by |, stands in `text` as whole words."""
    return any(
        re.search(rf"(?<!\w){re.escape(plain(words))}(?!\w)", text)
        for words in alternatives.split("|")
    )


def plain(text: str) -> str:
    """Lower case, with numbers as digits and one kind of apostrophe."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower().replace("’", "'"))
    text = text.replace("second gear", "the workshop")  # a name, not a number
    text = alpha2digit(text, "en", 0.0)
    return re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text)
