"""A fifth set of what callers do over a speaking bot: voices, words, recorded people, noises and
music are in none of the others; two fifths of what is said is Spanish, French or Italian, to a bot
of that language.

docs/turn-taking.md has its first figures. Its phrases were written before the rules of that time
were, and nothing was run on it until those were frozen.

Needs, beside what the other sets do, Debian's oxygen-sounds, frozen-bubble-data and
asterisk-prompt-it-menardi-wav, and, unpacked in PROMPTS since they do not go with the packages of
the other sets, asterisk-prompt-es-co and asterisk-prompt-fr-armelle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.clips import CACHE, RATE_HZ, Clip, audible
from benchmarks.mixer import Mixer
from benchmarks.noises import baby, hiccup, keys, meow, siren, snore, vacuum, yawn
from benchmarks.overheard import decoded
from benchmarks.speakers import Speaker
from benchmarks.tunes import accordion, choir, marimba, synthesizer

ENGLISH = (
    Speaker(("af_nova",)),
    Speaker(("am_fenrir", "am_puck"), pace=1.1),
    Speaker(("bf_isabella",), pace=0.9),
    Speaker(("bm_fable", "am_onyx"), pace=1.15),
    Speaker(("af_sky", "af_alloy")),
)
SPANISH = (
    Speaker(("em_santa", "em_alex"), "es", pace=1.05),
    Speaker(("ef_dora", "af_sarah"), "es", pace=0.95),
)
FRENCH = (
    Speaker(("ff_siwis", "bf_lily"), "fr"),
    Speaker(("ff_siwis", "bm_daniel"), "fr", pace=1.1),
)
ITALIAN = (
    Speaker(("if_sara", "af_jessica"), "it"),
    Speaker(("im_nicola", "am_liam"), "it", pace=1.1),
)
SPEAKERS = (*ENGLISH, *SPANISH, *FRENCH, *ITALIAN)
LEADS_S = (0.6, 6.0)
SPEECH_DBFS = (-35, -16)

PROMPTS = CACHE / "prompts"
_SOUNDS = "usr/share/asterisk/sounds"
PEOPLE = (
    ("es", PROMPTS / _SOUNDS / "es", "vm-*.gsm", 18),
    ("fr", PROMPTS / _SOUNDS / "fr", "vm-*.gsm", 18),
    ("it", Path("/") / _SOUNDS / "it_IT_f_Menardi", "vm-*.wav", 12),
)
"""Language, folder, files and how many of them: a Colombian, a Frenchwoman and an Italian."""
DESKTOP = Path("/usr/share/sounds")
GAME = Path("/usr/share/games/frozen-bubble/snd")

ACKNOWLEDGEMENTS = {
    "en": (
        *("Mm-hm, mm-hm.", "Mm, okay.", "Uh-huh, sure.", "Yep, got it.", "Yeah, yeah, okay."),
        *("Oh, sure.", "Right, yeah.", "Okay, perfect.", "Oh, that's nice.", "Ah, I see."),
        *("Good, good.", "That's great, thanks.", "Okay, yes.", "Wow, okay.", "No problem."),
        *("Fantastic.", "Yeah, makes sense.", "I get it.", "Oh, okay, good.", "Ha ha ha, okay."),
    ),
    "es": (
        *("Ajá, sí.", "Sí, vale.", "Claro, claro.", "Ah, perfecto.", "Mmm.", "Ya, ya."),
        *("Muy bien, gracias.", "Sí, entiendo.", "Ah, bueno.", "Genial."),
    ),
    "fr": (
        *("Oui, d'accord.", "Mm-mm.", "Ah oui.", "D'accord, d'accord.", "Oui, je vois."),
        *("Très bien, merci.", "Super.", "Ah, d'accord, merci.", "Voilà.", "Ok, parfait."),
    ),
    "it": (
        *("Sì.", "Sì, sì.", "Va bene.", "Ah, ok.", "Certo.", "Capisco.", "Mm-hm."),
        *("D'accordo.", "Perfetto, grazie.", "Ho capito."),
    ),
}
COMMANDS = {
    "en": (
        *("Wait, wait, wait.", "Stop, please stop.", "Hold it.", "No, hold on.", "Sorry, wait."),
        *("Can you stop?", "Just stop.", "One sec.", "Hang on.", "Excuse me, sorry."),
        *("Okay, wait.", "No, not that.", "Wait, what?", "Let me stop you there."),
        *("Hello? Hello?", "Stop!"),
    ),
    "es": (
        *("Espera, espera.", "Pare, por favor.", "No, no, espere.", "Un momento, por favor."),
        *("Disculpe.", "Perdón, una cosa.", "Basta ya.", "Oiga, pare.", "Momento.", "No, así no."),
    ),
    "fr": (
        *("Attendez, attendez.", "Non, stop.", "Une seconde.", "Pardon.", "Mais non."),
        *("Arrêtez, s'il vous plaît.", "Un moment, s'il vous plaît.", "Stop, stop."),
        *("Non merci.", "Attends."),
    ),
    "it": (
        *("Aspetti.", "Un attimo.", "No, no.", "Scusi.", "Si fermi.", "Basta."),
        *("Aspetti un momento.", "No, aspetta.", "Fermo, fermo.", "Scusi, un secondo."),
    ),
}
SENTENCES = {
    "en": (
        "What does the cheapest one cost?",
        "I have a question about my invoice.",
        "Can you tell me where you are?",
        "My flight leaves at seven.",
        "That's not the one I meant.",
        "I'd like to cancel my order.",
        "Do you also repair scooters?",
        "The heating has stopped working.",
        "Could you say that more slowly?",
        "I only have ten minutes.",
        "Who am I speaking to?",
        "We would need a table for six.",
    ),
    "es": (
        "¿Puedo pagar en efectivo?",
        "Quisiera hablar con el encargado.",
        "Se me ha roto la lavadora.",
        "¿Hay sitio para el sábado?",
        "Eso no es lo que pedí.",
        "Me he equivocado de número.",
    ),
    "fr": (
        "Est-ce que vous livrez à domicile ?",
        "J'aimerais parler à quelqu'un.",
        "Mon vol a été annulé.",
        "Vous pouvez répéter le prix ?",
        "Ce n'est pas la bonne adresse.",
        "Je cherche une chambre pour deux.",
    ),
    "it": (
        "Quanto costa la consegna?",
        "Vorrei cambiare appuntamento.",
        "Ho perso la mia tessera.",
        "A che ora aprite domani?",
        "Non è quello che ho chiesto.",
        "Posso parlare con qualcuno?",
    ),
}


def harmless(seed: int = 5) -> Iterator[Clip]:
    """Everything a bot must talk on over."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "backchannel", ACKNOWLEDGEMENTS[speaker.language])
    makers = (yawn, hiccup, snore, baby, meow, siren, keys, vacuum)
    yield from mixer.noises(makers, 8, gap_s=(0.2, 0.8), times=2, dbfs=(-34, -13))
    yield from _recorded(mixer, "sound", sorted(DESKTOP.glob("**/Oxygen-*.ogg"))[::2])
    effects = (path for path in sorted(GAME.glob("*.ogg")) if "zik" not in path.stem)
    yield from _recorded(mixer, "sound", effects)
    yield from mixer.music((choir, accordion, marimba, synthesizer), 8, dbfs=(-36, -17))
    for path in sorted(GAME.glob("*zik*.ogg")):
        track = decoded(path)
        for number, at in enumerate(mixer.rng.integers(0, len(track) - 3 * RATE_HZ, 6)):
            pcm = audible(mixer.at_a_level(track[at : at + 3 * RATE_HZ], (-36, -18)))
            yield mixer.somewhere(Clip("music", "frozen-bubble", f"{path.stem} {number}", pcm))
    yield from mixer.far(ENGLISH[:2], SENTENCES["en"])
    yield from mixer.far(SPANISH[:1], SENTENCES["es"])
    voices = (speaker.says(text) for speaker in SPEAKERS for text in SENTENCES[speaker.language])
    yield from mixer.babble(list(voices), 12, length_s=3)
    yield from mixer.echoes(40, length_s=4)


def interruptions(seed: int = 5) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "command", COMMANDS[speaker.language])
        yield from mixer.said(speaker, "sentence", SENTENCES[speaker.language])
    for language, folder, pattern, count in PEOPLE:
        tracks = {path.stem: decoded(path) for path in sorted(folder.glob(pattern))}
        long = [name for name, track in tracks.items() if len(track) > 2 * RATE_HZ]
        for index in sorted(mixer.rng.choice(len(long), count, replace=False)):
            pcm = audible(mixer.at_a_level(tracks[long[index]][: 3 * RATE_HZ]))
            clip = Clip("sentence", f"asterisk {language}", long[index], pcm, language=language)
            yield mixer.somewhere(clip)
    yield from mixer.over_echo(ENGLISH, (*COMMANDS["en"][:6], *SENTENCES["en"][:10]))


def _recorded(mixer: Mixer, kind: str, paths: Iterator[Path] | list[Path]) -> Iterator[Clip]:
    for path in paths:
        pcm = audible(mixer.at_a_level(decoded(path)[: 3 * RATE_HZ], (-34, -16)))
        yield mixer.somewhere(Clip(kind, path.parent.name, path.stem, pcm))
