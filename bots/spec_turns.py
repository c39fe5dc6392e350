"""The part of a bot's spec that says when the caller has finished: `turns`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bots.durations import Duration, seconds
from bots.refusal import refuse
from bots.spec_part import SpecPart
from processors.patience import PATIENCES, Patience

SHORTEST_S, LONGEST_S = 0.05, 10.0


def _turn_wait(text: str) -> str:
    if SHORTEST_S <= seconds(text) <= LONGEST_S:
        return text
    fix = "Write between 50ms and 10s."
    raise refuse("turn_wait_range", f"`{text}` is no time to wait for a caller.", fix)


TurnWait = Annotated[Duration, AfterValidator(_turn_wait)]
Share = Annotated[float, Field(ge=0, le=1, strict=False)]


class TurnsSpec(SpecPart):
    """When the caller has finished. A word alone is a patience."""

    patience: Literal["eager", "normal", "patient", "provider"] = "normal"
    """How long a doubtful pause may last: `eager` answers sooner and cuts in more often, `patient`
    the other way round. The keys below replace one of its figures each. `provider` leaves the end
    of the turn to ears that find it themselves; while others of the chain are at work, `normal`
    holds."""

    shortest: TurnWait | None = None
    """The silence that ends a turn the model is sure of, from the caller's last sound."""

    longest: TurnWait | None = None
    """The silence that ends a turn the model takes for unfinished."""

    sure: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None
    """The model's probability, up to 1, from which it is believed at once."""

    telephone_sure: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None
    """The same on the telephone, where the model is surer than it should be."""

    unfinished: TurnWait | None = None
    """What words that announce more add to the wait: half a number, "and", "um"."""

    finished: Share | None = None
    """What is left of a doubtful wait after a whole question or a bare "yes": 0 is nothing, 1 is
    all of it."""

    rescore: TurnWait | None = None
    """How often the model listens again while the silence grows."""

    pace: Share | None = None
    """How far the pauses of this caller move the waits: 0 not at all, 1 in proportion."""

    words: bool = True
    """Whether the words have a say, in the languages that have lists."""

    speculate: bool = True
    """Whether the answer is begun, unheard, at the first pause, or when the ears expect the turn to
    end. It costs a request for each pause inside a turn."""

    @model_validator(mode="after")
    def _is_ordered(self) -> TurnsSpec:
        found = self.resolved()
        if found.shortest_s > found.longest_s:
            raise refuse(
                "turns_order",
                f"The shortest wait ({found.shortest_s:g} s) is longer than the longest "
                f"({found.longest_s:g} s).",
                "Give `longest` more, or `shortest` less.",
            )
        return self

    @property
    def is_left_to_ears(self) -> bool:
        """Whether ears that can say when a turn is over do."""
        return self.patience == "provider"

    def resolved(self) -> Patience:
        """The patience with the figures that the bot gives in their place."""
        waits = {"shortest_s": self.shortest, "longest_s": self.longest, "more_s": self.unfinished,
                 "rescore_s": self.rescore}  # fmt: skip
        shares = {"sure": self.sure, "telephone_sure": self.telephone_sure, "done": self.finished,
                  "pace": self.pace}  # fmt: skip
        given: dict[str, Any] = {key: seconds(text) for key, text in waits.items() if text}
        given |= {key: share for key, share in shares.items() if share is not None}
        named = "normal" if self.patience == "provider" else self.patience
        return replace(PATIENCES[named], **given)
