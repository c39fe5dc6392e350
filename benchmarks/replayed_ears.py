"""The local ears on audio time: real transcripts, kept on disk, at a fixed time a pass."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from benchmarks.overheard import CACHE, RATE_HZ
from bots.local.segments import Segment, Segmenter
from bots.local.stt import EARLY_INTERIM_EVERY_S, INTERIM_SHARE
from bots.local.weights import path
from bots.local.whisper import WhisperEars


class Ears:
    """Whisper with its transcripts kept on disk, so that a run can be repeated in seconds."""

    def __init__(self, name: str, language: str) -> None:
        self._name = name
        self._language = language
        self._path = CACHE / "barge_in" / f"{name}.json"
        self._known: dict[str, str] = {}
        if self._path.exists():
            self._known = json.loads(self._path.read_text("utf-8"))
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
        self._path.write_text(json.dumps(self._known), "utf-8")


@dataclass
class Passes:
    """The local ears' interims and finals on audio time: one pass at a time, `pass_s` each."""

    ears: Ears
    pass_s: float
    segmenter: Segmenter = field(default_factory=lambda: Segmenter(RATE_HZ))
    coming: list[tuple[float, str, bool]] = field(default_factory=list)
    busy_until_s: float = 0.0
    peek_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.segmenter.is_early = True

    async def add(self, pcm: bytes, now_s: float) -> None:
        """A frame of the caller's; perhaps it is time to listen."""
        self.segmenter.add(pcm)
        every_s = max(EARLY_INTERIM_EVERY_S, INTERIM_SHARE * self.pass_s)
        if self.segmenter.is_peek_due(every_s) and now_s >= self.busy_until_s:
            await self._listen(self.segmenter.peek(), now_s, is_final=False)

    async def stopped(self, now_s: float) -> None:
        """The VAD's stop."""
        if not self.segmenter.is_speaking:
            return
        segment = self.segmenter.speech_stopped()
        if segment.is_peeked:
            text = await self.ears.hear(segment.pcm)
            self.coming.append((max(now_s, self.peek_until_s), text, True))
        else:
            await self._listen(segment, max(now_s, self.busy_until_s), is_final=True)

    async def _listen(self, segment: Segment, now_s: float, *, is_final: bool) -> None:
        self.busy_until_s = now_s + self.pass_s
        if not is_final:
            self.peek_until_s = self.busy_until_s
        self.coming.append((self.busy_until_s, await self.ears.hear(segment.pcm), is_final))

    def heard(self, now_s: float) -> list[tuple[str, bool]]:
        """What the ears have come up with by now."""
        ready = [one for one in self.coming if one[0] <= now_s]
        self.coming = [one for one in self.coming if one[0] > now_s]
        shown = self.segmenter.is_speaking
        return [(text, is_final) for _, text, is_final in ready if text and (is_final or shown)]
