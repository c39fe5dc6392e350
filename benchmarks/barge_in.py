"""Barge-in from audio: what stops a speaking bot, and how soon; Offhook and plain Pipecat at once.

    python -m benchmarks.barge_in [--set tuned|...|fifth] [--only command,echo] [--wrong]

Each clip of benchmarks/overheard.py (tuned), overheard_anew.py (second), overheard_third.py,
overheard_fourth.py and overheard_fifth.py is played over a speaking bot on audio time, with no wall
clock: 20 ms frames go to Offhook's VAD, Floor and volume, with the ears of the call's language at a
fixed time a pass, and to the VAD of a plain Pipecat bot, whose confirmation stops it. What leaves
of the bot leaves in chunks of 40 ms.

Stopped means that the bot's words are gone. A pause that is resumed loses none, which the run
asserts for every clip by comparing what left, at full volume or ducked, with what there was to say.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from loguru import logger
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState
from rich.console import Console
from rich.table import Table

from benchmarks import (
    overheard,
    overheard_anew,
    overheard_fifth,
    overheard_fourth,
    overheard_third,
)
from benchmarks.clips import RATE_HZ, Clip, Pcm, to_level
from benchmarks.overheard import bot_speech
from benchmarks.replayed_ears import Ears, Passes
from benchmarks.room import Samples
from processors.backchannels import Listener
from processors.ducking import FADE_OUT_S
from processors.floor import Floor
from processors.floor_terms import Action, Duck, Pause, Resume, Take
from processors.loudness import SILENCE_DBFS, level_dbfs
from processors.speech_models import SharedSileroVADAnalyzer, SpeechModels

FRAME = RATE_HZ // 50
CHUNK_FRAMES = 2
TAIL_S = 2.0
DOUBT_S = 8.0
"""Added where the bot is still quiet at that time: slow ears may yet say what it was."""
ROOM_DBFS = -70.0
DUCKED = 0.1
CALLER_TEXT = "How much does it cost?"
"""What a caller has said before, where the call knows their voice."""
HARMLESS, URGENT = "must not stop it", "must stop it"
SETS = {
    "tuned": overheard,
    "second": overheard_anew,
    "third": overheard_third,
    "fourth": overheard_fourth,
    "fifth": overheard_fifth,
}
EARS = {"en": "whisper-tiny.en", "es": "whisper-base", "fr": "whisper-base", "it": "whisper-base"}
PASS_S = {"en": 0.25, "es": 0.4, "fr": 0.4, "it": 0.4}
"""A pass of these ears, in seconds."""


class PipecatsVad(SharedSileroVADAnalyzer):
    """As a plain Pipecat bot has it, on shared weights."""

    _get_smoothed_volume = VADAnalyzer._get_smoothed_volume


class Vad:
    """When a VAD starts and stops, as a Pipecat pipeline is told of it."""

    def __init__(self, analyzer: SharedSileroVADAnalyzer) -> None:
        self.analyzer = analyzer
        analyzer.set_sample_rate(RATE_HZ)
        self._state = VADState.QUIET

    async def change(self, pcm: bytes) -> VADState | None:
        """The new state, where `pcm` brings one."""
        new, old = await self.analyzer.analyze_audio(pcm), self._state
        if new is old or new not in (VADState.SPEAKING, VADState.QUIET):
            return None
        self._state = new
        return new


@dataclass
class Outcome:
    """What a clip did, in seconds from its first audible sample; None where it did not."""

    clip: Clip
    pipecat_s: float | None = None
    """When plain Pipecat's VAD was sure, which stops its bot."""
    vad_s: float | None = None
    """When Offhook's was."""
    duck_s: float | None = None
    quiet_s: float | None = None
    """When the bot was 20 dB quieter."""
    stop_s: float | None = None
    """From when on nothing of the bot is heard, up to the turn it leads to."""
    take_s: float | None = None
    """When it was decided that the bot's words are gone."""
    reason: str = ""
    pauses_s: list[float] = field(default_factory=list)
    ducked_s: float = 0.0
    words: list[str] = field(default_factory=list)


class Bot:
    """What leaves of the bot's speech, in chunks, under the Floor's hand."""

    def __init__(self, speech: Pcm) -> None:
        self._speech = speech
        self._at = 0
        self.gain = 1.0
        self.is_paused = False
        self.left: list[Pcm] = []
        self.played: Samples = np.zeros(0)

    def chunk(self) -> Pcm:
        """The next 40 ms of the wire: audio, or silence while it is held."""
        length = FRAME * CHUNK_FRAMES
        if self.is_paused:
            heard = np.zeros(length, np.int16)
        else:
            out = np.resize(np.roll(self._speech, -self._at), length)
            self.left.append(out)
            self._at += length
            heard = (out * self.gain).astype(np.int16)
        self.played = np.concatenate([self.played, heard.astype(np.float64)])
        return heard

    def is_whole(self) -> bool:
        """Whether all that left is the speech from its beginning, nothing lost or said twice."""
        left = np.concatenate(self.left)
        return bool((left == np.resize(self._speech, len(left))).all())


