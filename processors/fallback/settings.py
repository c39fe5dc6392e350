"""How long a chain waits before it asks the next provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """The waits of a bot's chains, in s; slow is broken too.

    Attributes:
        first_token_s: from the question to a model's first token or tool call.
        first_audio_s: from the text to a voice's first audio.
        stt_s: from the end of an utterance to its transcript.
        stall_s: between two pieces of one answer.
        max_silence_s: from the end of the caller's turn to some sound; a turn asks a provider whose
            breaker is open, for want of a better one, only this long.
        hedge_s: from the question to asking the next provider in parallel; None never does.
    """

    first_token_s: float = 1.5
    first_audio_s: float = 1.2
    stt_s: float = 2.0
    stall_s: float = 1.0
    max_silence_s: float = 3.0
    hedge_s: float | None = None
