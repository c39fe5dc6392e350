"""What a provider owes of the utterance under way, and since when. Pure: time is passed in.

    speech   ~~~~~~~~~~~~~~~~|              ~~~~~~~~~~|
    VAD      start             stop         start       stop
    results     i   i   i  F   (nothing owed)  i   i  i     F
    due      .... a sign within nothing_s ....|   .. a final within final_s ..

A final may come before the VAD's stop, by the provider's own endpointing: then nothing is owed at
the stop. Where a result says how far into the audio it reaches, that decides.
"""

from __future__ import annotations

from dataclasses import dataclass

COVERS_S = 0.15
"""A result that reaches this close to the end of speech has all of it: words end before the VAD."""
REPLAY_RATE = 4.0
"""How many times real time a provider is expected to hear a replay at, before it is late."""


@dataclass(frozen=True, slots=True)
class Debt:
    """An end of speech without a transcript yet: where in the audio, and when, both in s."""

    at_s: float
    since_s: float


class Owed:
    """One utterance's debts, whichever provider has them to pay."""

    def __init__(self) -> None:
        self.is_speaking = False
        self.has_sign = False
        """Whether the provider at work has said anything about this utterance."""
        self.partial = ""
        """Words heard that may still change."""
        self._debts: list[Debt] = []
        self._signed_s = 0.0
        self._asked_s = 0.0
        self._final_at_s = float("-inf")
        self._reaches_s: float | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the caller is silent and all that was said has been transcribed."""
        return not self.is_speaking and self.is_paid

    @property
    def is_paid(self) -> bool:
        """Whether all speech that has ended has been transcribed."""
        return not self._debts

    def began(self, now_s: float) -> None:
        """A new utterance: nothing of the one before it counts."""
        self.__init__()
        self.asked(now_s)

    def asked(self, now_s: float, replay_s: float = 0.0) -> None:
        """Another provider is to pay from now on, with so much to hear again first."""
        self._asked_s = self._signed_s = now_s + replay_s / REPLAY_RATE
        self.has_sign = False
        self._final_at_s, self._reaches_s = float("-inf"), None

    def speech_started(self, now_s: float) -> None:
        """The caller speaks, or speaks on."""
        self.is_speaking = True
        self._signed_s = max(self._signed_s, now_s)

    def speech_stopped(self, at_s: float, now_s: float) -> None:
        """Speech ended at `at_s` of the audio, as the VAD says at `now_s`."""
        self.is_speaking = False
        if self._reaches_s is not None:
            is_covered = self._reaches_s >= at_s - COVERS_S
        else:
            is_covered = self._final_at_s >= at_s and not self.partial
        if not is_covered:
            self._debts.append(Debt(at_s, now_s))

    def told(self, partial: str, now_s: float) -> None:
        """An interim result came."""
        self.has_sign, self.partial, self._signed_s = True, partial, now_s

    def paid(
        self,
        at_s: float,
        now_s: float,
        reaches_s: float | None = None,
        *,
        is_whole: bool = False,
    ) -> None:
        """A final came when the audio was at `at_s`; `reaches_s` is how much of it it covers, and
        `is_whole` that it is all there will be of what was said so far: what follows is new."""
        self.has_sign, self.partial, self._signed_s = not is_whole, "", now_s
        self._reaches_s = reaches_s
        if reaches_s is not None:
            self._debts = [debt for debt in self._debts if debt.at_s - COVERS_S > reaches_s]
        elif self._debts:
            del self._debts[: None if is_whole else 1]
        else:
            self._final_at_s = at_s

    def excused(self) -> None:
        """Nobody heard a word: there was none."""
        self._debts.clear()
        self.partial = ""

    def looked_into(self, now_s: float) -> None:
        """Somebody else was asked about the silence: wait as long again."""
        self._asked_s = self._signed_s = now_s

    def due_s(
        self, final_s: float, nothing_s: float | None, *, still_s: float | None = None
    ) -> float | None:
        """When the provider is overdue; `nothing_s` is None for one that tells nothing by then.

        `still_s` is for one that goes on telling through a silence, until its final: how long it
        may be still once it has heard a word.
        """
        due = [max(debt.since_s, self._asked_s) + final_s for debt in self._debts[:1]]
        is_telling = self.is_speaking or (bool(self._debts) and still_s is not None)
        wait_s = still_s if still_s is not None and self.has_sign else nothing_s
        if is_telling and wait_s is not None:
            due.append(max(self._signed_s, self._asked_s) + wait_s)
        return min(due, default=None)

    def waited_s(self, now_s: float) -> float:
        """How long the call has been waiting for words."""
        if self._debts:
            return now_s - self._debts[0].since_s
        return now_s - self._signed_s if self.is_speaking else 0.0
