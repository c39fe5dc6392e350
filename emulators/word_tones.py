"""Speech of the emulators: every word spells itself in tones, so a recording is read back exactly.

The emulated voices speak with `encode`, the emulated ears and the benchmarks listen with
`ToneDecoder`. A word is a run of 25 ms tones::

    SYNC | length | character ... | check        each of them two tones, one of set A, one of set B

Tones of the sets A and B alternate, so the code clocks itself: a decoder needs no timing, and what
stretches, shortens or tears a tone (a jitter buffer, a resampler, a gap) does no harm while each
tone leaves about 15 ms of itself. A character is six bits, three in each of its tones. The word
carries its own letters, so that a recording made by one process is read by another without a table
of words between them; scripts that count say `w1 w2 w3`.

Under the tones lies a hum below 500 Hz. No decoder listens to it: it is there because a voice
activity detector takes bare tones for noise, and calls must start and end turns on this speech.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SYMBOL_S = 0.025
"""Length of a tone."""

_WINDOW_S = 0.015
_HOP_S = 0.005
_SET_TONES = 8
_SYNC = 2 * _SET_TONES
_TONES_HZ = 700.0 + 150.0 * np.arange(2 * _SET_TONES + 1)
"""Set A, set B and SYNC: 700 to 3100 Hz, within a telephone's band."""

_HUM_HZ = 120.0
_TONE_AMPLITUDE = 5000.0
_HUM_AMPLITUDE = 5000.0
_FADE_S = 0.002

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'-:;()/&@+%$\"#*_=~<>"
_UPPER = 62
_CODE_POINT = 63
_LONGEST = 63

_FLOOR = 20.0
"""Quietest tone that counts, in s16 units (about -64 dBFS)."""
_DOMINANCE = 4.0
"""A tone is heard when it has this many times the power of the next strongest."""
_HOPS_TO_HEAR = 2
_QUIET = -1