def caller_track(clip: Clip) -> np.ndarray:
    """A quiet room with the clip in it."""
    length = int((clip.lead_s + TAIL_S + DOUBT_S) * RATE_HZ) + len(clip.pcm)
    track = np.random.default_rng(7).normal(0, 32768 * 10 ** (ROOM_DBFS / 20), length)
    at = int(clip.lead_s * RATE_HZ)
    track[at : at + len(clip.pcm)] += clip.pcm
    return track


def a_call(clip: Clip) -> Floor:
    """A floor on which the bot begins to speak at 0, to a caller who has or has not spoken."""
    floor = Floor(listener=Listener(clip.language))
    if clip.own_dbfs is not None:
        said = to_level(overheard.spoken("heart", CALLER_TEXT), clip.own_dbfs)
        frames = [said[at : at + FRAME] for at in range(0, len(said), FRAME)]
        begin_s = -len(frames) / 50 - 0.5
        floor.speech_started(begin_s, 0.0)
        floor.turn_started(begin_s)
        for number, frame in enumerate(frames):
            now_s = begin_s + number / 50
            floor.hear(1.0, level_dbfs(frame.tobytes()), SILENCE_DBFS, now_s)
        floor.speech_stopped(-0.5)
        floor.turn_ended(-0.5)
    floor.bot_started(0.0)
    return floor


