"""The measured part of docs/fallback.md: a row an outage, then the scenes."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from benchmarks.outages.cases import SYSTEMS, Case, Result, System
from benchmarks.outages.scenes import Finding

BEGIN = "<!-- measured: python -m benchmarks.fallback --write -->"
END = "<!-- end of measured -->"
TARGET_RATIO = 1.2
_HEAD = [
    "| fault | may take, ms | ours: answered | lost | twice | gap, ms "
    "| stock: answered | lost | twice | gap, ms |",
    "| --- " * 10 + "|",
]


def table(wanted: Sequence[Case], results: Sequence[Result]) -> str:
    """A row a case: answered turns, lost and repeated words, and the median gap, for both."""
    return "\n".join([*_HEAD, *_rows(wanted, results)])


def _rows(wanted: Sequence[Case], results: Sequence[Result]) -> Iterator[str]:
    for case in wanted:
        own = {s: [r for r in results if r.case == case.name and r.system == s] for s in SYSTEMS}
        if not any(own.values()):
            continue
        allowed_ms = next(r for runs in own.values() for r in runs).allowed_ms * TARGET_RATIO
        cells = [cell for system in SYSTEMS for cell in _cells(own[system])]
        yield f"| {case.name} | {allowed_ms:.0f} | {' | '.join(cells)} |"


def _cells(runs: Sequence[Result]) -> list[str]:
    if not runs:
        return ["-"] * 4
    gaps = [run.gap_ms for run in runs if run.gap_ms is not None]
    return [
        f"{sum(run.is_answered for run in runs)} of {len(runs)}",
        str(sum(run.lost for run in runs)),
        str(sum(run.repeated for run in runs)),
        f"{statistics.median(gaps):.0f}" if gaps else "never",
    ]


def summary(wanted: Sequence[Case], results: Sequence[Result]) -> str:
    """Each system's turns of each kind in a line, and whose median gap is over what it may take."""
    lines = ["| kind | ours: answered | lost | twice | stock: answered | lost | twice |"]
    lines.append("| --- " * 7 + "|")
    for kind in ("stt", "llm", "tts"):
        names = {case.name for case in wanted if case.kind == kind}
        cells = [cell for system in SYSTEMS for cell in _cells(_of(results, names, system))[:3]]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    late = [case.name for case in wanted if _is_late(_of(results, {case.name}, "offhook"))]
    said = ", ".join(late) if late else "none"
    return "\n".join([*lines, "", f"Our median gap is over what it may take in: {said}."])


def _of(results: Sequence[Result], names: set[str], system: System) -> list[Result]:
    return [run for run in results if run.case in names and run.system == system]


def _is_late(runs: Sequence[Result]) -> bool:
    gaps = [run.gap_ms for run in runs if run.gap_ms is not None]
    return bool(gaps) and statistics.median(gaps) > runs[0].allowed_ms * TARGET_RATIO


def write_page(
    page: str,
    wanted: Sequence[Case],
    results: Sequence[Result],
    findings: Sequence[Finding],
) -> str:
    """The page with its measured part made anew."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    scenes = "\n".join(_scene(finding) for finding in findings)
    parts = [summary(wanted, results), table(wanted, results), "### Scenes", scenes]
    return before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after


def _scene(finding: Finding) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in finding.figures.items())
    return f"- **{finding.scene}**: {figures}."
