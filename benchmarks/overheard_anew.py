"""A second set of what callers do over a speaking bot: other voices than benchmarks/overheard.py
has, other words, other levels and offsets, far voices, the bot's own echo, music made here.

docs/turn-taking.md has its first figures, from before anybody had seen it. Since then rules were
changed with its mistakes in view.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from benchmarks.clips import RATE_HZ, Clip, audible
from benchmarks.mixer import Mixer
from benchmarks.noises import breath, click, cough, hum, knock, taps, throat
from benchmarks.overheard import LIBRIVOX, prompts_left
from benchmarks.speakers import Speaker
from benchmarks.tunes import drums, organ, plucked, whistled
from bots.wav import read_wav

SPEAKERS = tuple(Speaker((name,)) for name in ("af_bella", "bm_george", "em_alex", "if_sara"))
FAR_SPEAKERS = (Speaker(("im_nicola",)), Speaker(("bm_george",)))
LEADS_S = (1.5, 4.0)
SPEECH_DBFS = (-32, -18)

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
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "backchannel", ACKNOWLEDGEMENTS)
    makers = (cough, click, taps, breath, hum, throat, knock)
    yield from mixer.noises(makers, 10, gap_s=(0.1, 0.6), times=3, dbfs=(-30, -14))
    yield from mixer.music((plucked, organ, whistled, drums), 10, dbfs=(-38, -18))
    # The first set's excerpts are at other places and not over a telephone line.
    yield from mixer.recorded_music(4, length_s=4, dbfs=(-32, -20), band="telephone")
    yield from mixer.far(FAR_SPEAKERS, (*SENTENCES, *COMMANDS[:6]))
    yield from mixer.echoes(40, length_s=5)


def interruptions(seed: int = 2) -> Iterator[Clip]:
    """Everything that must stop a bot."""
    mixer = Mixer(seed, leads_s=LEADS_S, speech_dbfs=SPEECH_DBFS)
    for speaker in SPEAKERS:
        yield from mixer.said(speaker, "command", COMMANDS)
        yield from mixer.said(speaker, "sentence", SENTENCES)
    yield from chain(_prompts(mixer), _readings(mixer))
    yield from mixer.over_echo(SPEAKERS, (*COMMANDS[:4], *SENTENCES[:6]))


def _prompts(mixer: Mixer) -> Iterator[Clip]:
    left = prompts_left()
    for index in sorted(mixer.rng.choice(len(left), min(40, len(left)), replace=False)):
        pcm = audible(mixer.at_a_level(read_wav(left[index], RATE_HZ)[: 4 * RATE_HZ]))
        yield mixer.somewhere(Clip("sentence", "asterisk", left[index].stem, pcm))


def _readings(mixer: Mixer) -> Iterator[Clip]:
    for path in sorted(LIBRIVOX.glob("*.wav")):
        track = read_wav(path, RATE_HZ)
        begins = range(int(2.5 * RATE_HZ), min(len(track), 20 * RATE_HZ), 5 * RATE_HZ)
        for number, at in enumerate(begins):
            pcm = audible(mixer.at_a_level(track[at : at + 3 * RATE_HZ]))
            if len(pcm) > RATE_HZ:
                clip = Clip("sentence", "librivox", f"{path.stem[-4:]} {number}", pcm)
                yield mixer.somewhere(clip)