async def play(clip: Clip, speech: Pcm, ears: Ears, models: SpeechModels) -> Outcome:
    """One clip over the bot, to `ears` of its language."""
    outcome = Outcome(clip)
    analyzer = models.vad_analyzer()
    vad = Vad(analyzer)
    pipecats_vad = Vad(PipecatsVad(models._silero, params=VADParams()))
    floor, bot, passes = a_call(clip), Bot(speech), Passes(ears, PASS_S[clip.language])
    ducked_at_s = paused_at_s = None
    out = np.zeros(0, np.int16)
    track = caller_track(clip)

    def work(actions: Iterable[Action], now_s: float) -> None:
        nonlocal ducked_at_s, paused_at_s
        at_s = now_s - clip.lead_s
        # What was decided now is heard from the next chunk on.
        leaves_s = np.ceil(now_s * 25 + 1e-6) / 25 - clip.lead_s
        for action in actions:
            if isinstance(action, Duck):
                bot.gain, ducked_at_s = DUCKED, at_s
                if outcome.duck_s is None:
                    outcome.duck_s, outcome.quiet_s = leaves_s, leaves_s + FADE_OUT_S
            elif isinstance(action, Pause):
                bot.is_paused, paused_at_s = True, leaves_s
            elif isinstance(action, Resume):
                if paused_at_s is not None:
                    outcome.pauses_s.append(at_s - paused_at_s)
                outcome.ducked_s += at_s - (ducked_at_s or at_s)
                bot.gain, bot.is_paused, ducked_at_s, paused_at_s = 1.0, False, None, None
            elif isinstance(action, Take) and outcome.take_s is None:
                outcome.take_s, outcome.reason = at_s, action.reason
                outcome.stop_s = leaves_s if paused_at_s is None else paused_at_s

    for number in range(len(track) // FRAME):
        now_s = (number + 1) / 50
        if now_s > len(track) / RATE_HZ - DOUBT_S and not floor.is_quiet:
            break
        if number % CHUNK_FRAMES == 0:
            out = bot.chunk()
        frame = track[number * FRAME : (number + 1) * FRAME]
        if clip.echo:
            ahead = FRAME * (CHUNK_FRAMES - 1 - number % CHUNK_FRAMES)
            frame = frame + clip.echo.of(bot.played[: len(bot.played) - ahead], FRAME)
        pcm = np.clip(frame, -32768, 32767).astype(np.int16).tobytes()
        # The order of a pipeline: the ears, then the VAD, then the turn.
        await passes.add(pcm, now_s)
        for text, is_final in passes.heard(now_s):
            outcome.words.append(f"{text}{'.' if is_final else '~'}")
            work(floor.words(text, now_s, is_final=is_final), now_s)
        if await pipecats_vad.change(pcm) is VADState.SPEAKING:
            outcome.pipecat_s = outcome.pipecat_s or now_s - clip.lead_s
        change = await vad.change(pcm)
        bot_dbfs = level_dbfs(out.tobytes()) if not bot.is_paused else SILENCE_DBFS
        work(floor.hear(analyzer.confidence, level_dbfs(pcm), bot_dbfs, now_s), now_s)
        if change is VADState.SPEAKING:
            outcome.vad_s = outcome.vad_s or now_s - clip.lead_s
            passes.segmenter.speech_started(analyzer.params.start_secs)
            work(floor.speech_started(now_s, analyzer.params.start_secs), now_s)
        elif change is VADState.QUIET:
            await passes.stopped(now_s)
            work(floor.speech_stopped(now_s), now_s)
        while (due_s := floor.due_s) is not None and due_s <= now_s:
            work(floor.tick(due_s), now_s)
        # Plain Pipecat's VAD may be slower than our decision, and what follows is a turn.
        if outcome.take_s is not None and (outcome.pipecat_s or now_s > outcome.take_s + 1.5):
            break
    if outcome.take_s is None:
        assert bot.is_whole(), f"words were lost over {clip.name}"
        assert not floor.is_quiet, f"the bot stayed quiet after {clip.name}"
    return outcome


def percentiles(values: Iterable[float | None]) -> str:
    """p50 and p95 in ms."""
    found = [value * 1000 for value in values if value is not None]
    if not found:
        return "-"
    p50, p95 = np.percentile(found, [50, 95])
    return f"{p50:.0f} / {p95:.0f}"


def by_kind(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each kind, and of all."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        found["all"].append(one)
        found[one.clip.kind].append(one)
    return found


def report_shares(outcomes: list[Outcome], title: str, console: Console) -> None:
    """How many clips of a kind did what."""
    table = Table(
        *("kind", "clips", "ducked", "ms", "paused", "ms", "stopped", "Pipecat stopped"),
        title=title,
    )
    for kind, ones in by_kind(outcomes).items():

        def share(found: Iterable[object], of: int = len(ones)) -> str:
            count = sum(map(bool, found))
            return f"{count} ({100 * count / of:.1f} %)"

        table.add_row(
            kind,
            str(len(ones)),
            share(one.duck_s is not None for one in ones),
            percentiles(one.ducked_s for one in ones if one.ducked_s),
            share(one.pauses_s for one in ones),
            percentiles(sum(one.pauses_s) for one in ones if one.pauses_s),
            share(one.take_s is not None for one in ones),
            share(one.pipecat_s is not None for one in ones),
        )
    console.print(table)


def report_times(outcomes: list[Outcome], title: str, console: Console) -> None:
    """How soon, of the clips that stopped both, in ms and beside plain Pipecat's VAD."""
    columns = ("Pipecat's VAD", "our VAD", "duck", "-20 dB", "silence", "decided")
    table = Table("kind", "clips", *columns, title=f"{title}: p50 / p95 ms (x Pipecat's VAD)")
    for kind, ones in by_kind(outcomes).items():
        ones = [one for one in ones if one.take_s is not None and one.pipecat_s is not None]
        if not ones:
            continue
        times = [
            (one.pipecat_s, one.vad_s, one.duck_s, one.quiet_s, one.stop_s, one.take_s)
            for one in ones
        ]
        cells = []
        base = np.percentile(np.array([row[0] for row in times], float), [50, 95])
        for column in zip(*times, strict=True):
            p50, p95 = np.percentile(np.array(column, float), [50, 95])
            ratios = f"({p50 / base[0]:.2f} / {p95 / base[1]:.2f})"
            cells.append(f"{p50 * 1000:.0f} / {p95 * 1000:.0f} {ratios}")
        table.add_row(kind, str(len(ones)), *cells)
    console.print(table)


async def run(options: argparse.Namespace, name: str, speech: Pcm) -> None:
    """One set: what must not stop the bot, then what must."""
    console = Console(width=200)
    ears = {language: Ears(name, language) for language, name in EARS.items()}
    models = SpeechModels()
    kinds = set(options.only.split(",")) if options.only else None
    clips = {HARMLESS: SETS[name].harmless(), URGENT: SETS[name].interruptions()}
    for title, all_clips in clips.items():
        outcomes: list[Outcome] = []
        try:
            for clip in all_clips:
                if kinds is None or clip.kind in kinds:
                    outcomes.append(await play(clip, speech, ears[clip.language], models))
        finally:
            for of_language in ears.values():
                of_language.keep()
        report_shares(outcomes, f"{name}: {title}", console)
        if title == URGENT:
            report_times(outcomes, name, console)
        for one in outcomes:
            is_right = (one.take_s is None) == (title == HARMLESS)
            if options.wrong and not is_right:
                took = f"{one.reason} at {one.take_s:.2f} s" if one.take_s is not None else "missed"
                told = f"{one.clip.kind} {one.clip.source} {one.clip.name!r}"
                console.print(f"{told}: {took} {one.words}", markup=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--set", choices=SETS, default="", help="one set; all without it")
    parser.add_argument("--only", default="", help="kinds of clips, by comma")
    parser.add_argument("--wrong", action="store_true", help="list what was decided wrongly")
    options = parser.parse_args()
    logger.remove()
    speech = bot_speech()
    for name in [options.set] if options.set else SETS:
        asyncio.run(run(options, name, speech))


if __name__ == "__main__":
    main()
