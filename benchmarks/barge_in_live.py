"""Barge-in in real calls: what the caller's own recording shows, Offhook beside plain Pipecat.

    python -m benchmarks.barge_in_live [--transport websocket|webrtc] [--calls 20] [--keep FILE]

A real server with real VADs and the local ears; brain and voice are emulated, the voice one
unbroken hum, so that the recording's level is the bot's gain. Each call lets the bot speak for two
seconds and says a command or a sentence over it. Time runs from the beginning of the 20 ms of
caller's audio that hold the first audible sample; benchmarks/callers.py is the caller's side. The
plain bot (benchmarks/plain_bot.py) runs in the same server, over the same transports. Calls
alternate between the two bots.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from loguru import logger
from pipecat.frames.frames import LLMMessagesAppendFrame
from pipecat.processors.aggregators.llm_context import LLMContextMessage

from benchmarks.callers import LEAD_S, TRANSPORTS, Played, Transport, join
from benchmarks.clips import RATE_HZ, Pcm, audible
from benchmarks.kept_lines import KeptLines
from benchmarks.overheard import VOICES, spoken
from benchmarks.plain_bot import PlainSession
from bots.local.ears import LoadedEars, find_ears, load_ears
from bots.session import BotSession
from bots.spec import AnswerSpec, BotSpec, ProviderSpec
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from processors.speech_models import SpeechModels
from tests.fakes.models import FakeModels
from tests.fakes.serving import Served, build_app, serve
from tests.fakes.waiting import until

QUESTION: LLMContextMessage = {"role": "user", "content": "Who wandered around?"}
ANSWER = " ".join(["seven wonderful travellers wandered around yesterday"] * 8)
"""One sentence of half a minute: no pause to be taken for a stop."""
SAID = ("Stop.", "Wait a second.", "No, no, no.", "What time do you close on Friday?",
        "I need to change my appointment.")  # fmt: skip
SPEAKS_S = 2.0
LISTENS_S = 1.6
WINDOW_S = 0.01
QUIET_DB, SILENT_DB = -17.0, -35.0
"""Below what the bot had before: a duck of 20 dB, with the hum's own swell allowed for."""
DUCKED_DB = -9.0
"""More than the hum's own swell."""


class RealHearing(FakeModels):
    """The process's real VAD, end of turn and ears."""

    def __init__(self, ears: LoadedEars) -> None:
        super().__init__()
        self.speech = SpeechModels()
        self.speech.load()
        self._told_ears = ears  # pyright: ignore[reportAttributeAccessIssue]


class Call(NamedTuple):
    """Which call of a run: its number says what is said and by whom."""

    transport: Transport
    number: int
    bot: str


class Heard(NamedTuple):
    """One barge-in, in ms from the caller's first audible sample; None: not within LISTENS_S."""

    call: Call
    duck_ms: float | None
    quiet_ms: float | None
    silent_ms: float | None


def read(which: Call, played: Sequence[Played], rate_hz: int, said_s: float) -> Heard:
    """When the level of the recording fell, and stayed down."""
    begin_s = said_s - 1.0
    track = np.zeros(int((1.0 + LISTENS_S) * rate_hz))
    for one in played:
        at = round((one.at_s - begin_s) * rate_hz)
        part = one.pcm[max(0, -at) : max(0, len(track) - at)]
        track[max(at, 0) :][: len(part)] = part
    step = int(WINDOW_S * rate_hz)
    # The hum's period is 8.3 ms: its level over 20 ms, every 10.
    windows = np.lib.stride_tricks.sliding_window_view(track, 2 * step)[::step]
    level_db = 20 * np.log10(np.sqrt((windows**2).mean(axis=1)) + 1e-3)
    since = int(1.0 / WINDOW_S)
    usual_db = float(np.median(level_db[: since - 2]))

    def falls_ms(depth_db: float) -> float | None:
        low = level_db[since:] < usual_db + depth_db
        # Of a network's gap of a frame or two the bot is not quieter.
        runs = np.convolve(low, np.ones(5), mode="valid") == 5
        return float(np.argmax(runs)) * WINDOW_S * 1000 if runs.any() else None

    return Heard(which, falls_ms(DUCKED_DB), falls_ms(QUIET_DB), falls_ms(SILENT_DB))


