"""What the caller gets when a provider fails: Offhook beside Pipecat's stock switcher, as a table.

    python -m benchmarks.fallback [--only TEXT] [--rounds 3] [--again] [--scenes] [--write]

Every fault of the first provider, before anything and mid-stream, against the emulated vendors,
which run in a process of their own. Words are numbered and counted exactly. The three kinds are
measured beside one another, since their vendors and calls have nothing in common. What was measured
is kept in benchmarks/outages/ and not measured again; `--again` forgets it. `--scenes` measures
whole scenes instead (benchmarks/outages/scenes.py), and `--write` puts both into docs/fallback.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from loguru import logger

from benchmarks.outages import calls, llm, scenes, stt, tts
from benchmarks.outages.cases import SYSTEMS, Case, Kind, Results
from benchmarks.outages.page import table, write_page
from benchmarks.outages.scenes import SCENES, Findings
from benchmarks.outages.vendors import Vendors, run_vendors

KINDS = {"stt": stt, "llm": llm, "tts": tts}
"""The measured kinds: a module has CASES, `healthy_s` and `measure`."""

FOLDER = Path("benchmarks/outages")
PAGE = Path("docs/fallback.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--only", default="", help="cases or scenes whose name holds this text")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--write", action="store_true", help="only write docs/fallback.md")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    logger.remove()
    cases_path, scenes_path = options.folder / "results.jsonl", options.folder / "scenes.jsonl"
    if options.again:
        for path in (scenes_path, calls.KEPT) if options.scenes else (cases_path,):
            path.unlink(missing_ok=True)
    results, findings = Results(cases_path), Findings(scenes_path)
    wanted = [case for kind in KINDS.values() for case in kind.CASES if options.only in case.name]
    if options.write:
        PAGE.write_text(write_page(PAGE.read_text(), wanted, results.all, findings.all))
    elif options.scenes:
        asyncio.run(_play([name for name in SCENES if options.only in name], findings))
        print("\n".join(map(str, findings.all)))
    else:
        asyncio.run(_measure(wanted, options.rounds, results))
        print(table(wanted, results.all))
    return 0


async def _play(names: Sequence[str], findings: Findings) -> None:
    for name in names:
        if not findings.has(name):
            async with run_vendors() as vendors:
                findings.add(name, await scenes.SCENES[name](vendors))
            print(findings.all[-1], file=sys.stderr, flush=True)


async def _measure(wanted: Sequence[Case], rounds: int, results: Results) -> None:
    async with run_vendors() as vendors:
        for number in range(rounds):
            await asyncio.gather(
                *(
                    _measure_kind(
                        kind, [c for c in wanted if c.kind == kind], number, results, vendors
                    )
                    for kind in ("stt", "llm", "tts")
                )
            )


async def _measure_kind(
    kind: Kind, wanted: Sequence[Case], number: int, results: Results, vendors: Vendors
) -> None:
    """One round of one kind; who is measured first changes from round to round."""
    systems = SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]
    missing = [
        (case, system)
        for case in wanted
        for system in systems
        if not results.has(case, system, number)
    ]
    if not missing:
        return
    await KINDS[kind].healthy_s(vendors)  # the first of a process is slow
    healthy_s = await KINDS[kind].healthy_s(vendors)
    for case, system in missing:
        results.add(await KINDS[kind].measure(case, system, number, vendors, healthy_s))
        print(".", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
