"""The utterance under way: its audio, what is owed of it and what was passed on. Pure.

It is open from the VAD's start until the caller is silent and every word has been told, so it may
hold several stretches of speech.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipecat.frames.frames import VADUserStartedSpeakingFrame, VADUserStoppedSpeakingFrame

from processors.fallback.kept import KeptAudio
from processors.fallback.owed import Owed

LATE_FINAL_S = 0.3
"""A transcript outside any utterance is of speech at least so old: providers take their time."""


class Speech:
    """What the caller says in one call, utterance by utterance."""

    def __init__(self, rate_hz: int) -> None:
        self.kept = KeptAudio(rate_hz)
        self.owed = Owed()
        self.said: list[str] = []
        """Words of finals of this utterance, as they were passed on."""
        self.is_open = False
        self.heard_by: set[int] = set()
        """Numbers of the members that were given this utterance."""
        self.is_extended = False
        """Whether the last one left has been given more time once."""
        self._floor = 0

    @property
    def has_words(self) -> bool:
        """Whether any words of this utterance were passed on, if such as may still change."""
        return bool(self.said or self.owed.partial)

    def started(
        self, frame: VADUserStartedSpeakingFrame, heard_by: Iterable[int], now_s: float
    ) -> bool:
        """Speech began; True when an utterance began with it."""
        is_new = not self.is_open
        if is_new:
            self.is_open = True
            self.said = []
            self.heard_by = set(heard_by)
            self.is_extended = False
            self.kept.utterance_began(frame.start_secs)
            self.owed.began(now_s)
        self.owed.speech_started(now_s)
        self.kept.add(frame)
        return is_new

    def stopped(self, frame: VADUserStoppedSpeakingFrame, now_s: float) -> None:
        """Speech ended, perhaps not for good."""
        self.kept.add(frame)
        self._floor = self.kept.end
        at_s = self.kept.now_bytes / self.kept.bytes_per_s - frame.stop_secs
        self.owed.speech_stopped(at_s, now_s)

    def told(self, partial: str, now_s: float) -> None:
        """An interim transcript was passed on."""
        if self.is_open:
            self.owed.told(partial, now_s)

    def transcribed(
        self, new: str, now_s: float, reaches_s: float | None, *, is_whole: bool = False
    ) -> None:
        """A final transcript was passed on; see Owed.paid."""
        if self.is_open:
            self.said += new.split()
            at_s = self.kept.now_bytes / self.kept.bytes_per_s
            self.owed.paid(at_s, now_s, reaches_s, is_whole=is_whole)
        else:
            self.kept.utterance_ended(self.kept.since(LATE_FINAL_S))

    def ended(self) -> None:
        """Every word is told: what was heard is not heard again."""
        self.is_open = False
        self.kept.utterance_ended(self._floor)

    def abandoned(self) -> str:
        """Nobody can hear it; returns the words that were heard and could still have changed."""
        partial = self.owed.partial if self.is_open else ""
        self.is_open = False
        self.kept.utterance_ended(self.kept.end)
        return partial
