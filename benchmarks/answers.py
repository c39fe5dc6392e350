"""Asks the shipped bots questions whose answers are known, through the real brief, brain and guard.

    python -m benchmarks.answers [--set tuning|held_out|everyday|all] [--voice] [--only TEXT]
        [--brain NAME] [--brief] [--again]

Without --voice the words reach the brain as they stand; with it, every third question is spoken by
a local voice and heard by whisper first. Answers are kept in the output file and not asked again
while the brain, the brief and the question are the same (--again asks anew). Exit code 1 when the
goal is missed: 90 % right, at most 3 % wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from loguru import logger
from pipecat.frames.frames import (
    EndFrame,
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner
from rich.console import Console
from rich.table import Table

from benchmarks.scoring import Question, load_questions, score
from bots.facts import Brief
from bots.load import load_bot
from bots.local import weights
from bots.local.brain import LocalLLMService
from bots.local.llama import LlamaServer
from bots.local.lookup import knowledge_of
from bots.local.models import brief
from bots.local.recall import Recall, load_recall
from bots.local.voices import Voice, find_voice, load_voice
from bots.local.whisper import WhisperEars
from bots.pipeline import guards
from bots.spec import BotSpec

BOTS = Path(__file__).parent.parent / "configs" / "bots"
SETS = ("tuning", "held_out", "everyday")
CALLERS = ("joe", "heart")
"""The voices that ask, in turn: male (piper) and female (hibari)."""
VOICE_EVERY = 3
LONGEST_ANSWER_S = 600.0
"""Quality is measured on machines that are busy with other things; this only ends a hang."""
GOAL_RIGHT, GOAL_WRONG = 0.90, 0.03


class Collector(FrameProcessor):
    """The end of the pipeline: gathers an answer's text, and when its first and last came."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.first_s: float | None = None
        self.is_done = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take text; pass every frame."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame):
            self.first_s = self.first_s or time.perf_counter()
            self.text += frame.text
        elif isinstance(frame, LLMFullResponseEndFrame):
            self.is_done.set()
        await self.push_frame(frame, direction)


async def converse(
    spec: BotSpec,
    told: Brief,
    server: LlamaServer,
    turns: Sequence[str],
    now: datetime,
    recall: Recall | None,
) -> tuple[str, float, float]:
    """Ask `turns` in one session; the last answer, its first text and its end in s after asking."""
    context = LLMContext()
    if opening := spec.opening():
        context.add_message({"role": "assistant", "content": opening})
    local = spec.local("llm")
    settings = LocalLLMService.Settings.from_mapping(dict(local.settings) if local else {})
    llm = LocalLLMService(server, told, settings=settings, now=lambda: now, recall=recall)
    collector = Collector()
    checks = [stage.processor for stage in guards(spec, context, now)]
    worker = PipelineWorker(
        Pipeline([llm, *checks, collector]), enable_rtvi=False, cancel_on_idle_timeout=False
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run(auto_end=True))
    answer, first_s, total_s = "", 0.0, 0.0
    try:
        for turn in turns:
            context.add_message({"role": "user", "content": turn})
            collector.text, collector.first_s = "", None
            collector.is_done.clear()
            asked = time.perf_counter()
            await worker.queue_frame(LLMContextFrame(context))
            await asyncio.wait_for(collector.is_done.wait(), LONGEST_ANSWER_S)
            total_s = time.perf_counter() - asked
            first_s = (collector.first_s or asked) - asked
            answer = collector.text.strip()
            context.add_message({"role": "assistant", "content": answer})
        await worker.queue_frame(EndFrame())
    except BaseException:
        await worker.cancel()
        raise
    finally:
        await running
    return answer, first_s, total_s


class Caller:
    """Says a question aloud and hears it as the bot's ears would."""

    def __init__(self, voices: Sequence[Voice], ears: WhisperEars) -> None:
        self._voices = voices
        self._ears = ears

    @classmethod
    def load(cls, threads: int) -> Caller:
        """Load the voices and whisper tiny.en."""
        entries = [find_voice("en", name) for name in CALLERS]
        voices = [
            load_voice(entry, weights.path(entry.weights[0]) if entry.weights else None, threads=1)
            for entry in entries
        ]
        return cls(voices, WhisperEars.load(weights.path("whisper-tiny.en"), threads=threads))

    async def heard(self, text: str, number: int) -> str:
        """What arrives of `text`, spoken by the voice whose turn it is."""
        voice = self._voices[number % len(self._voices)]
        pcm = np.frombuffer(await voice.synthesize(text), np.int16)
        return await self._ears.transcribe(pcm, voice.sample_rate_hz)


