"""The doctor on the machine: cores, memory, disk, and how many local calls they hold."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bots.local.capacity import BRAIN_CORES, local_calls
from bots.local.models import cores
from server.doctor.finding import Finding, ok, warn

GB = 1_000_000_000
MODELS_BYTES = 2_500_000_000
"""Resident memory of the embedded default: ears, voice and the larger brain with one call."""
SMALL_MODELS_BYTES = 1_500_000_000
"""The same with the smaller brain."""


def memory_bytes() -> int:
    """Memory of the machine, or of its container where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def check_machine(cache: Path) -> list[Finding]:
    """Cores and memory against what the embedded default needs, and the disk of the weights."""
    available = cores()
    calls = local_calls(available)
    holds = f"{available} cores hold {calls} local {'call' if calls == 1 else 'calls'} at once."
    keyed = "Bots with cloud providers are not bound by this."
    if available < BRAIN_CORES:
        fix = f"Answers will be slow: a local call needs {BRAIN_CORES:.0f} cores. {keyed}"
        findings = [warn("cores", holds, fix)]
    else:
        findings = [ok("cores", f"{holds} {keyed}")]
    return [*findings, _check_memory(memory_bytes()), _check_disk(cache)]


def _check_memory(total_bytes: int) -> Finding:
    text = f"{total_bytes / GB:.1f} GB."
    if total_bytes < SMALL_MODELS_BYTES:
        return warn("memory", text, "The local brain will not fit: use a provider with a key.")
    if total_bytes < MODELS_BYTES:
        return warn("memory", text, "Only the smaller brain fits: `model: qwen2.5-0.5b`.")
    return ok("memory", text)


def _check_disk(cache: Path) -> Finding:
    place = cache
    while not place.exists():
        place = place.parent
    free_bytes = shutil.disk_usage(place).free
    text = f"{free_bytes / GB:.1f} GB free for the weights in {cache}."
    if free_bytes < MODELS_BYTES and not (cache / "weights").is_dir():
        return warn("disk", text, "Free some, or set OFFHOOK_CACHE to a folder with 2.5 GB.")
    return ok("disk", text)
