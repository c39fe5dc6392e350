"""What callers do over a speaking bot, labelled by how it was made: sounds that must not stop it,
and words that must. benchmarks/barge_in.py plays them. The rules were tuned on these;
benchmarks/overheard_anew.py has a second set.

Local voices say acknowledgements and interruptions; Debian's asterisk-core-sounds-en-wav and
pocketsphinx-testdata have people who speak; sound-icons, sound-theme-freedesktop and
asterisk-moh-opsound-wav have noises and music; coughs, clicks, taps, breath and hum are made here.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.room import Echo
from bots.local import weights
from bots.local.voices import VOICES as LOCAL_VOICES
from bots.local.voices import load_voice
from bots.wav import read_wav

RATE_HZ = 16_000
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "offhook/benchmarks"
ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TRANSCRIPTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
ICONS = Path("/usr/share/sounds/sound-icons")
THEME = Path("/usr/share/sounds/freedesktop/stereo")
MUSIC = Path("/usr/share/asterisk/moh")
LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")

Pcm = NDArray[np.int16]

ACKNOWLEDGEMENTS = (
    *("Mm-hm.", "Uh-huh.", "Yeah.", "Yes.", "Okay.", "Right.", "Sure.", "I see.", "Got it."),
    *("Oh, okay.", "Yeah, yeah.", "All right.", "Great.", "Aha.", "Hmm.", "Of course.", "Exactly."),
    *("Oh, I see.", "Okay, good.", "Thank you.", "Ha ha ha.", "Perfect.", "That makes sense."),
)
COMMANDS = (
    *(
        "Stop.",
        "Wait.",
        "No.",
        "Hold on.",
        "Wait a second.",
        "No, no, no.",
        "Excuse me.",
        "Hang on.",
    ),
    *("Stop, please.", "Sorry?", "One moment, please.", "No, that is not what I asked.", "Cancel."),
)
SENTENCES = (
    "What time do you close on Friday?",
    "I need to change my appointment.",
    "Can I speak to somebody else?",
    "I already told you my number.",
    "How much does it cost?",
    "That is the wrong address.",
    "My name is Margaret.",
    "Do you have anything earlier?",
    "I would rather come on Tuesday.",
    "Could you repeat the last part?",
    "Let me ask you something.",
    "Is there parking near the clinic?",
)
VOICES = ("heart", "joe", "bf_emma", "am_michael")
BANDS = ("wide", "telephone")


@dataclass(frozen=True, slots=True)
class Clip:
    """PCM s16 mono at RATE_HZ from its first audible sample on; `kind` says what it is.

    `lead_s`: for how long the bot has been speaking when it begins. `own_dbfs`: the caller's own
    level, where the call has heard it before. `echo`: what the microphone gets of the bot.
    `language`: the call's.
    """

    kind: str
    source: str
    name: str
    pcm: Pcm
    lead_s: float = 1.5
    own_dbfs: float | None = None
    echo: Echo | None = None
    language: str = "en"


def harmless(seed: int = 1) -> Iterator[Clip]:
    """Everything a bot must talk on over."""
    for voice in VOICES:
        for text in ACKNOWLEDGEMENTS:
            for band in BANDS:
                pcm = in_band(spoken(voice, text), band)
                yield Clip("backchannel", f"{voice} {band}", text, audible(pcm))
    rng = np.random.default_rng(seed)
    for make in (cough, click, taps, breath, hum, throat, knock):
        for number in range(10):
            pcm = to_level(make(rng), rng.uniform(-35, -20))
            yield Clip(make.__name__, "made", str(number), audible(pcm))
    for folder, pattern in ((ICONS, "*.wav"), (THEME, "*.oga")):
        for path in sorted(folder.glob(pattern)):
            if not path.name.startswith("audio-channel"):
                pcm = to_level(_decoded(path)[: 3 * RATE_HZ], -25)
                yield Clip("sound", folder.name, path.stem, audible(pcm))
    for path in sorted(MUSIC.glob("*.wav")):
        track = read_wav(path, RATE_HZ)
        for number, at in enumerate(rng.integers(0, len(track) - 4 * RATE_HZ, 14)):
            pcm = to_level(track[at : at + 3 * RATE_HZ], rng.uniform(-40, -25))
            yield Clip("music", "asterisk-moh", f"{path.stem} {number}", audible(pcm))


def interruptions(seed: int = 1) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    for voice in VOICES:
        for kind, texts in (("command", COMMANDS), ("sentence", SENTENCES)):
            for text in texts:
                band = BANDS[len(text) % 2]
                yield Clip(
                    kind, f"{voice} {band}", text, audible(in_band(spoken(voice, text), band))
                )
    for path in _drawn(_prompts(), seed):
        pcm = to_level(read_wav(path, RATE_HZ)[: 4 * RATE_HZ], -25)
        yield Clip("sentence", "asterisk", path.stem, audible(pcm))
    for path in sorted(LIBRIVOX.glob("*.wav")):
        track = read_wav(path, RATE_HZ)
        for number, at in enumerate(range(0, min(len(track), 20 * RATE_HZ), 5 * RATE_HZ)):
            pcm = to_level(track[at : at + 3 * RATE_HZ], -25)
            if len(pcm) > RATE_HZ:
                yield Clip("sentence", "librivox", f"{path.stem[-4:]} {number}", audible(pcm))


def bot_speech() -> Pcm:
    """What the bot is saying, as the default voice says it."""
    return spoken("heart", BOT_TEXT)


BOT_TEXT = (
    "We are open from nine in the morning to six in the evening on weekdays, and on Saturdays from "
    "ten to four. The workshop is on the corner of Mill Street and the old bridge, right beside "
    "the bakery with the green door. A full service takes about two days and includes new cables, "
    "a clean chain and a careful look at both wheels. You can leave your bike in the yard at any "
    "time, and we will send you a message as soon as it is ready to be collected."
)


def prompts_left(seed: int = 1) -> list[Path]:
    """The prompts that `interruptions` has not drawn."""
    prompts = _prompts()
    drawn = set(_drawn(prompts, seed))
    return [path for path in prompts if path not in drawn]


def _drawn(prompts: list[Path], seed: int) -> list[Path]:
    chosen = np.random.default_rng(seed).choice(len(prompts), min(60, len(prompts)), replace=False)
    return [prompts[index] for index in sorted(chosen)]


def _prompts() -> list[Path]:
    """The prompts of four words and more."""
    with gzip.open(TRANSCRIPTS, "rt", encoding="utf-8") as file:
        said = dict(line.split(": ", 1) for line in file if ": " in line and line[0] != ";")
    named = (ASTERISK / f"{name}.wav" for name, text in sorted(said.items()) if text.count(" ") > 3)
    return [path for path in named if path.exists()]


# Sounds of a body, a desk and a room


def cough(rng: np.random.Generator) -> NDArray[np.float64]:
    """One to three bursts of noise through a throat."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.12, 0.3))
        decay = np.exp(-np.arange(length) / (length * rng.uniform(0.2, 0.45)))
        parts += [_throat(rng.normal(0, 1, length), rng) * decay, np.zeros(int(0.12 * RATE_HZ))]
    return np.concatenate(parts)


