"""How long a start takes: `offhook serve` to /ready with the shipped bots, and its CPU.

    python -m benchmarks.start [--starts 3]

The first start has the weights but no prompt that was read before; the later ones find what the
first has kept. Each is stopped as soon as it is ready; its CPU is that of the server and its brain.
Three starts take two to four minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

from bots.local.prompt_store import PromptStore
from bots.local.store import cache_root
from tests.fakes.offhook_process import OffhookProcess

BOTS = Path(__file__).parent.parent / "configs" / "bots"


def start(cache: Path) -> tuple[float, float]:
    """Seconds from the start of a process until it is ready, and of CPU until it has ended."""
    before_s = cpu_s()
    began_s = time.monotonic()
    with OffhookProcess(
        BOTS, cache / "server.log", environ={"OFFHOOK_CACHE": str(cache)}
    ) as offhook:
        offhook.wait_ready(280.0)
        ready_s = time.monotonic() - began_s
    return ready_s, cpu_s() - before_s


def cpu_s() -> float:
    """CPU seconds of this process's children that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Start, and start again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--starts", type=int, default=3)
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        (cache / "weights").symlink_to(cache_root() / "weights")
        for number in range(1, starts + 1):
            ready_s, used_s = start(cache)
            print(f"start {number}: ready after {ready_s:.1f} s, {used_s:.1f} s of CPU", flush=True)
        count, size_bytes = PromptStore(cache).usage()
        print(f"kept: {count} prompts, {size_bytes / 1e6:.0f} MB")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
