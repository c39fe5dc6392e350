"""The map of the package in its docstring, for whoever reads it first."""

import re
from pathlib import Path

import pytest

import processors.fallback

pytestmark = pytest.mark.unit


def test_it_names_every_module_and_no_other() -> None:
    """A part that comes or goes changes the map, too."""
    text = processors.fallback.__doc__ or ""
    rows = re.findall(r"^ {4}(?:all kinds|stt|llm|tts)? +(.+)$", text, re.M)
    modules = {path.stem for path in Path(processors.fallback.__file__ or "").parent.glob("*.py")}
    assert set(re.findall(r"\w+", " ".join(rows))) == modules - {"__init__"}
