"""What the command settles before any library that reads it is loaded."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.wire


def test_numpy_gets_one_thread_before_it_loads() -> None:
    """The command sets the variable, and has not loaded numpy yet."""
    environ = {key: value for key, value in os.environ.items() if "OPENBLAS" not in key}
    asked = (
        "import os, sys, server.cli; "
        "print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked], env=environ, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "1"]
