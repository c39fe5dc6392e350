"""A third set of what callers do over a speaking bot: speakers, paces, levels and most words are
new, and more than a third of what is said is Spanish, to a bot whose language is Spanish.

docs/turn-taking.md has its first figures, from before anybody had seen it. Since then rules were
changed with its mistakes in view; benchmarks/overheard_fourth.py has sounds that none was set on.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.clips import RATE_HZ, Clip, audible
from benchmarks.mixer import Mixer
from benchmarks.noises import breath, click, cough, hum, knock, taps, throat
from benchmarks.speakers import Speaker
from benchmarks.tunes import drums, organ, plucked, whistled
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
LEADS_S = (1.0, 4.5)
SPEECH_DBFS = (-36, -16)

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
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in (*ENGLISH, *SPANISH):
        yield from mixer.said(speaker, "backchannel", ACKNOWLEDGEMENTS[speaker.language])
    makers = (cough, click, taps, breath, hum, throat, knock)
    yield from mixer.noises(makers, 10, gap_s=(0.2, 0.9), times=2, dbfs=(-34, -12))
    yield from mixer.music((plucked, organ, whistled, drums), 10, dbfs=(-34, -16))
    yield from mixer.recorded_music(4, length_s=3, dbfs=(-34, -18), band="wide")
    yield from mixer.far(ENGLISH[:2], (*SENTENCES["en"], *COMMANDS["en"][:4]))
    yield from mixer.echoes(40, length_s=4)


def interruptions(seed: int = 3) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in (*ENGLISH, *SPANISH):
        yield from mixer.said(speaker, "command", COMMANDS[speaker.language])
        yield from mixer.said(speaker, "sentence", SENTENCES[speaker.language])
    prompts = sorted((SOUNDS / "es_MX_f_Allison").glob("conf-*.wav"))
    long = [path for path in prompts if len(read_wav(path, RATE_HZ)) > 2 * RATE_HZ]
    for index in sorted(mixer.rng.choice(len(long), min(30, len(long)), replace=False)):
        pcm = audible(mixer.at_a_level(read_wav(long[index], RATE_HZ)[: 3 * RATE_HZ]))
        clip = Clip("sentence", "asterisk es", long[index].stem, pcm, language="es")
        yield mixer.somewhere(clip)
    yield from mixer.over_echo(ENGLISH, (*COMMANDS["en"][:4], *SENTENCES["en"][:6]))
