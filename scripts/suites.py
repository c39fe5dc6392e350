"""Every test of the project (`make test`, `make check`).

What only reads runs at once; the tests of calls have the machine to themselves. All suites run even
when one fails, so that one run tells everything; nothing is skipped for want of a tool: what is
missing is installed where that is possible, and named in a line where it is not.
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
WORKERS = 2
"""Suites beside each other: one is a long one, and the others take turns."""
DEBIAN_PACKAGES = {"chromium": "chromium", "ip": "iproute2"}

Suite = tuple[str, Path, list[str]]

CHECKS: list[Suite] = [
    ("ruff check", ROOT, [f"{BIN}/ruff", "check", "--quiet", "."]),
    ("ruff format", ROOT, [f"{BIN}/ruff", "format", "--quiet", "--check", "."]),
    ("pyright", ROOT, [f"{BIN}/pyright"]),
    ("tsc", CLIENT, ["npm", "run", "--silent", "check"]),
    ("oxlint", CLIENT, ["npm", "run", "--silent", "lint"]),
]
UNIT_TESTS: Suite = ("unit tests", ROOT, [f"{BIN}/pytest", "-q", "-m", "unit and not call"])
PAGE_TESTS: Suite = ("page tests", CLIENT, ["npm", "run", "--silent", "test"])
CALL_TESTS: Suite = (
    "calls and browsers",
    ROOT,
    [f"{BIN}/pytest", "-q", "--durations=12", "-m", "not live and not (unit and not call)"],
)
FAILED_CALLS: Suite = (
    "calls and browsers: those that failed, once more",
    ROOT,
    [*CALL_TESTS[2], "--last-failed", "--last-failed-no-failures", "none"],
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
    # A developer's settings must not decide what the tests see; the cache of weights is shared.
    kept = {"OFFHOOK_CACHE"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith("OFFHOOK_")
    }
    failed = run_at_once([UNIT_TESTS if is_quick else PAGE_TESTS, *CHECKS], environment)
    if not is_quick:
        failed += run(UNIT_TESTS, environment)
        if run(CALL_TESTS, environment):
            failed += run(FAILED_CALLS, environment)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
