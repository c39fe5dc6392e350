"""How long a caller waits: end of speech to the answer's first sound, and connect to greeting.

    python -m benchmarks.first_call [--calls 2] [--bot receptionist] [--starts 1] [--json FILE]

A caller speaks to `offhook serve` in real time (benchmarks/spoken_calls.py). Beside the wait stands
the sum of the stages that the server reports for the same turn. The questions of `DIRECT` have one
fact that answers them beyond doubt; those of `BRAIN` are put otherwise than the facts and need the
brain to choose. The greeting is timed from the socket's request: `first` is the first call after a
start, `warm` every later one. Two calls take about four minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.spoken_calls import Answer, SpokenCall, one_call, quantile_ms
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.voices import say

BOTS = Path(__file__).parent.parent / "configs" / "bots"
DIRECT = (
    "What time do you open on Saturday?",
    "How much is a cleaning?",
    "Where are you located?",
    "Do I need to pay for parking?",
    "Can I cancel my appointment?",
    "Are you open on Sunday?",
    "How long does a check-up take?",
    "Do you treat children?",
)
BRAIN = (
    "Can my grandmother get in with her wheelchair?",
    "Is there a bus that goes to you?",
    "Who would look after my daughter?",
    "What happens if I do not show up?",
    "Can you tell me who you are?",
)
QUESTIONS = DIRECT + BRAIN
BRAIN_MS = 150.0
"""A stage `llm` of so much has waited for the brain; a fact is there sooner."""


async def measure(bot: str, calls: int, starts: int) -> list[list[SpokenCall]]:
    """The calls of each start."""
    questions = [await asyncio.to_thread(say, text) for text in QUESTIONS]
    found: list[list[SpokenCall]] = []
    for _ in range(starts):
        with (
            tempfile.TemporaryDirectory() as folder,
            OffhookProcess(BOTS, Path(folder) / "server.log") as offhook,
        ):
            await asyncio.to_thread(offhook.wait_ready, 400.0)
            found.append([])
            for _ in range(calls):
                found[-1].append(await one_call(offhook, bot, questions))
                await asyncio.to_thread(offhook.wait_idle)
    return found


def report(found: Sequence[Sequence[SpokenCall]]) -> None:
    """Print the tables."""
    calls = [call for some in found for call in some]
    asked = [pair for call in calls for pair in zip(QUESTIONS, call.answers, strict=True)]
    by_question = {text: [one for said, one in asked if said == text] for text in QUESTIONS}
    groups = {
        "straight from a fact": [one for text in DIRECT for one in by_question[text]],
        "by the brain": [one for text in BRAIN for one in by_question[text]],
        "all": [one for _, one in asked],
    }
    for name, answers in groups.items():
        _print_group(name, answers)
    table = Table("what", "p50 ms", "p95 ms", "n")
    rows = {
        "connect -> greeting, first": [some[0].greeting_s for some in found],
        "connect -> greeting, warm": [call.greeting_s for some in found for call in some[1:]],
        **{text: [one.wait_s for one in answers] for text, answers in by_question.items()},
    }
    for name, values_s in rows.items():
        _add(table, name, values_s)
    Console().print(table)
    late_ms = max(call.late_s for call in calls) * 1000
    print(f"the caller's own frames were late by up to {late_ms:.0f} ms; ", end="")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


def _print_group(name: str, answers: Sequence[Answer]) -> None:
    table = Table(name, "p50 ms", "p95 ms", "n")
    sums_s = [sum(one.stages_ms.values()) / 1000 for one in answers]
    _add(table, "end of speech -> answer, at the caller", [one.wait_s for one in answers])
    _add(table, "the sum of the server's stages", sums_s)
    for stage in sorted({stage for one in answers for stage in one.stages_ms}):
        _add(table, f"  {stage}", [one.stages_ms.get(stage, 0.0) / 1000 for one in answers])
    Console().print(table)
    ratio = statistics.median(one.wait_s for one in answers) / statistics.median(sums_s)
    waited = sum(one.stages_ms.get("llm", 0.0) >= BRAIN_MS for one in answers)
    print(f"caller / stages: {ratio:.2f}; {waited} of {len(answers)} waited for the brain\n")


def _add(table: Table, name: str, values_s: Sequence[float]) -> None:
    if values_s:
        p50, p95 = quantile_ms(values_s, 0.5), quantile_ms(values_s, 0.95)
        table.add_row(name, f"{p50:.0f}", f"{p95:.0f}", str(len(values_s)))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bot", default="receptionist")
    parser.add_argument("--calls", type=int, default=2, help=f"{len(QUESTIONS)} questions each")
    parser.add_argument("--starts", type=int, default=1, help="fresh server processes")
    parser.add_argument("--json", type=Path, help="also write what was found here")
    options = parser.parse_args()
    found = asyncio.run(measure(options.bot, options.calls, options.starts))
    if options.json:
        told = [[dataclasses.asdict(call) for call in some] for some in found]
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    report(found)


if __name__ == "__main__":
    main()
