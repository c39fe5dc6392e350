"""A second set of what callers do over a speaking bot: other voices than benchmarks/overheard.py
has, other words, other levels and offsets, far voices, the bot's own echo, music made here.

docs/turn-taking.md has its first figures, from before anybody had seen it. Since then rules were
changed with its mistakes in view; benchmarks/overheard_third.py is for sounds that none was set on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.overheard import (
    BANDS,
    LIBRIVOX,
    MUSIC,
    RATE_HZ,
    Clip,
    audible,
    breath,
    click,
    cough,
    hum,
    in_band,
    knock,
    prompts_left,
    taps,
    throat,
    to_level,
)
from benchmarks.room import create_echo, far_away
from benchmarks.speakers import Speaker
from bots.wav import read_wav

SPEAKERS = tuple(Speaker((name,)) for name in ("af_bella", "bm_george", "em_alex", "if_sara"))
FAR_SPEAKERS = (Speaker(("im_nicola",)), Speaker(("bm_george",)))
OWN_DBFS = -25.0
"""The caller's own level where a voice is far away from it."""

ACKNOWLEDGEMENTS = (
    *("Mm-hmm, mm-hmm.", "Uh-huh, uh-huh.", "Mmm.", "Yep.", "Yeah, okay.", "Yeah, sure.", "Ah."),
    *("Okay, okay.", "Right, right.", "Ah, okay.", "Oh, wow.", "Okay, great.", "Oh, nice."),
    *("Sounds good.", "Good.", "Fair enough.", "Interesting.", "Oh, really.", "Very nice."),
    *("Yeah, that's right.", "Okay, thanks.", "True.", "Understood.", "He he he.", "Lovely."),
)
COMMANDS = (
    *(
        "Stop.",
        "Wait.",
        "No.",
        "Stop it.",
        "Wait, wait.",
        "Hey.",
        "Just a moment.",
        "Wait a minute.",
    ),
    *("No, thanks.", "Never mind.", "Sorry, what?", "Stop talking.", "Actually, no.", "Pardon?"),
    *("Hold on a second.", "No, wait."),
)
SENTENCES = (
    "Where exactly is that?",
    "I wanted to ask about the price.",
    "Do you take credit cards?",
    "My bike has a flat tyre.",
    "Let's do Thursday instead.",
    "I don't have that much time.",
    "Could I talk to a person?",
    "That was not my question.",
    "Are you open during the holidays?",
    "What is your email address?",
    "I am calling about my order.",
    "Please send it to my office.",
    "How long is the wait right now?",
    "We have been waiting since Monday.",
)


def harmless(seed: int = 2) -> Iterator[Clip]:
    """Everything a bot must talk on over."""
    rng = np.random.default_rng(seed)
    for speaker in SPEAKERS:
        for text in ACKNOWLEDGEMENTS:
            band = BANDS[rng.integers(2)]
            pcm = to_level(in_band(speaker.says(text), band), rng.uniform(-32, -18))
            yield _somewhere(Clip("backchannel", f"{speaker.name} {band}", text, audible(pcm)), rng)
    for make in (cough, click, taps, breath, hum, throat, knock):
        for number in range(10):
            made = np.concatenate([make(rng), np.zeros(int(RATE_HZ * rng.uniform(0.1, 0.6)))])
            pcm = to_level(np.tile(made, rng.integers(1, 4)), rng.uniform(-30, -14))
            yield _somewhere(Clip(make.__name__, "made", str(number), audible(pcm)), rng)
    for play in (plucked, organ, whistled, drums):
        for number in range(10):
            pcm = to_level(play(rng), rng.uniform(-38, -18))
            pcm = in_band(pcm, BANDS[number % 2])
            yield _somewhere(Clip("music", play.__name__, str(number), audible(pcm)), rng)
    for path in sorted(MUSIC.glob("*.wav")):
        # The first set's excerpts are at other places and not over a telephone line.
        track = read_wav(path, RATE_HZ)
        for number, at in enumerate(rng.integers(0, len(track) - 4 * RATE_HZ, 4)):
            pcm = to_level(track[at : at + 4 * RATE_HZ], rng.uniform(-32, -20))
            clip = Clip("music", "asterisk-moh", f"{path.stem} {number}", in_band(pcm, "telephone"))
            yield _somewhere(clip, rng)
    for speaker in FAR_SPEAKERS:
        for text in (*SENTENCES, *COMMANDS[:6]):
            heard = far_away(speaker.says(text), rng, RATE_HZ)
            pcm = audible(to_level(heard, OWN_DBFS - rng.uniform(17, 26)), dbfs=-60)
            yield _somewhere(replace(Clip("far", speaker.name, text, pcm), own_dbfs=OWN_DBFS), rng)
    for number in range(40):
        loss_db = rng.uniform(8, 30)
        silence = np.zeros(5 * RATE_HZ, np.int16)
        clip = Clip("echo", "own voice", f"{number}, {loss_db:.0f} dB down", silence)
        yield _somewhere(replace(clip, echo=create_echo(rng, RATE_HZ, loss_db=loss_db)), rng)


