"""A fourth set of what callers do over a speaking bot: speakers, words, noises and music are new,
and more than a third of what is said is Spanish or French, to a bot of that language.

docs/turn-taking.md has its first figures. It was written, and its speech made, after the rules were
frozen and before any had been run on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.clips import RATE_HZ, Clip, Pcm, audible
from benchmarks.mixer import Mixer
from benchmarks.noises import bark, clatter, horn, ring, rustle, sneeze, sniff, squeak
from benchmarks.speakers import Speaker
from benchmarks.tunes import arpeggio, bells, strings, walking_bass
from benchmarks.turn_corpus import SOUNDS
from bots.wav import read_wav

SPEAKERS = (
    Speaker(("pf_dora",)),
    Speaker(("pm_alex", "am_michael"), pace=0.9),
    Speaker(("bf_emma", "af_bella"), pace=1.2),
    Speaker(("pf_dora", "ef_dora"), "es"),
    Speaker(("im_nicola",), "es", pace=1.1),
    Speaker(("ff_siwis",), "fr", pace=1.1),
    Speaker(("ff_siwis", "im_nicola"), "fr", pace=0.9),
)

LEADS_S = (0.8, 5.0)
SPEECH_DBFS = (-34, -17)
SPHINX = Path("/usr/share/pocketsphinx/test/data")

ACKNOWLEDGEMENTS = {
    "en": (
        *("Mmm-hmm.", "Mhm, okay.", "Uh-huh, yeah.", "Yes, I see.", "Oh yeah.", "Okay, cool."),
        *("Right, okay.", "All right then.", "Sure, sure.", "Oh, right.", "That's good to know."),
        *("Yeah, I know.", "Exactly, yes.", "Ah, got it.", "Great, thanks.", "Yes, of course."),
        *(
            "Okay, I understand.",
            "Hmm, interesting.",
            "Oh, wonderful.",
            "Ha ha, yeah.",
            "Yup, yup.",
        ),
        "Aw.",
    ),
    "es": (
        *("Mm-hm.", "Ah, ya.", "Sí, claro.", "Bueno.", "Correcto.", "Vale, vale.", "Ah, muy bien."),
        *("Sí, sí, claro.", "Exacto.", "Muchas gracias.", "Eso es.", "Ah, entiendo."),
    ),
    "fr": (
        *("Mm-hm.", "Oui.", "D'accord.", "Ah, d'accord.", "Oui, oui.", "Très bien.", "Ah bon."),
        *("Je vois.", "Bien sûr.", "Parfait, merci.", "Ouais.", "Je comprends."),
    ),
}
COMMANDS = {
    "en": (
        *("Stop right there.", "Wait, please.", "No, no.", "Hold on a moment.", "Please stop."),
        *("Hey, hold on.", "Just a second.", "Excuse me, wait.", "No, that's wrong.", "Stop now."),
        *("Hang on, hang on.", "Okay, stop."),
    ),
    "es": (
        *("Espere un momento.", "No, espera.", "Para, para.", "Perdone.", "Un segundo, por favor."),
        *("Alto.", "No, eso no.", "Oye, espera."),
    ),
    "fr": (
        *("Attendez.", "Stop.", "Non.", "Un instant, s'il vous plaît.", "Non, non, attendez."),
        *("Arrêtez.", "Excusez-moi.", "Attends une seconde."),
    ),
}
SENTENCES = {
    "en": (
        "Do I have to bring my passport?",
        "My son needs new glasses.",
        "There is a mistake in the bill.",
        "Can we talk about the other offer?",
        "I am not at home on weekdays.",
        "Which form do I have to fill in?",
        "The lift in our building is broken.",
        "You have my old telephone number.",
    ),
    "es": (
        "¿Tienen algo más barato?",
        "Necesito hablar con una persona.",
        "Mi coche no arranca.",
        "¿Dónde puedo aparcar?",
        "Ayer les mandé un correo.",
        "Ya no vivo en esa calle.",
    ),
    "fr": (
        "À quelle heure ouvrez-vous demain ?",
        "Je voudrais changer mon rendez-vous.",
        "Ma fille est malade depuis hier.",
        "Combien coûte la livraison ?",
        "Ce n'est pas ma question.",
        "J'ai perdu ma carte bancaire.",
    ),
}


def harmless(seed: int = 4) -> Iterator[Clip]:
    """Everything a bot must talk on over."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "backchannel", ACKNOWLEDGEMENTS[speaker.language])
    makers = (sneeze, sniff, bark, rustle, squeak, ring, clatter, horn)
    yield from mixer.noises(makers, 8, gap_s=(0.2, 0.8), times=2, dbfs=(-33, -13))
    yield from mixer.music((bells, arpeggio, strings, walking_bass), 8, dbfs=(-35, -17))
    yield from mixer.recorded_music(4, length_s=4, dbfs=(-36, -18), band="telephone")
    yield from mixer.far(SPEAKERS[:2], (*SENTENCES["en"], *COMMANDS["en"][:4]))
    voices = (speaker.says(text) for speaker in SPEAKERS for text in SENTENCES[speaker.language])
    yield from mixer.babble(list(voices), 16, length_s=3)
    yield from mixer.echoes(40, length_s=4)


def interruptions(seed: int = 4) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "command", COMMANDS[speaker.language])
        yield from mixer.said(speaker, "sentence", SENTENCES[speaker.language])
    prompts = sorted((SOUNDS / "fr_CA_f_June").glob("conf-*.wav"))
    long = [path for path in prompts if len(read_wav(path, RATE_HZ)) > 2 * RATE_HZ]
    for index in sorted(mixer.rng.choice(len(long), min(24, len(long)), replace=False)):
        pcm = audible(mixer.at_a_level(read_wav(long[index], RATE_HZ)[: 3 * RATE_HZ]))
        clip = Clip("sentence", "asterisk fr", long[index].stem, pcm, language="fr")
        yield mixer.somewhere(clip)
    for name, said in _people():
        pcm = audible(mixer.at_a_level(said[: 3 * RATE_HZ]))
        yield mixer.somewhere(Clip("sentence", "pocketsphinx", name, pcm))
    yield from mixer.over_echo(SPEAKERS[:3], (*COMMANDS["en"][:5], *SENTENCES["en"]))


def _people() -> Iterator[tuple[str, Pcm]]:
    """Recorded speech of real people that no other set has."""
    for name in ("goforward", "something", "numbers"):
        yield name, np.fromfile(SPHINX / f"{name}.raw", np.int16)
    for path in sorted((SPHINX / "cards").glob("*.wav")):
        yield f"cards {path.stem}", read_wav(path, RATE_HZ)