@dataclass(frozen=True, slots=True)
class ToneWord:
    """A word that was heard, whole or in part.

    `text` of a part is the beginning that was understood; `fraction` says how much of the word's
    tones came before it broke off, 1.0 for a whole word. Times are from the start of the audio.
    """

    text: str
    start_s: float
    end_s: float
    fraction: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether all tones of the word came and agree with its check."""
        return self.fraction >= 1.0


def split_words(text: str) -> list[str]:
    """Cut `text` at white space into what `encode` speaks as one word each.

    Words of more than about sixty characters are spoken in pieces.
    """
    return [piece for word in text.split() for piece in _pieces(word)]


def word_duration_s(word: str) -> float:
    """How long `word`, one of `split_words`, sounds."""
    return len(_tones_of(word)) * SYMBOL_S


def encode(text: str, sample_rate_hz: int) -> bytes:
    """Speak `text`, words following one another without a gap.

    Returns:
        PCM s16le, mono, at `sample_rate_hz` (8000 or more).
    """
    return b"".join(encode_word(word, sample_rate_hz) for word in split_words(text))


def encode_word(word: str, sample_rate_hz: int) -> bytes:
    """Speak one of `split_words` as PCM s16le, mono; `word_duration_s` long to within a sample."""
    tones = _tones_of(word)
    edges = np.round(np.arange(len(tones) + 1) * SYMBOL_S * sample_rate_hz).astype(int)
    time_s = np.arange(edges[-1]) / sample_rate_hz
    audio = _hum(time_s)
    for tone, start, end in zip(tones, edges[:-1], edges[1:], strict=True):
        fade = np.minimum(np.arange(end - start), np.arange(end - start)[::-1]) / (
            _FADE_S * sample_rate_hz
        )
        wave = np.sin(2 * np.pi * _TONES_HZ[tone] * time_s[start:end])
        audio[start:end] += _TONE_AMPLITUDE * np.minimum(fade, 1.0) * wave
    return audio.astype("<i2").tobytes()


def decode(pcm: bytes, sample_rate_hz: int) -> list[ToneWord]:
    """Read the words of a whole recording, PCM s16le mono, in the order they were heard."""
    decoder = ToneDecoder(sample_rate_hz)
    return [*decoder.feed(pcm), *decoder.flush()]


class ToneDecoder:
    """Reads words from audio that arrives piece by piece."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._hop = round(_HOP_S * sample_rate_hz)
        self._window = round(_WINDOW_S * sample_rate_hz)
        hann = np.hanning(self._window)
        angles = 2j * np.pi * np.outer(np.arange(self._window), _TONES_HZ) / sample_rate_hz
        self._basis = np.exp(-angles) * (2.0 * hann / hann.sum())[:, None]
        self._pending = np.zeros(0)
        self._odd_byte = b""
        self._time_s = 0.0
        self._label = _QUIET
        self._label_hops = 0
        self._tones: list[int] | None = None
        self._start_s = 0.0
        self._end_s = 0.0

    def feed(self, pcm: bytes) -> list[ToneWord]:
        """Take PCM s16le mono of any length; returns the words that ended in it."""
        pcm = self._odd_byte + pcm
        self._odd_byte = pcm[len(pcm) & ~1 :]
        samples = np.frombuffer(pcm, dtype="<i2", count=len(pcm) // 2).astype(np.float64)
        self._pending = np.concatenate([self._pending, samples])
        hops = (len(self._pending) - self._window) // self._hop + 1
        if hops <= 0:
            return []
        windows = np.lib.stride_tricks.sliding_window_view(self._pending, self._window)
        labels = self._hear(windows[:: self._hop][:hops])
        self._pending = self._pending[hops * self._hop :]
        return list(self._read(labels))

    def flush(self) -> list[ToneWord]:
        """End the audio: a word under way is returned as the part that was heard."""
        part = self._break_off()
        self._label, self._label_hops = _QUIET, 0
        return part

    def _hear(self, windows: npt.NDArray[np.float64]) -> list[int]:
        levels = np.abs(windows @ self._basis)
        loudest = levels.argmax(axis=1)
        ranked = np.sort(levels, axis=1)
        clear = (ranked[:, -1] >= _FLOOR) & (ranked[:, -1] ** 2 >= _DOMINANCE * ranked[:, -2] ** 2)
        return np.where(clear, loudest, _QUIET).tolist()

    def _read(self, labels: Iterable[int]) -> Iterator[ToneWord]:
        for label in labels:
            self._label_hops = self._label_hops + 1 if label == self._label else 1
            self._label = label
            if label != _QUIET and self._label_hops >= _HOPS_TO_HEAR:
                yield from self._take(label)
            self._time_s += self._hop / self._rate_hz

    def _take(self, tone: int) -> list[ToneWord]:
        now_s = self._time_s + _WINDOW_S / 2
        if tone == _SYNC:
            if self._tones == []:
                return []
            part = self._break_off()
            self._tones, self._start_s = [], now_s - _HOPS_TO_HEAR * _HOP_S
            self._end_s = now_s
            return part
        if self._tones is None or (self._tones and self._tones[-1] == tone):
            return []
        if tone // _SET_TONES != len(self._tones) % 2:
            return self._break_off()
        self._tones.append(tone)
        self._end_s = now_s + SYMBOL_S / 2
        units = _units_of_tones(self._tones)
        if len(self._tones) % 2 or not units or len(units) < units[0] + 2:
            return []
        if units[-1] != _check(units[:-1]):
            return self._break_off()
        self._tones = None
        return [ToneWord(_spell(units[1:-1]), self._start_s, self._end_s)]

    def _break_off(self) -> list[ToneWord]:
        tones, self._tones = self._tones, None
        units = _units_of_tones(tones) if tones else []
        if not tones or not units or not units[0]:
            return []
        expected = 2 * (units[0] + 2)
        fraction = min(len(tones) / expected, 0.99)
        letters = units[1 : 1 + units[0]]
        return [ToneWord(_spell(letters), self._start_s, self._end_s, fraction)]


def _hum(time_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    vibrato = 0.8 * np.sin(2 * np.pi * 2.0 * time_s)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4.0 * time_s)
    hum = np.zeros_like(time_s)
    for harmonic in range(1, 5):
        phase = 2 * np.pi * _HUM_HZ * harmonic * time_s + vibrato * harmonic
        hum += np.sin(phase) / np.sqrt(harmonic)
    return _HUM_AMPLITUDE * swell * hum


def _pieces(word: str) -> Iterator[str]:
    piece = ""
    for character in word:
        if len(_units_of(piece + character)) > _LONGEST:
            yield piece
            piece = ""
        piece += character
    yield piece


def _tones_of(word: str) -> list[int]:
    letters = _units_of(word)
    units = [len(letters), *letters]
    units.append(_check(units))
    tones = [_SYNC]
    for unit in units:
        tones += [unit >> 3, _SET_TONES + (unit & 7)]
    return tones


def _units_of(word: str) -> list[int]:
    units: list[int] = []
    for character in word:
        if character in _ALPHABET:
            units.append(_ALPHABET.index(character))
        elif character.lower() in _ALPHABET:
            units += [_UPPER, _ALPHABET.index(character.lower())]
        else:
            point = ord(character)
            units += [_CODE_POINT, point >> 12 & 63, point >> 6 & 63, point & 63]
    return units


def _units_of_tones(tones: list[int]) -> list[int]:
    return [
        high << 3 | (low - _SET_TONES) for high, low in zip(tones[::2], tones[1::2], strict=False)
    ]


def _spell(units: list[int]) -> str:
    text = ""
    remaining = iter(units)
    for unit in remaining:
        if unit == _UPPER:
            letter = next(remaining, None)
            text += _ALPHABET[letter].upper() if letter is not None and letter < _UPPER else ""
        elif unit == _CODE_POINT:
            digits = [next(remaining, None) for _ in range(3)]
            if None not in digits:
                high, middle, low = (digit or 0 for digit in digits)
                text += chr(high << 12 | middle << 6 | low)
        elif unit < len(_ALPHABET):
            text += _ALPHABET[unit]
    return text


def _check(units: list[int]) -> int:
    return zlib.crc32(bytes(units)) & 63
