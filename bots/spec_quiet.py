"""What a bot does when its caller says nothing: the `caller_quiet` part of a BotSpec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from bots.durations import Duration, seconds
from bots.refusal import refuse
from bots.spec_part import SpecPart
from bots.spec_text import Language, Text

SHORTEST_S, LONGEST_S = 1.0, 600.0


def _quiet(text: str) -> str:
    if SHORTEST_S <= seconds(text) <= LONGEST_S:
        return text
    fix = "Write between 1s and 10m."
    raise refuse("quiet_range", f"`{text}` is no time to wait for a caller.", fix)


class QuietStep(SpecPart):
    """What happens once the caller has been quiet for so long."""

    after: Annotated[Duration, AfterValidator(_quiet)]
    """How long the caller has said nothing, while the bot spoke not either and no tool ran; each
    step later than the one before."""

    say: Mapping[Language, Annotated[Text, Field(max_length=300)]] | None = None
    """What the bot says then, in its language; it becomes part of the conversation."""

    do: Literal["hang_up"] | None = None
    """`hang_up` ends the call, behind what is said; nothing can come after it."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.say is None and self.do is None:
            raise refuse(
                "quiet_nothing",
                "Nothing happens at this step.",
                "Give `say` a text, or `do: hang_up`, or remove the step.",
            )
        return self


Quiet = Annotated[tuple[QuietStep, ...], Strict(False), Field(max_length=8)]
"""Steps, each later than the one before."""