@asynccontextmanager
async def open_server() -> AsyncIterator[tuple[Served, dict[str, BotSession]]]:
    """Both bots in one server."""
    sessions: dict[str, BotSession] = {}
    ears = load_ears(find_ears(None, "en"), threads=2)
    models = RealHearing(ears)

    def build(**how: Any) -> BotSession:
        kind = PlainSession if how["spec"].name == "plain" else BotSession
        session = sessions[how["session_id"]] = kind(models=models, **how)
        return session

    async with AsyncExitStack() as stack:
        script = Script(replies=[Reply(text=ANSWER)] * 1000)
        brain = await stack.enter_async_context(OpenAIEmulator(script=script))
        bots = [_bot(name, brain.base_url) for name in ("offhook", "plain")]
        limits: dict[str, Any] = {"local_capacity": 4, "calls_per_minute": 600, "calls_burst": 99}
        app = build_app(*bots, session_factory=build, **limits)
        yield await stack.enter_async_context(serve(app)), sessions
    ears.close()
    models.speech.close()


def _bot(name: str, url: str) -> BotSpec:
    return BotSpec(
        name=name,
        version="0" * 12,
        prompt="You talk.",
        answer=AnswerSpec(link=True),
        stt=(ProviderSpec(provider="local"),),
        llm=(ProviderSpec(provider="openai", model="gpt-4.1", base_url=url),),
        tts=(ProviderSpec(provider="openai", voice="nova", base_url=url),),
    )


async def barge_in(served: Served, sessions: dict[str, BotSession], which: Call, pcm: Pcm) -> Heard:
    """One call."""
    call = await served.create(which.transport, which.bot)
    caller = await join(served, call)
    try:
        session = sessions[call["session_id"]]
        await until(lambda: session.record.connected_at is not None)
        assert session._worker
        await session._worker.queue_frame(LLMMessagesAppendFrame([QUESTION], run_llm=True))
        await until(
            lambda: any(np.abs(one.pcm).max(initial=0) > 500 for one in caller.played), timeout_s=15
        )
        await asyncio.sleep(SPEAKS_S)
        microphone = caller.microphone
        microphone.say(pcm, RATE_HZ)
        await asyncio.sleep(LISTENS_S + LEAD_S + 0.1)
        assert microphone.said_s is not None
        return read(which, list(caller.played), caller.recorded_hz, microphone.said_s)
    finally:
        await caller.close()


async def measure(transport: Transport, calls: int, kept: KeptLines[Heard] | None) -> list[Heard]:
    """So many calls of each bot, in turns; those that are `kept` are not made again."""
    clips = [audible(spoken(voice, text)) for voice in VOICES for text in SAID]
    found = list(kept.all) if kept else []
    made = {one.call for one in found}
    wanted = [Call(transport, at, bot) for at in range(calls) for bot in ("offhook", "plain")]
    async with open_server() as (served, sessions):
        for which in wanted:
            if which not in made:
                pcm = clips[which.number % len(clips)]
                found.append(await barge_in(served, sessions, which, pcm))
                if kept:
                    kept.add(found[-1])
    return [one for one in found if one.call in wanted]


def table(found: Sequence[Heard], transport: Transport) -> str:
    """A row a bot."""
    lines = [
        "| transport | bot | calls | duck onset | -20 dB | silence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for bot in ("offhook", "plain"):
        rows = [one for one in found if one.call.bot == bot]
        cells = []
        for values in zip(
            *((one.duck_ms, one.quiet_ms, one.silent_ms) for one in rows), strict=True
        ):
            seen = [value for value in values if value is not None]
            missed = len(values) - len(seen)
            p50, p95 = np.percentile(seen, [50, 95]) if seen else (np.nan, np.nan)
            cells.append(f"{p50:.0f} / {p95:.0f}" + (f", {missed} never" if missed else ""))
        lines.append(f"| {transport} | {bot} | {len(rows)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print: p50 / p95 in ms."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--transport", choices=TRANSPORTS, default="websocket")
    parser.add_argument("--calls", type=int, default=20, help="of each bot")
    parser.add_argument("--keep", type=Path, help="a file of calls: go on where it ends")
    parser.add_argument("--each", action="store_true", help="print every call")
    options = parser.parse_args(arguments)
    logger.remove()
    try:
        kept = KeptLines(options.keep, Heard) if options.keep else None
    except FileNotFoundError as error:
        parser.error(str(error))
    found = asyncio.run(measure(options.transport, options.calls, kept))
    if options.each:
        print("\n".join(map(str, found)))
    print(table(found, options.transport))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
