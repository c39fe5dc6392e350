"""What a chain tells the rest of the call: a provider was switched, or nobody answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipecat.frames.frames import SystemFrame

RECOVERED = "recovered"
"""The reason of a switch back to a provider that has proved itself."""

HEDGED = "hedged"
"""The reason of a switch to a provider that was asked in parallel and answered first."""

AVOIDED = "avoided"
"""The reason of a switch away from a provider that others found broken, before it was asked."""


@dataclass
class ProviderSwitched(SystemFrame):
    """A chain goes on with another provider; pushed downstream and handed to `on_switch`.

    Attributes:
        kind: "stt", "llm" or "tts".
        from_name: the provider that is left, as people know it ("cerebras/gpt-oss-120b").
        to_name: the provider that takes over.
        reason: a `Reason`, RECOVERED, HEDGED or AVOIDED.
        gap_ms: how long the call had waited for the one that is left when it was left; 0 between
            turns.
    """

    kind: str
    from_name: str
    to_name: str
    reason: str
    gap_ms: float = 0.0


@dataclass
class ChainExhausted(SystemFrame):
    """Every provider of a chain failed in one turn; pushed downstream, the last resort's cue.

    Attributes:
        kind: "stt", "llm" or "tts".
        reason: why the last one failed, a `Reason`.
    """

    kind: str
    reason: str


@dataclass
class WordsAwaited(SystemFrame):
    """Words of what the caller has just said may still come, though there are none so far: the ears
    are not late yet, or others hear it again. Pushed downstream by a chain of ears.

    Attributes:
        for_s: how long from now; 0 when none will come.
    """

    for_s: float


OnSwitch = Callable[[ProviderSwitched], None]
