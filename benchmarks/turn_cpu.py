"""What hearing and judging turns costs a session, for Offhook and plain Pipecat in one run.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.turn_cpu [--sessions 8] [--seconds 12] [--rounds 2]

Each session is a user aggregator with its VAD and its start and end of turn, fed 20 ms of a caller
at a time in real time: a question, a pause in it, silence. No ears, brain or voice; the words come
as given. CPU is that of the process, a session and a second of audio, the loading of its models
included, less that of the same pipelines with neither VAD nor strategy; lateness is how long after
its due time a frame has passed the aggregator. Rounds go A B B A. The variable is what `offhook`
sets for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import Frame, InputAudioRawFrame, TranscriptionFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.turns.user_turn_strategies import ExternalUserTurnStrategies, UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

from bots.wav import read_wav
from processors.ducking import DuckingFilter
from processors.floor import Floor
from processors.interruption import InterruptionStrategy
from processors.speech_models import SpeechModels
from processors.turn_detection import SpeculativeUserTurnStopStrategy

RATE_HZ = 16_000
FRAME_S = 0.02
WORDS_S = 0.3
SPEECH = Path(__file__).parents[1] / "tests" / "audio" / "open_on_saturday.wav"

Parameters = Callable[[], LLMUserAggregatorParams]


@dataclass(frozen=True, slots=True)
class Round:
    """One variant, once."""

    cpu_ms_a_second: float
    """Of the process, a session and a second of audio."""
    late_ms: tuple[float, ...]


class Passed(FrameProcessor):
    """Keeps how late each audio frame is at the end, and swallows it."""

    def __init__(self, late_ms: list[float]) -> None:
        super().__init__()
        self._late_ms = late_ms
        self.due_s: dict[int, float] = {}

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Account for audio, pass the rest."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            self._late_ms.append((time.perf_counter() - self.due_s.pop(frame.id)) * 1000)
        else:
            await self.push_frame(frame, direction)


def caller() -> tuple[list[bytes], list[int]]:
    """A caller's frames, and after which of them words come: half a question, the rest, silence."""
    said = read_wav(SPEECH, RATE_HZ)
    half = int(len(said) * 0.55)
    parts = [said[:half], np.zeros(RATE_HZ, np.int16), said[half:], np.zeros(3 * RATE_HZ, np.int16)]
    pcm = np.concatenate(parts).tobytes()
    width = round(FRAME_S * RATE_HZ) * 2
    ends_s = [(half / RATE_HZ), (len(said) / RATE_HZ + 1)]
    words = [round((end_s + WORDS_S) / FRAME_S) for end_s in ends_s]
    return [pcm[at : at + width] for at in range(0, len(pcm) - width, width)], words


async def session(
    parameters: Parameters, seconds: float, start_s: float, late_ms: list[float]
) -> None:
    """One caller for `seconds`."""
    passed = Passed(late_ms)
    pair = LLMContextAggregatorPair(LLMContext(), user_params=parameters())
    worker = PipelineWorker(Pipeline([pair.user(), passed]), enable_rtvi=False)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    frames, words = caller()
    for number in range(int(seconds / FRAME_S)):
        due_s = start_s + number * FRAME_S
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        frame = InputAudioRawFrame(frames[number % len(frames)], RATE_HZ, 1)
        passed.due_s[frame.id] = due_s
        await worker.queue_frame(frame)
        if number % len(frames) in words:
            said = TranscriptionFrame("and the rest of it", "", "", finalized=True)
            await worker.queue_frame(said)
    await worker.cancel()
    await running


async def once(parameters: Parameters, sessions: int, seconds: float) -> Round:
    """All sessions at once, a little apart from each other."""
    late_ms: list[float] = []
    start_s = time.perf_counter() + 2.0
    before_s = _cpu_s()
    await asyncio.gather(
        *(
            session(parameters, seconds, start_s + index * 0.31, late_ms)
            for index in range(sessions)
        )
    )
    cpu_s = _cpu_s() - before_s
    return Round(cpu_s * 1000 / sessions / seconds, tuple(late_ms))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def variants(models: SpeechModels) -> Iterator[tuple[str, Parameters]]:
    """Whom to compare: neither VAD nor turns, plain Pipecat, Offhook inline and off the loop."""

    def bare() -> LLMUserAggregatorParams:
        return LLMUserAggregatorParams(user_turn_strategies=ExternalUserTurnStrategies())

    def plain() -> LLMUserAggregatorParams:
        return LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())

    def offhook(*, is_inline: bool) -> LLMUserAggregatorParams:
        vad = models.vad_analyzer()
        if not is_inline:
            # What Pipecat does by itself: each chunk through a thread.
            vad.analyze_audio = super(type(vad), vad).analyze_audio  # type: ignore[method-assign]
        stop = SpeculativeUserTurnStopStrategy(
            models.smart_turn, language="en", is_quiet=lambda: vad.is_quiet
        )
        start = InterruptionStrategy(Floor(), DuckingFilter(), vad)
        return LLMUserAggregatorParams(
            user_turn_strategies=UserTurnStrategies(start=[start], stop=[stop]), vad_analyzer=vad
        )

    yield "neither", bare
    yield "plain Pipecat", plain
    yield "Offhook", lambda: offhook(is_inline=True)
    yield "Offhook, VAD in threads", lambda: offhook(is_inline=False)


async def measure(sessions: int, seconds: float, rounds: int) -> None:
    models = SpeechModels()
    models.load()
    known = dict(variants(models))
    done: dict[str, list[Round]] = {name: [] for name in known}
    for number in range(rounds):
        for name in list(known)[:: 1 if number % 2 == 0 else -1]:
            done[name].append(await once(known[name], sessions, seconds))
    floor_ms = statistics.median(one.cpu_ms_a_second for one in done["neither"])
    print(f"{sessions} sessions, {seconds:g} s, {rounds} rounds")
    for name, some in done.items():
        cpu_ms = statistics.median(one.cpu_ms_a_second for one in some)
        late_ms = [ms for one in some for ms in one.late_ms]
        parts = statistics.quantiles(late_ms, n=100)
        share = sum(ms > FRAME_S * 1000 for ms in late_ms) / len(late_ms)
        print(
            f"{name:26} {cpu_ms:6.1f} ms CPU a session and second, {cpu_ms - floor_ms:6.1f} of it "
            f"for VAD and turns; late p50 {parts[49]:.1f} p99 {parts[98]:.1f} most "
            f"{max(late_ms):.0f} ms, by more than a frame {share:.2%}"
        )
    models.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU of VAD and turn detection a session.")
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    logger.remove()
    asyncio.run(measure(arguments.sessions, arguments.seconds, arguments.rounds))


if __name__ == "__main__":
    main()
