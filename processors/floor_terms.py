"""What processors/floor.py speaks of: who has the floor, what is done about a sound, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple

Reason = Literal["command", "words", "answer", "speech", "key", "waited"]
Innocence = Literal["noise", "backchannel", "far", "echo", "unclear"]


class Owner(Enum):
    """Whose floor it is."""

    NOBODY = "nobody"
    BOT = "bot"
    CALLER = "caller"


class Duck(NamedTuple):
    """Make the bot quiet now."""

    after_ms: int


class Pause(NamedTuple):
    """Hold the bot's audio where it is."""

    after_ms: int


class Resume(NamedTuple):
    """Let the bot go on where it was, at full volume: the sound was `reason`."""

    after_ms: int
    reason: Innocence


class Take(NamedTuple):
    """The caller's turn begins; what the bot had yet to say is dropped."""

    after_ms: int
    reason: Reason


class Hush(NamedTuple):
    """A key was pressed: what the bot had yet to say is dropped; no turn of words begins."""


class Disregard(NamedTuple):
    """These final words are not for the bot and belong to no turn."""

    after_ms: int
    text: str
    reason: Innocence


Action = Duck | Pause | Resume | Take | Hush | Disregard


@dataclass(frozen=True, slots=True)
class Manners:
    """How a bot lets itself be interrupted.

    `may_interrupt`: whether it does at all while it speaks. `words`: how many words that say
    something it takes, beside a command; 0 is as few as `confirm_s` allows. `confirm_s`: how long a
    sound has to last to be worth a doubt, see BELIEVED. `ignores_backchannels`: whether "mm-hm" is
    let pass.
    """

    may_interrupt: bool = True
    words: int = 0
    confirm_s: float = 0.4
    ignores_backchannels: bool = True
