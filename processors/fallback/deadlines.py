"""How long a chain of ears waits for a provider's words. Pure: the answers are s, or times."""

from __future__ import annotations

from processors.fallback.ears import Ears
from processors.fallback.owed import REPLAY_RATE
from processors.fallback.settings import ChainSettings
from processors.fallback.speech import Speech

_TELLING_S = 0.2
"""For what follows a deadline to be told: that somebody else is asked, or that nobody is."""


class Deadlines:
    """The waits of one call's ears for the utterance under way."""

    def __init__(self, settings: ChainSettings, speech: Speech) -> None:
        self._settings = settings
        self._speech = speech

    def owed_due_s(self, ears: Ears) -> float | None:
        """When `ears` are overdue with what they owe; None while they owe nothing."""
        if not self._speech.is_open:
            return None
        waits, final_s = self._settings, self.final_s(ears)
        if ears.member.tells_on:
            return self._speech.owed.due_s(final_s, waits.stt_s, still_s=waits.stall_s)
        nothing_s = waits.stt_s + waits.stall_s if ears.tells else None
        return self._speech.owed.due_s(final_s, nothing_s)

    def awaited_until_s(self, ears: Ears | None) -> float | None:
        """Until when words may come of speech that has ended; None when nobody owes any."""
        due_s = None if ears is None or self._speech.owed.is_speaking else self.owed_due_s(ears)
        return None if due_s is None else due_s + _TELLING_S

    def final_s(self, ears: Ears) -> float:
        """From the end of speech to its words: a slow model is not late before its own word for its
        latency is up, nor one that looks for the end of the turn before it had the time to."""
        own_s = ears.metadata.ttfs_p99_latency
        return max(self._settings.stt_s + ears.member.turn_wait_s, own_s)

    def opinion_s(self, ears: Ears) -> float:
        """For somebody else to connect, hear the utterance and say what was said."""
        replay_s = self._speech.kept.length_s / REPLAY_RATE
        return self.final_s(ears) + self._settings.stall_s + replay_s
