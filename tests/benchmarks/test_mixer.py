"""The sounds that are played over a bot: by construction, and the same in every run."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.clips import RATE_HZ
from benchmarks.mixer import Maker, Mixer
from benchmarks.noises import (
    baby,
    bark,
    clatter,
    cough,
    hiccup,
    horn,
    keys,
    meow,
    ring,
    siren,
    sneeze,
    snore,
    vacuum,
    yawn,
)
from benchmarks.tunes import accordion, arpeggio, bells, choir, marimba, strings, synthesizer
from processors.loudness import level_dbfs

pytestmark = pytest.mark.unit


def create_mixer(seed: int) -> Mixer:
    return Mixer(seed, leads_s=(1.0, 4.0), speech_dbfs=(-30, -20))


NOISES = (baby, bark, clatter, cough, hiccup, horn, keys, meow, ring, siren, sneeze, snore, vacuum)
TUNES = (accordion, arpeggio, bells, choir, marimba, strings, synthesizer)


@pytest.mark.parametrize("make", [*NOISES, yawn, *TUNES])
def test_a_maker_makes_sound_by_its_seed_alone(make: Maker) -> None:
    """Finite, audible, of some length, and another one for another seed."""
    first, again, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.isfinite(first).all() and np.abs(first).max() > 0
    assert len(first) > 0.1 * RATE_HZ
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_seed_draws_the_same_places_and_levels() -> None:
    """A set that was looked at stays what it was."""
    how = {"gap_s": (0.1, 0.2), "times": 2, "dbfs": (-30.0, -20.0)}
    first, again, other = (
        list(create_mixer(seed).noises((cough, ring), 3, **how)) for seed in (1, 1, 2)
    )
    assert [clip.kind for clip in first] == ["cough"] * 3 + ["ring"] * 3
    assert all(1.0 <= clip.lead_s <= 4.0 for clip in first)
    for one, same in zip(first, again, strict=True):
        assert one.lead_s == same.lead_s
        assert np.array_equal(one.pcm, same.pcm)
    assert first[0].lead_s != other[0].lead_s


def test_a_crowd_is_far_behind_the_caller() -> None:
    """Six voices at once, well below the level that the bot knows."""
    voices = [make(np.random.default_rng(1)).astype(np.int16) for make in (choir, *NOISES[:7])]
    (clip,) = create_mixer(4).babble(voices, 1, length_s=2)
    assert clip.own_dbfs is not None
    assert level_dbfs(clip.pcm.tobytes()) < clip.own_dbfs - 15


def test_an_echo_is_the_bots_alone() -> None:
    """Nobody speaks, and the microphone hears what the room leaves of the bot."""
    (clip,) = create_mixer(3).echoes(1, length_s=2)
    assert not clip.pcm.any()
    assert clip.echo is not None
    heard = clip.echo.of(np.ones(2 * RATE_HZ), RATE_HZ)
    assert np.abs(heard).max() > 0
