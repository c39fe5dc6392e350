"""What the caller gets when a provider fails: Offhook beside Pipecat's stock switcher, as a table.

    python -m benchmarks.fallback [--only TEXT] [--rounds 3] [--again] [--scenes] [--write]

Every fault of the first provider, before anything and mid-stream, against the emulated vendors,
which run in a process of their own. Words are numbered and counted exactly. The three kinds are
measured beside one another, since their vendors and calls have nothing in common. What was measured
is kept in benchmarks/outages/ and not measured again; `--again` forgets it, of what `--only` names.
`--scenes` measures whole scenes instead (benchmarks/outages/scenes.py), and `--write` puts both
into docs/fallback.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from loguru import logger

from benchmarks.kept_lines import KeptLines
from benchmarks.outages import llm, stt, tts
from benchmarks.outages.calls import Round, Rounds, healthy_calls
from benchmarks.outages.cases import SYSTEMS, Case, Kind, Result
from benchmarks.outages.page import table, write_page
from benchmarks.outages.scenes import SCENES, Finding, Scene
from benchmarks.outages.vendors import Vendors, run_vendors

KINDS = {"stt": stt, "llm": llm, "tts": tts}
"""The measured kinds: a module has CASES, `healthy_s` and `measure`."""

CASES = [case for kind in KINDS.values() for case in kind.CASES]

HEALTHY_CALLS = "healthy calls"
FOLDER = Path("benchmarks/outages")
PAGE = Path("docs/fallback.md")


class Kept:
    """What was measured so far, in a folder that is there.

    Raises:
        FileNotFoundError: it is not.
    """

    def __init__(self, folder: Path) -> None:
        self.results = KeptLines(folder / "results.jsonl", Result)
        self.findings = KeptLines(folder / "scenes.jsonl", Finding)
        self.rounds = Rounds(folder / "calls.jsonl", Round)

    @property
    def scenes(self) -> Mapping[str, Scene]:
        """Every scene by its name."""
        return {**SCENES, HEALTHY_CALLS: partial(healthy_calls, self.rounds)}

    def forget_cases(self, names: Iterable[str]) -> None:
        """Have the cases of these names measured again."""
        stale = set(names)
        self.results.forget(lambda result: result.case in stale)

    def forget_scenes(self, names: Collection[str]) -> None:
        """Have the scenes of these names played again."""
        self.findings.forget(lambda finding: finding.scene in names)
        self.rounds.forget(lambda _: HEALTHY_CALLS in names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--only", default="", help="cases or scenes whose name holds this text")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--again", action="store_true", help="forget what was measured of these")
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--write", action="store_true", help="only write docs/fallback.md")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where it is kept")
    options = parser.parse_args(arguments)
    try:
        kept = Kept(options.folder)
    except FileNotFoundError as error:
        parser.error(str(error))
    logger.remove()
    if options.write:
        PAGE.write_text(write_page(PAGE.read_text(), CASES, kept.results.all, kept.findings.all))
    elif options.scenes:
        wanted = {name: scene for name, scene in kept.scenes.items() if options.only in name}
        if options.again:
            kept.forget_scenes(wanted)
        asyncio.run(_play(wanted, kept))
        print("\n".join(map(str, kept.findings.all)))
    else:
        cases = [case for case in CASES if options.only in case.name]
        if options.again:
            kept.forget_cases(case.name for case in cases)
        asyncio.run(_measure(cases, options.rounds, kept.results))
        print(table(cases, kept.results.all))
    return 0


async def _play(wanted: Mapping[str, Scene], kept: Kept) -> None:
    played = {finding.scene for finding in kept.findings.all}
    for name, scene in wanted.items():
        if name not in played:
            async with run_vendors() as vendors:
                kept.findings.add(Finding(name, await scene(vendors)))
            print(kept.findings.all[-1], file=sys.stderr, flush=True)


async def _measure(wanted: Sequence[Case], rounds: int, results: KeptLines[Result]) -> None:
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
    kind: Kind, wanted: Sequence[Case], number: int, results: KeptLines[Result], vendors: Vendors
) -> None:
    """One round of one kind; who is measured first changes from round to round."""
    measured = {(result.case, result.system, result.round) for result in results.all}
    systems = SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]
    missing = [
        (case, system)
        for case in wanted
        for system in systems
        if (case.name, system, number) not in measured
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
