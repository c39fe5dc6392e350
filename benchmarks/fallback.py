"""What the caller gets when a provider fails: Offhook beside Pipecat's stock switcher, as a table.

    python -m benchmarks.fallback [--only TEXT] [--rounds 3] [--again] [--overhead]

Every fault of the first provider, before anything and mid-stream, against the emulated vendors,
which run in a process of their own. Words are numbered and counted exactly. What was measured is
kept in the output file and not measured again; `--again` forgets it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from loguru import logger
from rich.console import Console
from rich.table import Table

from benchmarks.outages import llm, stt, tts
from benchmarks.outages.cases import SYSTEMS, Case, Result, Results
from benchmarks.outages.vendors import Vendors, run_vendors

KINDS = {"stt": stt, "llm": llm, "tts": tts}
"""The measured kinds: a module has CASES and `measure(case, system, number, vendors)`."""

OUTPUT = Path("benchmarks/outages/results.jsonl")
_TARGET_RATIO = 1.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--overhead", action="store_true", help="measure a healthy chain instead")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    logger.remove()
    if options.overhead:
        print(json.dumps(asyncio.run(_overhead(options.rounds)), indent=1))
        return 0
    if options.again:
        options.output.unlink(missing_ok=True)
    results = Results(options.output)
    wanted = [case for kind in KINDS.values() for case in kind.CASES if options.only in case.name]
    asyncio.run(_measure(wanted, options.rounds, results))
    Console(width=140).print(table(wanted, results.all))
    return 0


async def _overhead(rounds: int) -> dict[str, object]:
    async with run_vendors() as vendors:
        return await llm.overhead(vendors, rounds)


async def _measure(wanted: Sequence[Case], rounds: int, results: Results) -> None:
    async with run_vendors() as vendors:
        for number in range(rounds):
            for case in wanted:
                await _measure_one(case, number, results, vendors)


async def _measure_one(case: Case, number: int, results: Results, vendors: Vendors) -> None:
    systems = SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]
    for system in systems:
        if not results.has(case, system, number):
            results.add(await KINDS[case.kind].measure(case, system, number, vendors))
            print(".", end="", file=sys.stderr, flush=True)


def table(wanted: Sequence[Case], results: Sequence[Result]) -> Table:
    """A row a case: answered turns, lost and repeated words, and the median gap, for both."""
    shown = Table(title="The first provider fails")
    for heading in ("case", "allowed ms"):
        shown.add_column(heading)
    for system in SYSTEMS:
        for heading in ("answered", "lost", "repeated", "gap ms"):
            shown.add_column(f"{system} {heading}", justify="right")
    for case in wanted:
        row: list[str] = [case.name, ""]
        for system in SYSTEMS:
            own = [r for r in results if r.case == case.name and r.system == system]
            if not own:
                row += ["-"] * 4
                continue
            row[1] = f"{own[0].allowed_ms * _TARGET_RATIO:.0f}"
            gaps = [r.gap_ms for r in own if r.gap_ms is not None]
            row += [
                f"{sum(r.is_answered for r in own)}/{len(own)}",
                str(sum(r.lost for r in own)),
                str(sum(r.repeated for r in own)),
                f"{statistics.median(gaps):.0f}" if gaps else "never",
            ]
        shown.add_row(*row)
    return shown


if __name__ == "__main__":
    sys.exit(main())
