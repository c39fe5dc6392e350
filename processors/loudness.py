"""Who is it that the microphone hears: the caller, somebody far away, or the bot's own echo? Pure.

Fed one level of the caller's and one of the bot's audio at a time, as 20 ms frames come in.

**Far.** While the caller has the floor their own level is learned; a sound well below it is another
voice in the room, a television, the street. Before anything is learned nothing is far.

**Echo.** What a microphone picks up of the bot rises and falls as the bot does, a little later.
The two envelopes are laid over each other at every lag up to 0.5 s; where they agree, the mean
distance is the loss of the echo path, and only what stands out above it can be the caller. The
bot's envelope is the one that left, ducked parts included: a duck that shows in the microphone
gives the echo away.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

SILENCE_DBFS = -100.0
AUDIBLE_DBFS = -55.0
"""Nobody is taken for speaking below this."""
FAR_DB = 15.0
"""How far below the caller's own level somebody else is: 5.6 times the distance."""
ABOVE_ECHO_DB = 8.0
"""How far a caller stands out above the echo that is expected."""
_HISTORY_FRAMES = 150
_LAGS_FRAMES = 25
_ENOUGH_FRAMES = 40
_OWN_FRAMES = 500
_OWN_ENOUGH_FRAMES = 25
_AGREES = 0.75
_SMOOTHING = 0.3
_FLOOR_DBFS = -70.0


def level_dbfs(pcm: bytes) -> float:
    """The level of PCM s16le mono, its constant offset removed; SILENCE_DBFS for digital zero."""
    samples = np.frombuffer(pcm, np.int16)
    power = float(samples.astype(np.float32).var()) / 32768.0**2 if samples.size else 0.0
    return 10.0 * math.log10(power) if power > 1e-10 else SILENCE_DBFS


class Loudness:
    """The levels of one call, one pair a frame of about 20 ms."""

    def __init__(self) -> None:
        self._caller: deque[float] = deque(maxlen=_HISTORY_FRAMES)
        self._bot: deque[float] = deque(maxlen=_HISTORY_FRAMES)
        self._own: deque[float] = deque(maxlen=_OWN_FRAMES)
        self.now_dbfs = SILENCE_DBFS
        """The caller's side now, smoothed over about 60 ms."""

    def hear(self, caller_dbfs: float, bot_dbfs: float) -> None:
        """A frame of the caller's audio, and what left of the bot's at the same time."""
        self._caller.append(caller_dbfs)
        self._bot.append(bot_dbfs)
        if caller_dbfs > self.now_dbfs:
            self.now_dbfs = caller_dbfs
        else:
            self.now_dbfs += _SMOOTHING * (caller_dbfs - self.now_dbfs)

    def learn_own(self) -> None:
        """The last frame was the caller speaking, beyond doubt."""
        if self._caller and self._caller[-1] > AUDIBLE_DBFS:
            self._own.append(self._caller[-1])

    @property
    def own_dbfs(self) -> float | None:
        """The level of the caller's louder syllables, or None before it is known."""
        if len(self._own) < _OWN_ENOUGH_FRAMES:
            return None
        # A sound is weighed by its loudest frame, so the caller is, too.
        return float(np.percentile(np.fromiter(self._own, np.float32), 90))

    @property
    def is_foreign(self) -> bool:
        """Whether what is heard now is far away, or the bot itself."""
        return self.is_far(self.now_dbfs) or self.is_echo()

    def is_far(self, dbfs: float) -> bool:
        """Whether a sound of that level is somebody else's."""
        own_dbfs = self.own_dbfs
        return own_dbfs is not None and dbfs < own_dbfs - FAR_DB

    @property
    def is_audible(self) -> bool:
        """Whether the caller's side is loud enough now for anybody to be speaking."""
        return self.now_dbfs >= AUDIBLE_DBFS

    def is_echo(self) -> bool:
        """Whether what is heard now is no more than what the bot leaves in the microphone."""
        if len(self._bot) < _ENOUGH_FRAMES or max(self._bot) <= _FLOOR_DBFS:
            return False
        caller = np.maximum(np.fromiter(self._caller, np.float32), _FLOOR_DBFS)
        bot = np.maximum(np.fromiter(self._bot, np.float32), _FLOOR_DBFS)
        best, lag = 0.0, 0
        for one in range(min(_LAGS_FRAMES, len(bot) - _ENOUGH_FRAMES // 2)):
            agreement = _agreement(caller[one:], bot[: len(bot) - one])
            if agreement > best:
                best, lag = agreement, one
        if best < _AGREES:
            return False
        loud = bot[: len(bot) - lag] > _FLOOR_DBFS + 15
        if not loud.any():
            return False
        loss_db = float(np.median(caller[lag:][loud] - bot[: len(bot) - lag][loud]))
        recent = slice(max(0, len(bot) - lag - 8), len(bot) - lag)
        expected_dbfs = float(bot[recent].max()) + loss_db
        return self.now_dbfs < expected_dbfs + ABOVE_ECHO_DB


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two envelopes, 0 where one of them does not move."""
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 1e-3 else 0.0
