"""What may not be in the tree: a machine's paths, a registry's host in a lock, unfinished work."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "client/package-lock.json")
BINARY = {".png", ".wav", ".ico", ".woff2", ".onnx", ".svg"}
MACHINE_PATHS = re.compile(r"(?<![\w.:/])/(?:work|root|home/[a-z]+|Users/[A-Za-z]+)/")
LOCKED_SOURCES = re.compile(r'"resolved"|--index-url|--extra-index-url|--find-links| @ ')
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b")


def tracked_files() -> list[Path]:
    """Every text file that git tracks."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.suffix not in BINARY and path.is_file()]


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """`file:line: text` of every match."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_one_machine() -> None:
    """A path that exists on one machine only works there."""
    assert found(MACHINE_PATHS, tracked_files()) == []


def test_no_unfinished_work_is_left() -> None:
    """What is not done is not in the tree."""
    sources = [path for path in tracked_files() if path.suffix in {".py", ".ts", ".tsx"}]
    assert found(UNFINISHED, sources) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    """Packages come from whichever registry the machine is set up for, checked by their hash."""
    assert found(LOCKED_SOURCES, [ROOT / lock]) == []


def test_every_locked_python_package_has_a_hash() -> None:
    """`pip install --require-hashes` needs one for each."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9].*==", line)]
    assert len(pinned) > 50
    assert [lines[number] for number in pinned if "--hash=sha256:" not in lines[number + 1]] == []
