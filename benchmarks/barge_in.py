"""Barge-in from audio: what stops a speaking bot, and how soon; Offhook and plain Pipecat at once.

    python benchmarks/barge_in.py [--ears whisper-tiny.en] [--ears-s 0.25] [--only music,cough]

Each clip of benchmarks/overheard.py is played over a speaking bot on audio time, with no wall
clock: the same Silero hears 20 ms frames for both; Offhook's Floor and volume, and the local ears
with a fixed time a pass, decide for one, and Pipecat's default start strategies (the VAD's start,
or any transcript) for the other. What leaves of the bot leaves in chunks of 40 ms.

Stopped means that the bot's words are gone. A pause that is resumed loses none, which the run
asserts for every clip by comparing what left, at full volume or ducked, with what there was to say.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from loguru import logger
from pipecat.audio.vad.vad_analyzer import VADParams, VADState
from rich.console import Console
from rich.table import Table

from benchmarks.overheard import CACHE, RATE_HZ, Clip, Pcm, bot_speech, harmless, interruptions
from bots.local.segments import Segment, Segmenter
from bots.local.stt import EARLY_INTERIM_EVERY_S, INTERIM_SHARE
from bots.local.weights import path
from bots.local.whisper import WhisperEars
from processors.backchannels import Listener
from processors.floor import Floor
from processors.floor_terms import Action, Duck, Pause, Resume, Take
from processors.loudness import SILENCE_DBFS, level_dbfs
from processors.speech_models import SpeechModels

FRAME = RATE_HZ // 50
CHUNK_FRAMES = 2
LEAD_S = 1.5
"""The bot has been speaking for so long when the clip begins."""
TAIL_S = 2.0
ROOM_DBFS = -70.0
DUCKED = 0.1
HARMLESS, URGENT = "must not stop it", "must stop it"


class Ears:
    """Whisper with its transcripts kept on disk, so that a run can be repeated in seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path = CACHE / "barge_in" / f"{name}.json"
        self._known: dict[str, str] = {}
        if self._path.exists():
            self._known = json.loads(self._path.read_text("utf-8"))
        self._ears: WhisperEars | None = None

    async def hear(self, pcm: bytes) -> str:
        key = hashlib.sha256(pcm).hexdigest()[:20]
        if key not in self._known:
            if self._ears is None:
                self._ears = WhisperEars.load(path(self._name), threads=2)
            samples = np.frombuffer(pcm, np.int16)
            self._known[key] = await self._ears.transcribe(samples, RATE_HZ)
        return self._known[key]

    def keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._known), "utf-8")


@dataclass
class Passes:
    """The local ears' interims and finals on audio time: one pass at a time, `pass_s` each."""

    ears: Ears
    pass_s: float
    segmenter: Segmenter = field(default_factory=lambda: Segmenter(RATE_HZ))
    coming: list[tuple[float, str, bool]] = field(default_factory=list)
    busy_until_s: float = 0.0
    peek_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.segmenter.is_early = True

    async def add(self, pcm: bytes, now_s: float) -> None:
        """A frame of the caller's; perhaps it is time to listen."""
        self.segmenter.add(pcm)
        every_s = max(EARLY_INTERIM_EVERY_S, INTERIM_SHARE * self.pass_s)
        if self.segmenter.is_peek_due(every_s) and now_s >= self.busy_until_s:
            await self._listen(self.segmenter.peek(), now_s, is_final=False)

    async def stopped(self, now_s: float) -> None:
        """The VAD's stop."""
        if not self.segmenter.is_speaking:
            return
        segment = self.segmenter.speech_stopped()
        if segment.is_peeked:
            text = await self.ears.hear(segment.pcm)
            self.coming.append((max(now_s, self.peek_until_s), text, True))
        else:
            await self._listen(segment, max(now_s, self.busy_until_s), is_final=True)

    async def _listen(self, segment: Segment, now_s: float, *, is_final: bool) -> None:
        self.busy_until_s = now_s + self.pass_s
        if not is_final:
            self.peek_until_s = self.busy_until_s
        self.coming.append((self.busy_until_s, await self.ears.hear(segment.pcm), is_final))

    def heard(self, now_s: float) -> list[tuple[str, bool]]:
        """What the ears have come up with by now."""
        ready = [one for one in self.coming if one[0] <= now_s]
        self.coming = [one for one in self.coming if one[0] > now_s]
        shown = self.segmenter.is_speaking
        return [(text, is_final) for _, text, is_final in ready if text and (is_final or shown)]


