"""A processor by its dotted path: found, and its arguments held against the constructor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bots.processor import check_processor, processor_class
from bots.spec import ProcessorSpec
from tests.fakes.gain import Gain

pytestmark = pytest.mark.unit


def spec(use: str, **arguments: object) -> ProcessorSpec:
    """A processor before the ears."""
    return ProcessorSpec.model_validate({"use": use, "before": "stt", "with": arguments})


def test_a_processor_is_found_and_can_be_built() -> None:
    """The class is the very one, and what was checked is what it takes."""
    found = spec("tests.fakes.gain:Gain", factor=2.0, name="louder")
    assert check_processor(found) == []
    assert processor_class(found) is Gain
    assert processor_class(found)(**found.with_).factor == 2.0


def test_any_processor_of_pipecat_can_be_named() -> None:
    """Those in the wheel are frame processors like any other."""
    use = "pipecat.processors.filters.frame_filter:FrameFilter"
    assert check_processor(spec(use, types=[])) == []
    assert [one.code for one in check_processor(spec(use, typs=[]))] == [
        "processor_argument",
        "processor_argument_missing",
    ]


def test_the_folder_offhook_runs_in_is_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor beside the bots needs no packaging."""
    source = "from tests.fakes.gain import Gain\nclass Own(Gain):\n    pass\n"
    (tmp_path / "own_processors.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    assert check_processor(spec("own_processors:Own", factor=1)) == []


def test_a_module_that_lacks_a_package_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there; what it imports is not."""
    (tmp_path / "lacking.py").write_text("import no_such_package\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = check_processor(spec("lacking:Own"))
    assert found.code == "processor_module"
    assert "no_such_package" in found.cause
    assert found.fix == "Install that."
