"""The caller's audio since before the utterance began, kept to be heard again. Pure.

Positions are bytes of the caller's audio since the call began; entries are numbered from the call's
first. Each pair of ears reads from the oldest on, and is then given what comes, so that it hears
all without gap and without repetition however often providers are switched.

    audio   ....speech.VAD stop|....|preroll|speech....VAD stop....speech....|now
                          floor '   `- kept ---------------------------------'
"""

from __future__ import annotations

from collections import deque

from pipecat.frames.frames import Frame, InputAudioRawFrame

BYTES_PER_SAMPLE = 2
PREROLL_S = 1.0
"""Kept from before the VAD's start, which comes after the first word has begun."""
LONGEST_S = 60.0
"""Of an utterance without a final transcript; what is older is forgotten (about 2 MB at 16 kHz)."""


Entry = tuple[bytes | Frame, int]
"""Audio or a frame of the VAD, and the position after it. Not audio's frame: that is some ten small
objects, fifty times a second, of which the call has no more use.
"""


class KeptAudio:
    """What of one call is still worth hearing again. PCM s16le, mono, at `rate_hz`."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.bytes_per_s = rate_hz * BYTES_PER_SAMPLE
        self.now_bytes = 0
        self._entries: deque[Entry] = deque()
        self._first = 0
        self._floor = 0
        self._keeps_bytes = self._bytes(2 * PREROLL_S)

    @property
    def first(self) -> int:
        """Number of the oldest entry kept: where a replay begins."""
        return self._first

    @property
    def end(self) -> int:
        """Number that the next entry will have."""
        return self._first + len(self._entries)

    @property
    def length_s(self) -> float:
        """How much a replay begins with, in s."""
        oldest = self.entry(self._first)
        return (self.now_bytes - oldest[1]) / self.bytes_per_s if oldest else 0.0

    def add(self, frame: Frame) -> None:
        """Keep a frame's audio, or one that says when speech began or ended."""
        if isinstance(frame, InputAudioRawFrame):
            self.now_bytes += len(frame.audio)
            self._entries.append((frame.audio, self.now_bytes))
        else:
            self._entries.append((frame, self.now_bytes))
        oldest_bytes = self.now_bytes - self._keeps_bytes
        while self._entries[0][1] <= oldest_bytes:
            self._entries.popleft()
            self._first += 1

    def entry(self, number: int) -> Entry | None:
        """An entry by its number; None before the oldest and after the newest."""
        if not self._first <= number < self.end:
            return None
        return self._entries[number - self._first]

    def utterance_began(self, start_s: float) -> None:
        """Speech began `start_s` ago: keep all from a little before it, until it is ended."""
        self._forget(start_s + PREROLL_S)
        self._keeps_bytes = self._bytes(LONGEST_S)

    def utterance_ended(self, floor: int) -> None:
        """All entries before number `floor` have been transcribed and are never heard again."""
        self._keeps_bytes = self._bytes(2 * PREROLL_S)
        self._floor = max(self._floor, floor)
        self._forget(2 * PREROLL_S)

    def since(self, ago_s: float) -> int:
        """Number of the first entry that is at most `ago_s` old."""
        oldest_bytes = self.now_bytes - self._bytes(ago_s)
        number = self.end
        for _, end_bytes in reversed(self._entries):
            if end_bytes <= oldest_bytes:
                break
            number -= 1
        return number

    def _forget(self, older_s: float) -> None:
        oldest_bytes = self.now_bytes - self._bytes(older_s)
        while self._entries and (self._first < self._floor or self._entries[0][1] <= oldest_bytes):
            self._entries.popleft()
            self._first += 1

    def _bytes(self, length_s: float) -> int:
        return int(length_s * self.bytes_per_s)
