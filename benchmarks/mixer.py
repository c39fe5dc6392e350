"""Puts sounds at levels, in bands and at places of the bot's speech that are drawn by chance: what
the sets of benchmarks/overheard_anew.py and later ones share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import BANDS, RATE_HZ, Clip, Pcm, audible, in_band, to_level
from benchmarks.room import create_echo, far_away
from benchmarks.speakers import Speaker
from bots.wav import read_wav

Range = tuple[float, float]
Maker = Callable[[np.random.Generator], NDArray[np.float64]]

MUSIC = Path("/usr/share/asterisk/moh")
OWN_DBFS = -25.0
"""The caller's own level where a voice is far away from it."""
FAR_DB = (17, 26)
"""So far below it is that voice."""
ECHO_DB = (8, 30)
"""What the echo of the bot loses on its way; OVER_ECHO_DB where the caller speaks over it."""
OVER_ECHO_DB = (18, 30)


class Mixer:
    """Draws for one half of a set.

    Args:
        seed: of the draws; the order of the calls matters.
        leads_s: how long the bot has been speaking when a clip begins, on no frame's border.
        speech_dbfs: how loud callers are.
    """

    def __init__(self, seed: int, *, leads_s: Range, speech_dbfs: Range) -> None:
        self.rng = np.random.default_rng(seed)
        self._leads_s = leads_s
        self._speech_dbfs = speech_dbfs

    def somewhere(self, clip: Clip) -> Clip:
        """The clip at some place of what the bot says."""
        return replace(clip, lead_s=self.rng.uniform(*self._leads_s))

    def at_a_level(self, pcm: NDArray, dbfs: Range | None = None) -> Pcm:
        """As loud as callers are, or within `dbfs`."""
        return to_level(pcm, self.rng.uniform(*(dbfs or self._speech_dbfs)))

    def said(self, speaker: Speaker, kind: str, texts: Iterable[str]) -> Iterator[Clip]:
        """What a caller says, near or over a telephone line."""
        for text in texts:
            band = BANDS[self.rng.integers(2)]
            pcm = audible(self.at_a_level(in_band(speaker.says(text), band)))
            clip = Clip(kind, f"{speaker.name} {band}", text, pcm, language=speaker.language)
            yield self.somewhere(clip)

    def noises(
        self, makers: Iterable[Maker], count: int, *, gap_s: Range, times: int, dbfs: Range
    ) -> Iterator[Clip]:
        """`count` of each maker's, each once or up to `times` in a row."""
        for make in makers:
            for number in range(count):
                noise = make(self.rng)
                made = np.pad(noise, (0, int(RATE_HZ * self.rng.uniform(*gap_s))))
                pcm = self.at_a_level(np.tile(made, self.rng.integers(1, times + 1)), dbfs)
                yield self.somewhere(Clip(make.__name__, "made", str(number), audible(pcm)))

    def music(self, makers: Iterable[Maker], count: int, *, dbfs: Range) -> Iterator[Clip]:
        """`count` pieces of each maker's, every other over a telephone line."""
        for play in makers:
            for number in range(count):
                pcm = in_band(self.at_a_level(play(self.rng), dbfs), BANDS[number % 2])
                yield self.somewhere(Clip("music", play.__name__, str(number), audible(pcm)))

    def recorded_music(
        self, count: int, *, length_s: int, dbfs: Range, band: str
    ) -> Iterator[Clip]:
        """`count` excerpts of each of Asterisk's recordings."""
        for path in sorted(MUSIC.glob("*.wav")):
            track = read_wav(path, RATE_HZ)
            length = length_s * RATE_HZ
            for number, at in enumerate(self.rng.integers(0, len(track) - length, count)):
                pcm = in_band(self.at_a_level(track[at : at + length], dbfs), band)
                yield self.somewhere(Clip("music", "asterisk-moh", f"{path.stem} {number}", pcm))

    def far(self, speakers: Iterable[Speaker], texts: Iterable[str]) -> Iterator[Clip]:
        """Voices from the other side of the room, to a bot that knows its caller's."""
        texts = tuple(texts)
        for speaker in speakers:
            for text in texts:
                heard = far_away(speaker.says(text), self.rng, RATE_HZ)
                level_dbfs = OWN_DBFS - self.rng.uniform(*FAR_DB)
                pcm = audible(to_level(heard, level_dbfs), dbfs=-60)
                clip = Clip("far", speaker.name, text, pcm, own_dbfs=OWN_DBFS)
                yield self.somewhere(replace(clip, language=speaker.language))

    def babble(self, voices: Sequence[Pcm], count: int, *, length_s: int) -> Iterator[Clip]:
        """A room full of people, six of `voices` at a time, to a bot that knows its caller's."""
        for number in range(count):
            crowd = np.zeros(length_s * RATE_HZ)
            for index in self.rng.choice(len(voices), 6, replace=False):
                voice = np.resize(voices[index], len(crowd))
                crowd += np.roll(voice, self.rng.integers(len(crowd)))
            heard = far_away(crowd, self.rng, RATE_HZ)
            down = (OWN_DBFS - FAR_DB[1], OWN_DBFS - FAR_DB[0])
            pcm = audible(self.at_a_level(heard, down), dbfs=-60)
            yield self.somewhere(Clip("babble", "six far", str(number), pcm, own_dbfs=OWN_DBFS))

    def echoes(self, count: int, *, length_s: int) -> Iterator[Clip]:
        """The bot's own voice, and nobody else."""
        for number in range(count):
            loss_db = self.rng.uniform(*ECHO_DB)
            silence = np.zeros(length_s * RATE_HZ, np.int16)
            echo = create_echo(self.rng, RATE_HZ, loss_db=loss_db)
            name = f"{number}, {loss_db:.0f} dB down"
            yield self.somewhere(Clip("echo", "own voice", name, silence, echo=echo))

    def over_echo(self, speakers: tuple[Speaker, ...], texts: Iterable[str]) -> Iterator[Clip]:
        """A caller who speaks while the bot is heard in their microphone."""
        for text in texts:
            speaker = speakers[self.rng.integers(len(speakers))]
            pcm = audible(to_level(speaker.says(text), OWN_DBFS))
            echo = create_echo(self.rng, RATE_HZ, loss_db=self.rng.uniform(*OVER_ECHO_DB))
            yield self.somewhere(Clip("over echo", speaker.name, text, pcm, echo=echo))
