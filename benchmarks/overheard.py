"""What callers do over a speaking bot, labelled by how it was made: sounds that must not stop it,
and words that must. benchmarks/barge_in.py plays them. The rules were tuned on these;
benchmarks/overheard_anew.py has a second set.

Local voices say acknowledgements and interruptions; Debian's asterisk-core-sounds-en-wav and
pocketsphinx-testdata have people who speak; sound-icons, sound-theme-freedesktop and
asterisk-moh-opsound-wav have noises and music; benchmarks/noises.py makes others.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import soxr

from benchmarks.clips import BANDS, CACHE, RATE_HZ, Clip, Pcm, audible, in_band, to_level
from benchmarks.noises import breath, click, cough, hum, knock, taps, throat
from bots.local import weights
from bots.local.voices import VOICES as LOCAL_VOICES
from bots.local.voices import load_voice
from bots.wav import read_wav

ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TRANSCRIPTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
ICONS = Path("/usr/share/sounds/sound-icons")
THEME = Path("/usr/share/sounds/freedesktop/stereo")
MUSIC = Path("/usr/share/asterisk/moh")
LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")

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
                pcm = to_level(decoded(path)[: 3 * RATE_HZ], -25)
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


def decoded(path: Path) -> Pcm:
    """A sound file that is not WAV, at RATE_HZ."""
    # A file of bare GSM frames has nothing at its beginning to be known by.
    with av.open(str(path), format="gsm" if path.suffix == ".gsm" else None) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        frames = [
            out.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for out in resampler.resample(frame)
        ]
    return np.concatenate(frames)
