"""Every way of getting a bot wrong that we thought of, beside the exact words it is told in.

`NAME.yaml`, or a folder of bots called `NAME`, stands beside `NAME.expected`; `parts/` has the
bases and prompts that the cases use.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bots.across import check_paths
from bots.errors import ConfigProblem

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).parent.parent / "broken_configs"
ENVIRON = {"SET_KEY": "a key"}
CASES = sorted(path.stem for path in FOLDER.glob("*.expected"))


def case_path(name: str) -> Path:
    """The file or the folder of a case, from inside the folder of cases."""
    file = Path(f"{name}.yaml")
    return file if (FOLDER / file).exists() else Path(name)


def problems(name: str) -> list[ConfigProblem]:
    """What is said about a case."""
    return check_paths([case_path(name)], ENVIRON)


@pytest.mark.parametrize("name", CASES)
def test_a_broken_bot_is_told_every_error_at_its_place(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line, column, cause and fix are exactly those written down."""
    monkeypatch.chdir(FOLDER)
    expected = (FOLDER / f"{name}.expected").read_text("utf-8")
    assert "".join(f"{problem}\n" for problem in problems(name)) == expected


def test_no_two_errors_are_the_same_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair of code and key stands once in all the cases, and there are many of them."""
    monkeypatch.chdir(FOLDER)
    pairs = Counter((one.code, one.key) for name in CASES for one in problems(name))
    assert [pair for pair, count in pairs.items() if count > 1] == []
    assert len(pairs) >= 100
    assert len({code for code, _ in pairs}) >= 40


def test_several_errors_of_a_file_are_told_at_once() -> None:
    """At least ten of the cases have more than one error."""
    lines = [(FOLDER / f"{name}.expected").read_text("utf-8").count("\n") for name in CASES]
    assert sum(count > 1 for count in lines) >= 10


def test_every_file_is_a_case() -> None:
    """No broken bot lies there without the words it is told in."""
    files = {path.stem for path in FOLDER.iterdir() if path.suffix in (".yaml", ".yml")}
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"parts"}
    assert files | folders == set(CASES)
