"""What answering ahead gains a caller, and what it throws away: real time, the embedded default.

    python -m benchmarks.speculation [--rounds 1] [--bot receptionist]

The same caller asks the same questions of one bot with `speculate: true` and with `false`, a round
being two calls of each in the order A B B A, over `offhook serve` (benchmarks/spoken_calls.py); a
call ahead of them, which nobody counts, warms the brain. Some questions have a pause inside, where
an answer may be begun in vain, or the turn be taken for finished. The waits run from the end of
speech to the first sound of the answer, at the caller; what was begun, kept and thrown away is what
the page is told of each end of a turn. That nothing of a wrong answer is heard, enters the
conversation or runs a tool is shown by tests/processors/test_turn_detection.py and
tests/processors/fallback/test_llm_turns.py. A round takes about four minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.first_call import BOTS
from benchmarks.spoken_calls import Answer, Samples, SpokenCall, one_call, quantile_ms
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.voices import say, silence

PAUSE_S = 0.6
"""The median of the pauses in benchmarks/turns.yaml."""
KINDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "straight from a fact": (("What time do you open on Saturday?",),),
    "by the brain": (
        ("Can my grandmother get in with her wheelchair?",),
        ("Who would look after my daughter?",),
    ),
    "with a pause": (
        ("I would like to know", "how long a check-up takes."),
        ("Can I come on Friday", "at six in the evening?"),
    ),
}
QUESTIONS = [(kind, parts) for kind, some in KINDS.items() for parts in some]
AHEAD, AFTER = "ahead", "after"


def spoken(parts: Sequence[str]) -> Samples:
    """A question with a pause between its parts."""
    pieces = [piece for part in parts for piece in (silence(PAUSE_S), _trimmed(say(part)))]
    return np.concatenate(pieces[1:])


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 500)
    return samples[loud[0] : loud[-1] + 1]


def write_bots(folder: Path, bot: str) -> None:
    """`bot` twice, answering ahead and not."""
    shutil.copytree(BOTS, folder, dirs_exist_ok=True)
    for name, speculates in ((AHEAD, "true"), (AFTER, "false")):
        text = f"extends: {bot}.yaml\nturns: {{speculate: {speculates}}}\n"
        (folder / f"{name}.yaml").write_text(text, "utf-8")


async def measure(bot: str, rounds: int) -> dict[str, list[SpokenCall]]:
    """The calls of either bot."""
    questions = [await asyncio.to_thread(spoken, parts) for _, parts in QUESTIONS]
    found: dict[str, list[SpokenCall]] = {AHEAD: [], AFTER: []}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bots"
        write_bots(folder, bot)
        with OffhookProcess(folder, Path(scratch) / "server.log") as offhook:
            await asyncio.to_thread(offhook.wait_ready, 400.0)
            await one_call(offhook, AFTER, questions[1:2])
            await asyncio.to_thread(offhook.wait_idle)
            for name in (AHEAD, AFTER, AFTER, AHEAD) * rounds:
                found[name].append(await one_call(offhook, name, questions))
                await asyncio.to_thread(offhook.wait_idle)
    return found


def report(found: dict[str, list[SpokenCall]]) -> None:
    """Print the table."""
    table = Table(
        *("end of speech -> answer", "bot", "p50, p95 ms", "answers", "turns"),
        *("answers begun", "thrown away"),
    )
    for kind in [*KINDS, "all"]:
        for name, calls in found.items():
            answers = _answers(calls, kind)
            waits_s = [one.wait_s for one in answers]
            ends = [end for one in answers for end in one.turn_ends]
            thrown = sum(end["withdrawn"] for end in ends)
            begun = thrown + sum(end["speculation"] == "kept" for end in ends)
            waits = f"{quantile_ms(waits_s, 0.5):.0f}, {quantile_ms(waits_s, 0.95):.0f}"
            counts = (len(answers), len(ends), begun, thrown)
            table.add_row(kind, name, waits, *(str(count) for count in counts))
    Console(width=110).print(table)
    late_ms = max(call.late_s for some in found.values() for call in some) * 1000
    print(f"the caller's own frames were late by up to {late_ms:.0f} ms; ", end="")
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _answers(calls: Sequence[SpokenCall], kind: str) -> list[Answer]:
    return [
        answer
        for call in calls
        for (of, _), answer in zip(QUESTIONS, call.answers, strict=True)
        if kind in (of, "all")
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bot", default="receptionist")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    report(asyncio.run(measure(options.bot, options.rounds)))


if __name__ == "__main__":
    main()
