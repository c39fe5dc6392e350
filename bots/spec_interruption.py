"""How a bot may be interrupted: the `interruption` part of a BotSpec."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from bots.durations import Duration, seconds
from bots.refusal import refuse
from bots.spec_part import SpecPart

MODE = r"speech|never|words:[1-9]"
SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S = 0.1, 2.0

Protectable = Literal["greeting", "last_resort"]


def _mode(text: str) -> str:
    if re.fullmatch(MODE, text):
        return text
    raise refuse(
        "interruption_mode",
        f"`{text}` is no way to be interrupted.",
        "Write `speech`, `never`, or `words:2` for two words and more.",
    )


def _confirm(text: str) -> str:
    if SHORTEST_CONFIRM_S <= seconds(text) <= LONGEST_CONFIRM_S:
        return text
    fix = "Write between 100ms and 2s."
    raise refuse("confirm_range", f"`{text}` is no time to doubt a sound.", fix)


def _phrase(text: str) -> str:
    if any(c.isalnum() for c in text):
        return text
    raise refuse(
        "backchannel", f"`{text}` has no words.", "Write what callers say, as in `righto`."
    )


_MODE_SCHEMA: dict[str, Any] = {"type": "string", "pattern": f"^({MODE})$"}


class InterruptionSpec(SpecPart):
    """When a caller who speaks over the bot makes it stop."""

    mode: Annotated[str, AfterValidator(_mode), WithJsonSchema(_MODE_SCHEMA)] = "speech"
    """`speech` lets commands and sentences stop the bot; `words:2` asks for two words that say
    something, commands apart; `never` lets nothing, and what was said is answered afterwards."""

    confirm: Annotated[Duration, AfterValidator(_confirm)] = "400ms"
    """The shortest speech that is worth a doubt. Commands ("stop", "wait", "no") stop the bot at
    once, three words and more when the speech has lasted twice as long, fewer when three times, by
    when an "mm-hm" is over; the bot is quiet meanwhile. Shorter is quicker, longer surer."""

    ignore_backchannels: bool = True
    """Whether "mm-hm", "yeah" and laughter are let pass, unless the bot has just asked."""

    backchannels: Annotated[
        tuple[Annotated[str, AfterValidator(_phrase), Field(max_length=40)], ...],
        Strict(False),
        Field(max_length=100),
    ] = ()
    """More of what your callers say to show that they listen, beside the language's own list."""

    protect: Annotated[tuple[Protectable, ...], Strict(False)] = ()
    """What is said to its end whatever the caller says: `greeting`, `last_resort`. What was said
    meanwhile is answered afterwards."""

    @property
    def may_interrupt(self) -> bool:
        """Whether anything stops the bot."""
        return self.mode != "never"

    @property
    def words(self) -> int:
        """How many words it takes; 0 where `confirm` decides."""
        return int(self.mode.partition(":")[2] or 0)
