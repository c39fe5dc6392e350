"""From a fresh clone to something that can serve: environment, page and weights (`make setup`).

Runs on the standard library alone, before anything is installed. Each part leaves a stamp in
.setup/ with the hash of what it was made from, so that a second run has nothing to do.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".setup"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin/python"
CLIENT = ROOT / "client"
NODE_FIX = "Install Node 22 or 24 (20.19 is the oldest that works) with npm, and run this again."


class SetupError(Exception):
    """What is missing and what to do about it, in one line."""


def run(*command: str | Path, cwd: Path = ROOT, what: str) -> None:
    """Run `command` to its end; its output goes to the terminal.

    Raises:
        SetupError: it failed; `what` says in words what was being done.
    """
    try:
        done = subprocess.run(list(map(str, command)), cwd=cwd, check=False)
    except OSError as error:
        raise SetupError(f"{what} failed: {error}.") from error
    if done.returncode:
        raise SetupError(f"{what} failed; the lines above say why. Mend that and run it again.")


def digest(paths: Iterable[Path], *more: str) -> str:
    """Hash the contents of `paths` and the strings in `more`."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def once(name: str, made_from: str, product: Path, make: Callable[[], None]) -> None:
    """Call `make` unless `product` is there and was made from the same inputs."""
    stamp = STAMPS / name
    if product.exists() and stamp.is_file() and stamp.read_text() == made_from:
        return
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    make()
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(made_from)
    say(f"  {name}: done in {time.monotonic() - started:.0f} s")


def say(line: str) -> None:
    """Print what is being done, at once even into a pipe."""
    print(line, flush=True)


def require_node() -> str:
    """Return Node's version.

    Raises:
        SetupError: Node or npm is missing or too old for the page's tools.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise SetupError(f"The page needs Node with npm, and there is none. {NODE_FIX}")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    oldest = {20: (20, 19), 22: (22, 13)}
    if version[0] < 20 or version[0] in (21, 23) or version < oldest.get(version[0], (0, 0)):
        raise SetupError(f"Node {said.strip() or 'of unknown version'} is too old. {NODE_FIX}")
    return said.strip()


def environment() -> None:
    """Create .venv and install what requirements.lock pins, and the project itself."""
    pip = (VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-qq")

    def install() -> None:
        say("Installing the Python packages of requirements.lock (about 500 MB to download)")
        lock = ("--require-hashes", "--no-deps", "-r", ROOT / "requirements.lock")
        uv = shutil.which("uv")
        if uv:
            command = (uv, "pip", "install", "--python", VENV_PYTHON, "--quiet")
            command = (*command, "--compile-bytecode", *lock)
        else:
            command = (*pip, *lock)
        run(*command, what="Installing the Python packages")
        editable = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
        run(*pip, *editable, what="Installing offhook into .venv")

    if not is_usable(VENV_PYTHON):
        say(f"Creating .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
        run(sys.executable, "-m", "venv", "--clear", VENV, what="Creating .venv")
    # A new .venv is an input too: its configuration names the Python it was made with.
    inputs = (ROOT / "requirements.lock", ROOT / "pyproject.toml", VENV / "pyvenv.cfg")
    once("packages", digest(inputs), VENV / "bin/offhook", install)


def is_usable(python: Path) -> bool:
    """Whether `python` starts and is of the version this script runs on."""
    probe = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        return (
            subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def modules() -> None:
    """Install the page's npm packages as package-lock.json pins them."""
    node = require_node()

    def install() -> None:
        say("Installing the page's npm packages (about 150 MB to download)")
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        run("npm", "ci", *quiet, cwd=CLIENT, what="Installing the npm packages")

    inputs = (CLIENT / "package.json", CLIENT / "package-lock.json")
    once("modules", digest(inputs, node), CLIENT / "node_modules/.package-lock.json", install)


def page() -> None:
    """Build the call page into client/dist."""
    modules()

    def build() -> None:
        say("Building the call page")
        run(
            "npm",
            "run",
            "--silent",
            "build",
            "--",
            "--logLevel",
            "warn",
            cwd=CLIENT,
            what="Building the page",
        )

    not_inputs = {"node_modules", "dist", "tests"}
    inputs = [
        path
        for top in CLIENT.iterdir()
        if top.name not in not_inputs
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
    ]
    once("page", digest(inputs), CLIENT / "dist/index.html", build)


def weights() -> None:
    """Pull the weights that the embedded default needs; those in the cache are left alone."""
    environment()
    run(VENV / "bin/offhook", "models", "pull", what="Pulling the weights")


LANES = (
    {"environment": environment, "weights": weights},
    {"modules": modules, "page": page},
)
"""Python's parts and the page's need nothing of each other, and are made beside each other."""
PARTS = [part for lane in LANES for part in lane]


def make(lane: dict[str, Callable[[], None]], wanted: list[str]) -> None:
    """Make those parts of a lane that are wanted, in their order."""
    for name, part in lane.items():
        if name in wanted:
            part()


def main() -> int:
    """Make the parts that are asked for, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    wanted = parser.parse_args().parts or ["environment", "page", "weights"]
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    try:
        # A missing Node is said before minutes of downloads, not after.
        if {"page", "modules"} & set(wanted):
            require_node()
        with ThreadPoolExecutor(len(LANES)) as lanes:
            made = [lanes.submit(make, lane, wanted) for lane in LANES]
        for lane in made:
            lane.result()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
