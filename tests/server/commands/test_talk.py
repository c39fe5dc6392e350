"""What `offhook talk` does with a keyboard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.call

ROOT = Path(__file__).resolve().parents[3]
STOPPED = """
import asyncio
from server.commands.talk import _line

async def main():
    try:
        await asyncio.wait_for(_line(), 0.05)
    except TimeoutError:
        print("stopped", flush=True)

asyncio.run(main())
"""


def test_a_line_that_is_never_typed_is_not_waited_for() -> None:
    """A talk that is stopped while the caller may still type ends without a press of Enter."""
    talk = subprocess.Popen(
        [sys.executable, "-c", STOPPED], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert talk.stdin and talk.stdout
    try:
        assert talk.stdout.readline() == b"stopped\n"
        assert talk.wait(30) == 0
    finally:
        talk.kill()
        talk.communicate()
