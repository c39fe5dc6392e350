"""Judges what Whisper is given and what it wrote: silence, loops, phantoms, where to cut. Pure.

bots/local/whisper.py asks these before and after the model runs. Samples are float32 in -1..1 or
int16, mono, 16 kHz, shape (n_samples,).
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = RATE_HZ // 50  # 20 ms
MAX_PIECE_S = 28.0
"""Whisper hears 30 s at most; the rest is room for the window."""
EARLIEST_CUT_S = 16.0

AUDIBLE_DBFS = -52.0
"""A frame below this is silence even on a faint telephone line."""
MIN_AUDIBLE_MS = 80
"""The shortest word worth running the model for."""
STEADY_SPREAD_DB = 6.0
"""Speech rises and falls by 20 dB and more; a fan, hiss or hum stays within a few."""

FASTEST_WORDS_PER_S = 5.0

_PHANTOMS = frozenset(
    {
        *("", "you", "thank you", "thanks", "thank you very much", "thanks for watching"),
        *("thank you for watching", "bye", "bye bye", "the", "so", "oh", "i", "a", "hmm", "mm"),
        *("gracias", "gracias por ver el video", "subtítulos por la comunidad de amara org"),
        *("merci", "sous titres réalisés par la communauté d amara org", "sottotitoli"),
        *("obrigado", "obrigada", "grazie", "vielen dank", "untertitel der amara org community"),
    }
)
"""What Whisper writes when it hears nothing, without case and punctuation."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One pass of the model. `mean_logprob` is per token; `no_speech_prob` is 0..1."""

    text: str
    no_speech_prob: float
    mean_logprob: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """`audible_ms`: length of the frames above AUDIBLE_DBFS; `spread_db`: loud against quiet."""

    audible_ms: int
    spread_db: float

    @property
    def is_silence(self) -> bool:
        return self.audible_ms < MIN_AUDIBLE_MS

    @property
    def is_steady(self) -> bool:
        return self.spread_db < STEADY_SPREAD_DB


def loudness(samples: NDArray[np.float32]) -> Loudness:
    levels = _levels_dbfs(samples)
    if levels.size == 0:
        return Loudness(0, 0.0)
    loud, quiet = np.percentile(levels, [95, 10])
    return Loudness(int((levels > AUDIBLE_DBFS).sum()) * 20, float(loud - quiet))


def _levels_dbfs(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Level of each whole 20 ms frame, its constant offset removed; shape (n_samples // 320,)."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    centred = frames - frames.mean(axis=1, keepdims=True)
    return 10.0 * np.log10((centred**2).mean(axis=1) + 1e-10)


def is_phantom(heard: Heard, sound: Loudness) -> bool:
    """Whether the text was made up over something that is not speech.

    The model's own doubt decides, and weighs more for the sentences it is known to invent and for
    sound as steady as a fan. A clear "Thank you." passes. Single words really said, on a wide
    and on a telephone band, measure 0.24 and -0.83 at worst; noise 0.58 and -0.99 at best.
    """
    doubt, logprob = heard.no_speech_prob, heard.mean_logprob
    if doubt > 0.9 or logprob < -1.5 or (doubt > 0.5 and logprob < -0.9):
        return True
    words = " ".join(re.findall(r"\w+", heard.text.lower()))
    if not words:
        return True
    if sound.is_steady:
        return doubt > 0.4 or logprob < -0.9 or words in _PHANTOMS
    return words in _PHANTOMS and (doubt > 0.4 or logprob < -0.9)


def is_looping(text: str) -> bool:
    """Whether a phrase of 1 to 4 words repeats as a stuck decoder repeats it.

    Three times in a row for a phrase, four for a word; digits may repeat, as in "5 5 5 5".
    """
    raw = text.encode()
    return _loop(text.split()) is not None or (
        len(raw) > 60 and len(raw) / len(zlib.compress(raw)) > 2.2
    )


def unlooped(text: str, duration_s: float) -> str:
    """The text up to and with the first round of what repeats, if nobody could say it all.

    A caller may say a thing four times; only more words than fit in `duration_s` are a loop.
    """
    words = text.split()
    end = _loop(words)
    if end is None or len(words) <= FASTEST_WORDS_PER_S * duration_s:
        return text
    return " ".join(words[:end])


def _loop(words: list[str]) -> int | None:
    """Index after the first round of the first phrase that repeats."""
    plain = [re.sub(r"\W", "", word.lower()) for word in words]
    for start in range(len(plain)):
        for span in range(1, 5):
            times = 4 if span == 1 else 3
            phrase = plain[start : start + span]
            if all(word.isdigit() for word in phrase):
                continue
            if plain[start : start + span * times] == phrase * times:
                return start + span
    return None


def quietest_cut(samples: NDArray[np.int16] | NDArray[np.float32], rate_hz: int = RATE_HZ) -> int:
    """Where to cut a long utterance: mid-way in the quietest 200 ms between 16 s and 28 s.

    The samples before the returned index are one piece, those after it the next: none is lost.
    """
    first, last = int(EARLIEST_CUT_S * rate_hz), int(MAX_PIECE_S * rate_hz)
    frame = rate_hz // 50
    span = samples[first : min(last, len(samples))].astype(np.float32)
    frames = span[: len(span) // frame * frame].reshape(-1, frame)
    width = 10
    if len(frames) <= width:
        return min(last, len(samples))
    power = np.convolve((frames**2).mean(axis=1), np.ones(width), mode="valid")
    # The latest of equals: longer pieces have more context.
    start = len(power) - 1 - int(np.argmin(power[::-1]))
    return first + (start + width // 2) * frame


def pieces(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """An utterance as pieces of at most 28 s, cut where it is quietest; in order, nothing lost."""
    cut: list[NDArray[np.float32]] = []
    while len(samples) > MAX_PIECE_S * RATE_HZ:
        at = quietest_cut(samples)
        cut.append(samples[:at])
        samples = samples[at:]
    return [*cut, samples]


def continuation(said: str, joined: str) -> str:
    """The words of `joined` that come after those of `said`, both heard from the same beginning.

    The two may differ in a word misheard, so the cut is where the beginning of `joined` is nearest
    to `said` by word edits; the longest such beginning, so that no word is said twice.
    """
    plain = [re.sub(r"\W", "", word.lower()) for word in said.split()]
    words = joined.split()
    row = list(range(len(plain) + 1))
    edits = [row[-1]]
    for word in (re.sub(r"\W", "", word.lower()) for word in words):
        above, row = row, [row[0] + 1]
        for index, other in enumerate(plain, start=1):
            substituted = above[index - 1] + (word != other)
            row.append(min(above[index] + 1, row[-1] + 1, substituted))
        edits.append(row[-1])
    fewest = min(edits)
    cut = max(index for index, count in enumerate(edits) if count == fewest)
    return " ".join(words[cut:])
