"""The sound between the caller's turn and a late answer: two soft notes, made once a process."""

from __future__ import annotations

from functools import cache

import numpy as np

FILLER_HZ = 24_000
_NOTES_HZ = (392.0, 523.25)  # G4 and C5, a fourth: it asks for patience, and is no ringing tone
_NOTE_S = 0.32
_LOUDNESS = 0.12
_FADE_S = 0.03


@cache
def filler() -> bytes:
    """PCM s16le, mono, FILLER_HZ: about 0.6 s, well under the loudness of a voice."""
    times_s = np.arange(round(_NOTE_S * FILLER_HZ)) / FILLER_HZ
    rise = np.minimum(1.0, times_s / _FADE_S)
    shape = rise * np.exp(-times_s / (_NOTE_S / 3))
    notes = [_LOUDNESS * shape * np.sin(2 * np.pi * note_hz * times_s) for note_hz in _NOTES_HZ]
    return (np.concatenate(notes) * 32767).astype("<i2").tobytes()
