"""Who the microphone hears, by level alone."""

from __future__ import annotations

import numpy as np
import pytest

from processors.loudness import SILENCE_DBFS, Loudness, level_dbfs

pytestmark = pytest.mark.unit

FRAMES = 150


def envelope(seed: int) -> list[float]:
    """Levels that rise and fall by syllables, as speech does, one a frame of 20 ms."""
    rng = np.random.default_rng(seed)
    syllables = np.repeat(rng.uniform(-60, -20, FRAMES // 8 + 1), 8)[:FRAMES]
    return [float(level) for level in syllables]


def test_levels_are_of_the_sound_and_not_of_its_offset() -> None:
    """Full scale is 0 dBFS less the 3 dB of a sine; silence, also an offset one, is silence."""
    sine = np.sin(np.arange(16000) / 5) * 32767
    assert level_dbfs(sine.astype(np.int16).tobytes()) == pytest.approx(-3, abs=0.1)
    assert level_dbfs(np.full(320, 3000, np.int16).tobytes()) == SILENCE_DBFS
    assert level_dbfs(b"") == SILENCE_DBFS


def test_a_voice_far_below_the_callers_is_far() -> None:
    """Once the caller's own level is known, 20 dB less is somebody else; 6 dB less is not."""
    loudness = Loudness()
    assert not loudness.is_far(-45)
    for _ in range(50):
        loudness.hear(-25, SILENCE_DBFS)
        loudness.learn_own()
    assert loudness.own_dbfs == -25
    assert loudness.is_far(-45)
    assert not loudness.is_far(-31)


@pytest.mark.parametrize("lag", [0, 5, 20])
@pytest.mark.parametrize("loss_db", [10, 30])
def test_an_echo_follows_the_bot(lag: int, loss_db: int) -> None:
    """The bot's own envelope, later and quieter, is its echo."""
    loudness = Loudness()
    bot = envelope(1)
    for at in range(FRAMES):
        heard = bot[at - lag] - loss_db if at >= lag else SILENCE_DBFS
        loudness.hear(heard, bot[at])
    assert loudness.is_echo()


def test_a_caller_stands_out_above_the_echo() -> None:
    """Speech over an echo is the caller's, however well the rest fits."""
    loudness = Loudness()
    bot = envelope(1)
    for at in range(FRAMES):
        is_caller = at >= FRAMES - 8
        loudness.hear(-15 if is_caller else bot[at] - 25, bot[at])
    assert not loudness.is_echo()


@pytest.mark.parametrize("seed", range(2, 12))
def test_a_caller_who_speaks_beside_the_bot_is_no_echo(seed: int) -> None:
    """Two envelopes that have nothing to do with each other are two voices."""
    loudness = Loudness()
    for bot, caller in zip(envelope(1), envelope(seed), strict=True):
        loudness.hear(caller, bot)
    assert not loudness.is_echo()


def test_a_silent_bot_has_no_echo() -> None:
    """What is heard while the bot says nothing is somebody."""
    loudness = Loudness()
    for level in envelope(3):
        loudness.hear(level, SILENCE_DBFS)
    assert not loudness.is_echo()
