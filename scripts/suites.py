"""Every test of the project (`make test`, `make check`).

What keeps a core busy runs one to a core, what mostly waits runs several at once, and what has
models, a browser or bounds in real time has the machine to itself. All suites run even when one
fails, so that one run tells everything. Nothing is skipped for want of a tool: what is missing is
installed where that is possible, and named in a line where it is not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "client"
BIN = ROOT / ".venv/bin"
WORKERS = 3
"""Suites beside each other: the three long ones, and the others take turns."""
CALLS_AT_ONCE = 4
"""Calls over loopback wait for audio to be played; four of them keep two cores half busy."""
DEBIAN_PACKAGES = {"chromium": "chromium", "ip": "iproute2"}

Suite = tuple[str, Path, list[str]]
PYTEST = [f"{BIN}/pytest", "-q"]

CHECKS: list[Suite] = [
    ("pyright", ROOT, [f"{BIN}/pyright"]),
    ("ruff check", ROOT, [f"{BIN}/ruff", "check", "--quiet", "."]),
    ("ruff format", ROOT, [f"{BIN}/ruff", "format", "--quiet", "--check", "."]),
    ("tsc", CLIENT, ["npm", "run", "--silent", "check"]),
    ("oxlint", CLIENT, ["npm", "run", "--silent", "lint"]),
]
UNIT = "unit and not wire and not call"
AT_ONCE = "(wire or call) and not alone and not live"
BOTS = "tests/bots"
UNIT_TESTS: list[Suite] = [
    ("unit tests of bots", ROOT, [*PYTEST, "-m", UNIT, BOTS]),
    ("unit tests of the rest", ROOT, [*PYTEST, "-m", UNIT, "--ignore", BOTS]),
]
"""Two halves that take as long as each other; either imports only what it needs."""
PAGE_TESTS: Suite = ("page tests", CLIENT, ["npm", "run", "--silent", "test"])
CALLS: list[Suite] = [
    (
        "vendors and calls over loopback",
        ROOT,
        [*PYTEST, "--durations=8", "-n", f"{CALLS_AT_ONCE}", "--maxschedchunk=1", "-m", AT_ONCE],
    ),
    (
        "models and browsers",
        ROOT,
        [*PYTEST, "--durations=12", "-m", "(alone or browser) and not live"],
    ),
]
FAILED_CALLS: Suite = (
    "those that failed, once more",
    ROOT,
    [
        *PYTEST,
        "--last-failed",
        "--last-failed-no-failures=none",
        "-m",
        f"not live and not ({UNIT})",
    ],
)
"""Calls run in real time, with models and browsers on the same cores as everything else; one that
failed is asked again, alone, and both runs are in the log. A unit test is never asked twice."""


def install_system_packages() -> None:
    """Install the browser and the network tools that the tests drive, as root on Debian.

    Exits with a line that names them where that cannot be done.
    """
    missing = [name for tool, name in DEBIAN_PACKAGES.items() if shutil.which(tool) is None]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"The tests need {names}: sudo apt-get install {names} (Debian's names).")
    print(f"Installing {names}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], env=environment, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            sys.exit(f"apt-get {command[0]} failed; the tests need {names}.")


def run_at_once(suites: list[Suite], environment: dict[str, str]) -> list[str]:
    """Run the suites beside each other, each one's output when it is done; those that failed."""
    failed: list[str] = []
    with ThreadPoolExecutor(WORKERS) as workers:
        running = [workers.submit(run, suite, environment, is_quiet=True) for suite in suites]
        for done in as_completed(running):
            failed += done.result()
    return failed


def run(suite: Suite, environment: dict[str, str], *, is_quiet: bool = False) -> list[str]:
    """Run one suite; its name if it failed. A quiet one prints at its end."""
    name, folder, command = suite
    if not is_quiet:
        print(f"== {name}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if is_quiet else None,
        stderr=subprocess.STDOUT if is_quiet else None,
        text=True,
        check=False,
    )
    took = f"{time.monotonic() - started:.0f} s"
    print(f"== {name}: {took}\n{done.stdout}" if is_quiet else f"   {took}", flush=True)
    return [name] if done.returncode else []


def main() -> int:
    """Run the suites; 0 when all pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no socket, model or browser")
    is_quick = parser.parse_args().quick
    if not is_quick:
        install_system_packages()
    # A developer's settings must not decide what the tests see; the cache of weights is shared, and
    # so is what Python has compiled, else each process that a test starts compiles it anew.
    kept = {"OFFHOOK_CACHE"}
    dropped = {"PYTHONDONTWRITEBYTECODE"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in kept or not (name.startswith("OFFHOOK_") or name in dropped)
    }
    failed = run_at_once(
        [*UNIT_TESTS, *CHECKS] if is_quick else [*UNIT_TESTS, *CHECKS, PAGE_TESTS], environment
    )
    if not is_quick:
        failed_calls = [name for suite in CALLS for name in run(suite, environment)]
        if failed_calls:
            failed += run(FAILED_CALLS, environment)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
