"""The local ears on audio time: real transcripts, kept on disk, at a fixed time a pass."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from benchmarks.clips import CACHE, RATE_HZ
from bots.local.hearing import continuation
from bots.local.segments import Segment, Segmenter
from bots.local.stt import EARLY_INTERIM_EVERY_S
from bots.local.weights import path
from bots.local.whisper import WhisperEars


class Ears:
    """Whisper with its transcripts kept on disk, so that a run can be repeated in seconds."""

    def __init__(self, name: str, language: str) -> None:
        self._name = name
        self._language = language
        self._path = CACHE / "barge_in" / f"{name}.json"
        self._known = self._kept()
        self._ears: WhisperEars | None = None

    async def hear(self, pcm: bytes) -> str:
        key = hashlib.sha256(pcm).hexdigest()[:20]
        if key not in self._known:
            if self._ears is None:
                self._ears = WhisperEars.load(path(self._name), self._language, threads=2)
            samples = np.frombuffer(pcm, np.int16)
            self._known[key] = await self._ears.transcribe(samples, RATE_HZ)
            if len(self._known) % 50 == 0:
                self.keep()
        return self._known[key]

    def keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Beside what another run has kept meanwhile.
        self._known = self._kept() | self._known
        self._path.write_text(json.dumps(self._known), "utf-8")

    def _kept(self) -> dict[str, str]:
        return json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}


@dataclass
class Passes:
    """The local ears' transcripts on audio time, as bots/local/stt.py has them over the bot.

    One pass at a time, `pass_s` each; the next peek comes EARLY_INTERIM_EVERY_S after the last one,
    or when that is heard.
    """

    ears: Ears
    pass_s: float
    segmenter: Segmenter = field(default_factory=lambda: Segmenter(RATE_HZ))
    _coming: list[tuple[float, str, bool]] = field(default_factory=list)
    _busy_until_s: float = 0.0
    _peeked: tuple[float, str] = (0.0, "")
    """When the latest peek is heard, and as what."""
    _last_heard: str = ""

    def __post_init__(self) -> None:
        self.segmenter.is_early = True

    async def add(self, pcm: bytes, now_s: float) -> None:
        """A frame of the caller's; perhaps it is time to listen."""
        self.segmenter.add(pcm)
        is_free = now_s >= self._busy_until_s
        if self.segmenter.is_peek_due(EARLY_INTERIM_EVERY_S) and is_free:
            segment = self.segmenter.peek()
            self._peeked = heard_s, text = await self._hear(segment, now_s)
            self._coming.append((heard_s, self._shown(segment, text), False))

    async def stopped(self, now_s: float) -> None:
        """The VAD's stop."""
        if not self.segmenter.is_speaking:
            return
        segment = self.segmenter.speech_stopped()
        heard_s, text = self._peeked if segment.is_peeked else (now_s, "")
        if not text:
            heard_s, text = await self._hear(segment, now_s)
        self._coming.append((max(now_s, heard_s), self._shown(segment, text), True))
        self._last_heard = text

    async def _hear(self, segment: Segment, now_s: float) -> tuple[float, str]:
        self._busy_until_s = max(now_s, self._busy_until_s) + self.pass_s
        return self._busy_until_s, await self.ears.hear(segment.pcm)

    def _shown(self, segment: Segment, text: str) -> str:
        return continuation(self._last_heard, text) if segment.continues else text

    def heard(self, now_s: float) -> list[tuple[str, bool]]:
        """What the ears have come up with by now."""
        ready = [one for one in self._coming if one[0] <= now_s]
        self._coming = [one for one in self._coming if one[0] > now_s]
        shown = self.segmenter.is_speaking
        return [(text, is_final) for _, text, is_final in ready if text and (is_final or shown)]
