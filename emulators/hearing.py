"""The emulated ears: words and silences in the caller's audio, as it arrives.

`Ear` hears the tones of `emulators.word_tones`, so a transcript is exactly what was spoken. Speech
it cannot read (a human voice) is sound without words.
"""

from dataclasses import dataclass, field

import numpy as np

from emulators.word_tones import ToneDecoder, ToneWord

_LOUD_DBFS = -45.0
_FULL_SCALE = 32768.0


@dataclass
class Ear:
    """What was heard since the last `forget`, and how long it has been quiet.

    Times are seconds of audio from the first byte.
    """

    sample_rate_hz: int
    words: list[ToneWord] = field(default_factory=list)
    heard_s: float = 0.0
    """Audio so far."""
    quiet_s: float = 0.0
    """Silence at the end of it."""
    is_speaking: bool = False
    """Whether there was sound since the last `forget`."""

    def __post_init__(self) -> None:
        self._decoder = ToneDecoder(self.sample_rate_hz)

    def listen(self, pcm: bytes) -> bool:
        """Take PCM s16le mono; True when it made new words."""
        samples = np.frombuffer(pcm, dtype="<i2", count=len(pcm) // 2).astype(np.float64)
        duration_s = len(samples) / self.sample_rate_hz
        self.heard_s += duration_s
        if len(samples):
            power = float(np.mean(samples**2)) / _FULL_SCALE**2
            is_loud = power > 10 ** (_LOUD_DBFS / 10)
            self.quiet_s = 0.0 if is_loud else self.quiet_s + duration_s
            self.is_speaking = self.is_speaking or is_loud
        new = [word for word in self._decoder.feed(pcm) if word.is_whole]
        self.words += new
        return bool(new)

    def finish(self) -> None:
        """Hear the last word out: no more audio comes before `forget`."""
        self.words += [word for word in self._decoder.flush() if word.is_whole]

    def forget(self) -> None:
        """Start the next utterance."""
        self.words = []
        self.is_speaking = False

    @property
    def transcript(self) -> str:
        """The words so far."""
        return " ".join(word.text for word in self.words)
