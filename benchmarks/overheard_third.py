"""A third set of what callers do over a speaking bot: speakers, paces, levels and most words are
new, and more than a third of what is said is Spanish, to a bot whose language is Spanish.

docs/turn-taking.md has its first figures. It was written, and its speech made, before any rule had
been run on it. Nothing was changed with its mistakes in view; a rule that is needs a fourth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.overheard import (
    BANDS,
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
    taps,
    throat,
    to_level,
)
from benchmarks.overheard_anew import drums, organ, plucked, whistled
from benchmarks.room import create_echo, far_away
from benchmarks.speakers import Speaker
from benchmarks.turn_corpus import SOUNDS
from bots.wav import read_wav

ENGLISH = (
    Speaker(("af_heart",), pace=0.85),
    Speaker(("am_michael", "bm_george"), pace=1.1),
    Speaker(("joe",), pace=1.25),
    Speaker(("joe",), pace=0.85),
)
SPANISH = (
    Speaker(("ef_dora",), "es", pace=0.85),
    Speaker(("em_alex",), "es", pace=1.15),
)
QUIETEST_DBFS, LOUDEST_DBFS = -36.0, -16.0
OWN_DBFS = -25.0
"""The caller's own level where a voice is far away from it."""

ACKNOWLEDGEMENTS = {
    "en": (
        *("Mm.", "Mm-hmm.", "Uh-huh, right.", "Yup.", "Alright.", "Okay, sure.", "Oh, good."),
        *("I know.", "Gotcha.", "Really?", "Wow.", "Cool.", "That's fine.", "No worries."),
        *("Absolutely.", "Makes sense.", "Oh, I see, okay.", "Thanks.", "Ha ha.", "Yes, yes."),
    ),
    "es": (
        *("Sí.", "Ajá.", "Vale.", "Claro.", "Sí, sí.", "Ya.", "De acuerdo.", "Muy bien."),
        *("Entiendo.", "Ah, vale.", "Perfecto.", "Claro que sí.", "Está bien.", "Ya veo."),
        *("Gracias.", "Ja ja ja."),
    ),
}
COMMANDS = {
    "en": (
        *("Stop.", "Wait.", "No.", "Hang on a minute.", "Hold on, please.", "Excuse me?"),
        *("Hey, wait.", "One second.", "No, stop.", "What?", "Stop, stop.", "Sorry, no."),
    ),
    "es": (
        *("Para.", "Espera.", "No.", "Un momento.", "Espere, por favor.", "No, no."),
        *("Perdón.", "Basta.", "Oiga.", "No, gracias."),
    ),
}
SENTENCES = {
    "en": (
        "Which bus goes there?",
        "I would like to pay by card.",
        "My daughter has a cold.",
        "Could you spell that for me?",
        "That price seems rather high.",
        "Is it all right if I come later?",
        "We moved to another street.",
        "I lost the letter you sent me.",
    ),
    "es": (
        "¿A qué hora cierran mañana?",
        "Quiero cambiar mi cita.",
        "Mi hija está enferma.",
        "¿Cuánto cuesta la revisión?",
        "No es eso lo que pregunté.",
        "Prefiero ir el martes.",
    ),
}


def harmless(seed: int = 3) -> Iterator[Clip]:
    """Everything a bot must talk on over."""
    rng = np.random.default_rng(seed)
    for speaker in (*ENGLISH, *SPANISH):
        yield from _said(speaker, "backchannel", ACKNOWLEDGEMENTS, rng)
    for make in (cough, click, taps, breath, hum, throat, knock):
        for number in range(10):
            made = np.concatenate([make(rng), np.zeros(int(RATE_HZ * rng.uniform(0.2, 0.9)))])
            pcm = to_level(np.tile(made, rng.integers(1, 3)), rng.uniform(-34, -12))
            yield _somewhere(Clip(make.__name__, "made", str(number), audible(pcm)), rng)
    for play in (plucked, organ, whistled, drums):
        for number in range(10):
            pcm = in_band(to_level(play(rng), rng.uniform(-34, -16)), BANDS[number % 2])
            yield _somewhere(Clip("music", play.__name__, str(number), audible(pcm)), rng)
    for path in sorted(MUSIC.glob("*.wav")):
        track = read_wav(path, RATE_HZ)
        for number, at in enumerate(rng.integers(0, len(track) - 3 * RATE_HZ, 4)):
            pcm = to_level(track[at : at + 3 * RATE_HZ], rng.uniform(-34, -18))
            yield _somewhere(Clip("music", "asterisk-moh", f"{path.stem} {number}", pcm), rng)
    for speaker in ENGLISH[:2]:
        for text in (*SENTENCES["en"], *COMMANDS["en"][:4]):
            heard = far_away(speaker.says(text), rng, RATE_HZ)
            pcm = audible(to_level(heard, OWN_DBFS - rng.uniform(17, 26)), dbfs=-60)
            clip = Clip("far", speaker.name, text, pcm, own_dbfs=OWN_DBFS)
            yield _somewhere(clip, rng)
    for number in range(40):
        loss_db = rng.uniform(8, 30)
        silence = np.zeros(4 * RATE_HZ, np.int16)
        clip = Clip("echo", "own voice", f"{number}, {loss_db:.0f} dB down", silence)
        yield _somewhere(replace(clip, echo=create_echo(rng, RATE_HZ, loss_db=loss_db)), rng)


def interruptions(seed: int = 3) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    rng = np.random.default_rng(seed)
    for speaker in (*ENGLISH, *SPANISH):
        yield from _said(speaker, "command", COMMANDS, rng)
        yield from _said(speaker, "sentence", SENTENCES, rng)
    prompts = sorted((SOUNDS / "es_MX_f_Allison").glob("conf-*.wav"))
    long = [path for path in prompts if len(read_wav(path, RATE_HZ)) > 2 * RATE_HZ]
    for index in sorted(rng.choice(len(long), min(30, len(long)), replace=False)):
        pcm = read_wav(long[index], RATE_HZ)[: 3 * RATE_HZ]
        pcm = audible(to_level(pcm, rng.uniform(QUIETEST_DBFS, LOUDEST_DBFS)))
        clip = Clip("sentence", "asterisk es", long[index].stem, pcm, language="es")
        yield _somewhere(clip, rng)
    for text in (*COMMANDS["en"][:4], *SENTENCES["en"][:6]):
        speaker = ENGLISH[rng.integers(len(ENGLISH))]
        pcm = audible(to_level(speaker.says(text), OWN_DBFS))
        echo = create_echo(rng, RATE_HZ, loss_db=rng.uniform(18, 30))
        yield _somewhere(Clip("over echo", speaker.name, text, pcm, echo=echo), rng)


def _said(
    speaker: Speaker, kind: str, texts: dict[str, tuple[str, ...]], rng: np.random.Generator
) -> Iterator[Clip]:
    for text in texts[speaker.language]:
        band = BANDS[rng.integers(2)]
        level_dbfs = rng.uniform(QUIETEST_DBFS, LOUDEST_DBFS)
        pcm = audible(to_level(in_band(speaker.says(text), band), level_dbfs))
        clip = Clip(kind, f"{speaker.name} {band}", text, pcm, language=speaker.language)
        yield _somewhere(clip, rng)


def _somewhere(clip: Clip, rng: np.random.Generator) -> Clip:
    """The clip at some other place of what the bot says, on no frame's border."""
    return replace(clip, lead_s=rng.uniform(1.0, 4.5))