def throat(rng: np.random.Generator) -> NDArray[np.float64]:
    """A throat cleared: a low, rough voice for half a second."""
    length = int(RATE_HZ * rng.uniform(0.3, 0.6))
    pitch = 70 + 20 * np.cumsum(rng.normal(0, 0.02, length))
    pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
    return _throat(pulses + rng.normal(0, 0.08, length), rng) * np.hanning(length)


def breath(rng: np.random.Generator) -> NDArray[np.float64]:
    """A breath into the microphone."""
    length = int(RATE_HZ * rng.uniform(0.4, 1.2))
    return lfilter([1], [1, -0.9], rng.normal(0, 1, length)) * np.hanning(length)


def click(rng: np.random.Generator) -> NDArray[np.float64]:
    """A mouse, a pen, a lip."""
    length = int(RATE_HZ * 0.03)
    return np.pad(
        rng.normal(0, 1, length) * np.exp(-np.arange(length) / rng.uniform(20, 90)), (0, 800)
    )


def taps(rng: np.random.Generator) -> NDArray[np.float64]:
    """Typing beside the microphone."""
    out = np.zeros(int(RATE_HZ * rng.uniform(0.8, 2.0)))
    at = 0
    while at < len(out) - 1600:
        stroke = click(rng)[:480] * rng.uniform(0.3, 1)
        out[at : at + len(stroke)] += stroke
        at += int(RATE_HZ * rng.uniform(0.07, 0.25))
    return out


