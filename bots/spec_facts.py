"""What a bot knows, and how callers ask for it: the `facts` part of a BotSpec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    SerializerFunctionWrapHandler,
    Strict,
    model_serializer,
    model_validator,
)

from bots.spec_part import SpecPart
from bots.spec_text import Text


class Fact(SpecPart):
    """Something the bot knows; a text alone is one that nothing is said about."""

    fact: Annotated[Text, Field(max_length=500)]
    """A sentence as a caller may hear it."""

    asked: Annotated[
        tuple[Annotated[Text, Field(max_length=200)], ...],
        Strict(False),
        Field(min_length=1, max_length=20),
    ] = ()
    """How callers ask for it, a question a line, in their words rather than the fact's. The
    embedded brain's bot answers one that is asked word for word at once, and in English compares
    others with these too. Any other model is told the fact alone."""

    @model_validator(mode="wrap")
    @classmethod
    def _from_text(cls, given: Any, handler: ModelWrapValidatorHandler[Fact]) -> Fact:
        is_whole = isinstance(given, cls) or (
            isinstance(given, Mapping) and not given.keys().isdisjoint(cls.model_fields)
        )
        # Whatever has no key of ours was meant as a text: a number, or a text with a colon.
        return handler(given if is_whole else {"fact": given})

    @model_serializer(mode="wrap")
    def _to_text(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self) if self.asked else self.fact


Facts = Annotated[tuple[Fact, ...], Strict(False), Field(max_length=200)]
"""One fact a line."""
