"""benchmarks/README.md is the index: it names every module, and nothing that is not there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
MODULES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}


def test_it_names_every_module_and_no_other() -> None:
    """A benchmark that comes or goes changes the index, too."""
    packages = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert set(re.findall(r"`benchmarks\.(\w+)`", README)) == set(MODULES) | packages


def test_what_it_says_to_run_runs_and_tells_its_options() -> None:
    """The first table has those with a command line, and each has a --help."""
    commands = set(re.findall(r"^\| `benchmarks\.(\w+)` \|", README.split("The rest")[0], re.M))
    assert commands == {name for name, code in MODULES.items() if '== "__main__"' in code}
    assert commands == {name for name, code in MODULES.items() if "ArgumentParser(" in code}


def test_its_links_lead_somewhere() -> None:
    """Every page is there, with the heading that is linked to."""
    for page, heading in re.findall(r"\]\(([^)#]+)#?([^)]*)\)", README):
        target = FOLDER / page
        assert target.exists(), page
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
            anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
            assert heading in anchors, f"{page}#{heading}"