@dataclass
class Outcome:
    """What a clip did, in seconds from its first audible sample; None where it did not."""

    clip: Clip
    vad_s: float | None = None
    stock_stop_s: float | None = None
    duck_s: float | None = None
    quiet_s: float | None = None
    stop_s: float | None = None
    """From when on nothing of the bot is heard, up to the turn it leads to."""
    take_s: float | None = None
    reason: str = ""
    pauses_s: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Bot:
    """What leaves of the bot's speech, in chunks, under the Floor's hand."""

    def __init__(self, speech: Pcm) -> None:
        self._speech = speech
        self._at = 0
        self.gain = 1.0
        self.is_paused = False
        self.left: list[Pcm] = []

    def chunk(self) -> Pcm:
        """The next 40 ms of the wire: audio, or silence while it is held."""
        length = FRAME * CHUNK_FRAMES
        if self.is_paused:
            return np.zeros(length, np.int16)
        out = np.resize(np.roll(self._speech, -self._at), length)
        self.left.append(out)
        self._at += length
        return (out * self.gain).astype(np.int16)

    def is_whole(self) -> bool:
        """Whether all that left is the speech from its beginning, nothing lost or said twice."""
        left = np.concatenate(self.left)
        return bool((left == np.resize(self._speech, len(left))).all())


async def play(clip: Clip, speech: Pcm, ears: Ears, models: SpeechModels, pass_s: float) -> Outcome:
    """One clip over the bot."""
    outcome = Outcome(clip)
    analyzer = models.vad_analyzer(VADParams())
    analyzer.set_sample_rate(RATE_HZ)
    floor, bot, passes = Floor(listener=Listener("en")), Bot(speech), Passes(ears, pass_s)
    floor.bot_started(0.0)
    room = np.random.default_rng(7).normal(0, 32768 * 10 ** (ROOM_DBFS / 20), RATE_HZ)
    state, paused_at_s = VADState.QUIET, None
    total = LEAD_S + len(clip.pcm) / RATE_HZ + TAIL_S
    out = np.zeros(0, np.int16)

    def work(actions: Iterable[Action], now_s: float) -> None:
        nonlocal paused_at_s
        at_s = now_s - LEAD_S
        # What was decided now is heard from the next chunk on.
        leaves_s = np.ceil(now_s * 25 + 1e-6) / 25 - LEAD_S
        for action in actions:
            if isinstance(action, Duck) and outcome.duck_s is None:
                outcome.duck_s, outcome.quiet_s = leaves_s, leaves_s + 0.01
            if isinstance(action, Duck):
                bot.gain = DUCKED
            elif isinstance(action, Pause):
                bot.is_paused, paused_at_s = True, leaves_s
            elif isinstance(action, Resume):
                if paused_at_s is not None:
                    outcome.pauses_s.append(at_s - paused_at_s)
                bot.gain, bot.is_paused, paused_at_s = 1.0, False, None
            elif isinstance(action, Take) and outcome.take_s is None:
                outcome.take_s, outcome.reason = at_s, action.reason
                outcome.stop_s = leaves_s if paused_at_s is None else paused_at_s

    for number in range(round(total * 50)):
        now_s = (number + 1) / 50
        if number % CHUNK_FRAMES == 0:
            out = bot.chunk()
        frame = room[(number * FRAME) % RATE_HZ :][:FRAME].copy()
        at = number * FRAME - round(LEAD_S * RATE_HZ)
        part = clip.pcm[max(at, 0) : max(at + FRAME, 0)]
        frame[: len(part)] += part
        pcm = np.clip(frame, -32768, 32767).astype(np.int16).tobytes()
        # The order of a pipeline: the ears, then the VAD, then the turn.
        await passes.add(pcm, now_s)
        for text, is_final in passes.heard(now_s):
            outcome.words.append(f"{text}{'.' if is_final else '~'}")
            if outcome.stock_stop_s is None:
                outcome.stock_stop_s = now_s - LEAD_S
            work(floor.words(text, now_s, is_final=is_final), now_s)
        new = await analyzer.analyze_audio(pcm)
        bot_dbfs = level_dbfs(out.tobytes()) if not bot.is_paused else SILENCE_DBFS
        work(floor.hear(analyzer.confidence, level_dbfs(pcm), bot_dbfs, now_s), now_s)
        if new is VADState.SPEAKING and state is VADState.QUIET:
            outcome.vad_s = outcome.vad_s or now_s - LEAD_S
            outcome.stock_stop_s = outcome.stock_stop_s or now_s - LEAD_S
            passes.segmenter.speech_started(analyzer.params.start_secs)
            work(floor.speech_started(now_s, analyzer.params.start_secs), now_s)
        elif new is VADState.QUIET and state is VADState.SPEAKING:
            await passes.stopped(now_s)
            work(floor.speech_stopped(now_s), now_s)
        if new in (VADState.SPEAKING, VADState.QUIET):
            state = new
        while (due_s := floor.due_s) is not None and due_s <= now_s:
            work(floor.tick(due_s), now_s)
        if outcome.take_s is not None:
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