def knock(rng: np.random.Generator) -> NDArray[np.float64]:
    """A door, a cup put down: a struck body that rings."""
    length = int(RATE_HZ * rng.uniform(0.15, 0.4))
    at = np.arange(length) / RATE_HZ
    tones = (np.sin(2 * np.pi * rng.uniform(80, 900) * at) for _ in range(4))
    return sum(tones, np.zeros(length)) * np.exp(-at * rng.uniform(12, 30))


def hum(rng: np.random.Generator) -> NDArray[np.float64]:
    """A fan or a lorry going by."""
    length = int(RATE_HZ * rng.uniform(1.0, 2.5))
    at = np.arange(length) / RATE_HZ
    mains = np.sin(2 * np.pi * 50 * rng.integers(1, 5) * at)
    return (mains + lfilter([1], [1, -0.98], rng.normal(0, 0.3, length))) * np.hanning(length)


def _throat(source: Any, rng: np.random.Generator) -> Any:
    """The resonances of a mouth that says nothing."""
    for hz, width_hz in ((rng.uniform(500, 900), 150), (rng.uniform(1100, 1900), 250)):
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        source = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / RATE_HZ), r * r], source)
    return source


# Making them comparable


def spoken(voice: str, text: str) -> Pcm:
    key = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()[:16]
    path = CACHE / "barge_in" / f"{voice}-{key}.npy"
    if not path.exists():
        # Figures are read in English; a Kokoro voice keeps the sounds of its own language.
        entry = replace(LOCAL_VOICES[voice], language="en")
        loaded = _LOADED.get(voice) or load_voice(
            entry, weights.path(entry.weights[0]) if entry.weights else None, threads=2
        )
        _LOADED[voice] = loaded
        made = np.frombuffer(asyncio.run(loaded.synthesize(text)), np.int16)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, soxr.resample(made, loaded.sample_rate_hz, RATE_HZ))
    return to_level(np.load(path), -25)


_LOADED: dict = {}


def _decoded(path: Path) -> Pcm:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        frames = [
            out.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for out in resampler.resample(frame)
        ]
    return np.concatenate(frames)


def to_level(pcm: NDArray, dbfs: float) -> Pcm:
    """At a level of the audible part of it."""
    samples = np.asarray(pcm, np.float64)
    loud = np.abs(samples) > np.abs(samples).max(initial=1e-9) / 10
    rms = np.sqrt((samples[loud] ** 2).mean()) if loud.any() else 1.0
    return np.clip(samples / rms * 32768 * 10 ** (dbfs / 20), -32768, 32767).astype(np.int16)


def in_band(pcm: Pcm, band: str) -> Pcm:
    """As it comes over a telephone line, or as it is."""
    if band == "wide":
        return pcm
    narrow = soxr.resample(pcm, RATE_HZ, 8000)
    x = np.clip(narrow / 32768, -1, 1)
    law = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    back = np.sign(law) * (256 ** np.abs(law) - 1) / 255
    return soxr.resample((back * 32767).astype(np.int16), 8000, RATE_HZ)


def audible(pcm: Pcm, dbfs: float = -45.0) -> Pcm:
    """From its first to its last frame of 10 ms that is louder than `dbfs`."""
    frames = pcm[: len(pcm) // 160 * 160].reshape(-1, 160).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 32768 * 10 ** (dbfs / 20))
    return pcm[loud[0] * 160 : (loud[-1] + 1) * 160] if loud.size else pcm
