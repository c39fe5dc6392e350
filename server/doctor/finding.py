"""One line of the doctor's report; every check returns some, the command prints them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a finding stands; only FAIL keeps calls from being answered."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what is so, and the fix where there is something to mend."""

    state: State
    subject: str
    text: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<4}  {self.subject:<10}  {self.text}"
        return f"{line} {self.fix}" if self.fix else line


def ok(subject: str, text: str) -> Finding:
    """As it should be."""
    return Finding(State.OK, subject, text)


def warn(subject: str, text: str, fix: str) -> Finding:
    """Calls are answered, but something is amiss."""
    return Finding(State.WARN, subject, text, fix)


def fail(subject: str, text: str, fix: str) -> Finding:
    """Calls are not answered until this is mended."""
    return Finding(State.FAIL, subject, text, fix)