def report(outcomes: list[Outcome], title: str, console: Console) -> None:
    """A line a kind."""
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_kind[one.clip.kind].append(one)
        by_kind["all"].append(one)
    table = Table(
        *("kind", "clips", "VAD", "ducked", "paused", "pause p50/p95 ms", "stopped", "Pipecat"),
        *("duck p50/p95 ms", "quiet ms", "stop p50/p95 ms", "Pipecat stop ms"),
        title=title,
    )
    for kind, ones in by_kind.items():
        count = len(ones)

        def share(found: int, of: int = count) -> str:
            return f"{found} ({100 * found / of:.1f} %)"

        table.add_row(
            kind,
            str(count),
            share(sum(one.vad_s is not None for one in ones)),
            share(sum(one.duck_s is not None for one in ones)),
            share(sum(bool(one.pauses_s) for one in ones)),
            percentiles(pause for one in ones for pause in one.pauses_s),
            share(sum(one.take_s is not None for one in ones)),
            share(sum(one.stock_stop_s is not None for one in ones)),
            percentiles(one.duck_s for one in ones),
            percentiles(one.quiet_s for one in ones),
            percentiles(one.stop_s for one in ones),
            percentiles(one.stock_stop_s for one in ones),
        )
    console.print(table)


async def run(
    options: argparse.Namespace, speech: Pcm, parts: list[tuple[str, list[Clip]]]
) -> None:
    console = Console(width=200)
    ears, models = Ears(options.ears), SpeechModels()
    for title, clips in parts:
        outcomes: list[Outcome] = []
        try:
            for clip in clips:
                outcomes.append(await play(clip, speech, ears, models, options.ears_s))
        finally:
            ears.keep()
        report(outcomes, title, console)
        for one in outcomes:
            is_right = (one.take_s is None) == (title == HARMLESS)
            if options.wrong and not is_right:
                took = f"{one.reason} at {one.take_s:.2f} s" if one.take_s is not None else "missed"
                console.print(
                    f"{one.clip.kind} {one.clip.source} {one.clip.name!r}: {took} {one.words}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--ears", default="whisper-tiny.en")
    parser.add_argument("--ears-s", type=float, default=0.25, help="a pass of the ears, in seconds")
    parser.add_argument("--only", default="", help="kinds of clips, by comma")
    parser.add_argument("--wrong", action="store_true", help="list what was decided wrongly")
    options = parser.parse_args()
    kinds = set(options.only.split(",")) if options.only else None
    parts = [
        (title, [clip for clip in clips if kinds is None or clip.kind in kinds])
        for title, clips in ((HARMLESS, harmless()), (URGENT, interruptions()))
    ]
    logger.remove()
    asyncio.run(run(options, bot_speech(), parts))


if __name__ == "__main__":
    main()