async def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Ask every chosen question that the output file does not know yet; all chosen rows."""
    names = SETS if options.set == "all" else (options.set,)
    questions = [question for name in names for question in load_questions(name)]
    if options.voice:
        questions = questions[::VOICE_EVERY]
    questions = [question for question in questions if options.only in question.key]
    mode = "voice" if options.voice else "text"
    known: dict[str, dict[str, Any]] = {}
    if options.out.exists() and not options.again:
        known = {row["id"]: row for row in json.loads(options.out.read_text())}
    specs = {bot: load_bot(BOTS / f"{bot}.yaml", {}).spec for bot in {q.bot for q in questions}}
    caller = Caller.load(options.threads) if options.voice else None
    recall = load_recall()
    if recall is not None:
        for spec in specs.values():
            await recall.learn(knowledge_of(brief(spec)))
    server = LlamaServer(weights.path(options.brain), threads=options.threads)
    await server.start()
    rows: list[dict[str, Any]] = []
    try:
        for number, question in enumerate(questions):
            spec = specs[question.bot]
            told = brief(spec)
            print(f"\r{number + 1}/{len(questions)} ", end="", file=sys.stderr, flush=True)
            row_id = f"{mode}/{options.brain}/{_fingerprint(told)}/{question.key}"
            if row_id not in known:
                turns = [*question.before, question.ask]
                if caller is not None:
                    turns = [await caller.heard(turn, number) for turn in turns]
                answer, first_s, total_s = await converse(
                    spec, told, server, turns, question.at, recall
                )
                known[row_id] = {
                    "id": row_id,
                    "heard": turns[-1],
                    "answer": answer,
                    "first_s": round(first_s, 2),
                    "total_s": round(total_s, 2),
                }
                options.out.write_text(json.dumps(list(known.values()), indent=1))
            rows.append({**known[row_id], "question": question})
    finally:
        await server.stop()
        if recall is not None:
            recall.close()
    return rows


def _fingerprint(told: Brief) -> str:
    return hashlib.sha256(json.dumps(told.messages()).encode()).hexdigest()[:8]


def report(rows: Sequence[dict[str, Any]], console: Console, *, is_brief: bool) -> bool:
    """Print the misses and a line for each set; whether every set meets the goal."""
    totals: dict[str, Counter[str]] = {}
    misses = Table("set", "verdict", "heard", "answer", "why")
    for row in rows:
        question: Question = row["question"]
        result = score(question, row["answer"])
        totals.setdefault(question.set, Counter())[result.verdict] += 1
        if result.verdict != "right" and not is_brief:
            reasons = ", ".join(result.reasons)
            misses.add_row(question.set, result.verdict, row["heard"], row["answer"], reasons)
    if misses.row_count:
        console.print(misses)
    table = Table("set", "questions", "right", "wrong", "silent", "long", "right %", "wrong %")
    is_met = True
    for name, counts in totals.items():
        count = counts.total()
        right, wrong = counts["right"] / count, counts["wrong"] / count
        is_met = is_met and right >= GOAL_RIGHT and wrong <= GOAL_WRONG
        cells = [count, *(counts[verdict] for verdict in ("right", "wrong", "silent", "long"))]
        table.add_row(name, *map(str, cells), f"{right:.1%}", f"{wrong:.1%}")
    console.print(table)
    return is_met


def main() -> int:
    """Parse the options, ask, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--set", choices=[*SETS, "all"], default="all")
    parser.add_argument("--voice", action="store_true", help="every third question, spoken")
    parser.add_argument("--only", default="", help="questions that contain this")
    parser.add_argument("--brain", default="qwen2.5-1.5b", help="a name of `offhook models list`")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("answers.json"))
    parser.add_argument("--again", action="store_true", help="ask what is known anew")
    parser.add_argument("--brief", action="store_true", help="the totals only")
    options = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    rows = asyncio.run(run(options))
    return 0 if report(rows, Console(width=160), is_brief=options.brief) else 1


if __name__ == "__main__":
    raise SystemExit(main())
