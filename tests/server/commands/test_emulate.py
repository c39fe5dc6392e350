"""`offhook emulate` stands in for every vendor until it is interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest

from emulators.run import EMULATORS

pytestmark = pytest.mark.wire


def test_it_prints_what_to_export_and_answers_until_interrupted() -> None:
    """Three lines a vendor, each address alive, and Ctrl-C ends it as people expect."""
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "emulate"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout
        lines = dict(
            process.stdout.readline().strip().split("=", 1) for _ in range(3 * len(EMULATORS))
        )
        names = {vendor.upper().replace("-", "_") for vendor in EMULATORS}
        assert {name.removesuffix("_BASE_URL") for name in lines if "BASE" in name} == names
        local = re.compile(r"(http|ws)://127\.0\.0\.1:\d+")
        assert all(local.match(lines[f"{name}_CONTROL_URL"]) for name in names)
        asked = Request(f"{lines['GROQ_BASE_URL']}/models", headers={"Authorization": "Bearer x"})
        with urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    finally:
        process.kill()
        process.communicate()