def interruptions(seed: int = 2) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    rng = np.random.default_rng(seed)
    for speaker in SPEAKERS:
        for kind, texts in (("command", COMMANDS), ("sentence", SENTENCES)):
            for text in texts:
                band = BANDS[rng.integers(2)]
                pcm = to_level(in_band(speaker.says(text), band), rng.uniform(-32, -18))
                yield _somewhere(Clip(kind, f"{speaker.name} {band}", text, audible(pcm)), rng)
    left = prompts_left()
    for index in sorted(rng.choice(len(left), min(40, len(left)), replace=False)):
        pcm = to_level(read_wav(left[index], RATE_HZ)[: 4 * RATE_HZ], rng.uniform(-32, -18))
        yield _somewhere(Clip("sentence", "asterisk", left[index].stem, audible(pcm)), rng)
    for path in sorted(LIBRIVOX.glob("*.wav")):
        track = read_wav(path, RATE_HZ)
        for number, at in enumerate(
            range(int(2.5 * RATE_HZ), min(len(track), 20 * RATE_HZ), 5 * RATE_HZ)
        ):
            pcm = audible(to_level(track[at : at + 3 * RATE_HZ], rng.uniform(-32, -18)))
            if len(pcm) > RATE_HZ:
                yield _somewhere(
                    Clip("sentence", "librivox", f"{path.stem[-4:]} {number}", pcm), rng
                )
    for text in (*COMMANDS[:4], *SENTENCES[:6]):
        speaker = SPEAKERS[rng.integers(len(SPEAKERS))]
        clip = Clip(
            "over echo", speaker.name, text, audible(to_level(speaker.says(text), OWN_DBFS))
        )
        echo = create_echo(rng, RATE_HZ, loss_db=rng.uniform(18, 30))
        yield _somewhere(replace(clip, echo=echo), rng)


def _somewhere(clip: Clip, rng: np.random.Generator) -> Clip:
    """The clip at some other place of what the bot says, on no frame's border."""
    return replace(clip, lead_s=rng.uniform(1.5, 4.0))


# Music by four makers of sound


def plucked(rng: np.random.Generator) -> NDArray[np.float64]:
    """Strings, by Karplus and Strong, in broken chords."""
    root_hz = rng.uniform(110, 220)
    parts = []
    for step in (0, 4, 7, 12, 7, 4, 0, 5, 9, 12):
        period = int(RATE_HZ / (root_hz * 2 ** (step / 12)))
        burst = np.zeros(int(0.3 * RATE_HZ))
        burst[:period] = rng.uniform(-1, 1, period)
        taps_back = np.zeros(period + 2)
        taps_back[0], taps_back[period], taps_back[period + 1] = 1, -0.498, -0.498
        parts.append(lfilter([1], taps_back, burst))
    return np.concatenate(parts)


def organ(rng: np.random.Generator) -> NDArray[np.float64]:
    """Held chords of harmonics that beat slowly."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    out = np.zeros(len(at_s))
    for step in (0, rng.choice([3, 4]), 7):
        hz = rng.uniform(130, 150) * 2 ** (step / 12)
        for harmonic in range(1, 7):
            beat = 1 + 0.3 * np.sin(2 * np.pi * rng.uniform(3, 6) * at_s)
            out += beat * np.sin(2 * np.pi * hz * harmonic * at_s + rng.uniform(0, 6)) / harmonic
    return out


def whistled(rng: np.random.Generator) -> NDArray[np.float64]:
    """One voice without words: a tune with vibrato."""
    notes = rng.choice([0, 2, 4, 5, 7, 9, 11, 12], 8)
    hz = np.repeat(rng.uniform(500, 900) * 2 ** (notes / 12), int(0.35 * RATE_HZ))
    at_s = np.arange(len(hz)) / RATE_HZ
    hz = hz * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * at_s))
    return np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) + rng.normal(0, 0.03, len(hz))


def drums(rng: np.random.Generator) -> NDArray[np.float64]:
    """A beat: a drum that falls in pitch, and noise between."""
    beat = int(RATE_HZ * rng.uniform(0.2, 0.3))
    at_s = np.arange(beat) / RATE_HZ
    kick = np.sin(2 * np.pi * (60 * at_s - 8 * np.exp(-30 * at_s))) * np.exp(-12 * at_s)
    snare = rng.normal(0, 0.6, beat) * np.exp(-18 * at_s)
    return np.concatenate([kick, snare * 0.3, snare, kick, kick, snare * 0.3, snare, snare * 0.5])
