"""The command `offhook` before it has read its arguments."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.wire

ROOT = Path(__file__).resolve().parents[2]


def test_ctrl_c_during_the_first_imports_is_quiet():
    """An interrupt while the command line itself is still imported gives 130 and one word."""
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "server", "emulate"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        # Python names each import when it is done: the parts of typer come before typer.
        for line in process.stderr:
            if line.rpartition("|")[2].strip().startswith("typer."):
                break
        process.send_signal(signal.SIGINT)
        said = [line for line in process.stderr if not line.startswith("import time:")]
    assert (process.returncode, said) == (130, ["Stopped.\n"])
