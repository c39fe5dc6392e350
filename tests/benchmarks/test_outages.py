"""The table of outages: words counted, and docs/fallback.md as current as what was measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.fallback import CASES, FOLDER, HEALTHY_CALLS, PAGE, Kept, main
from benchmarks.outages.calls import figures
from benchmarks.outages.cases import Result, count_words
from benchmarks.outages.page import summary, table, write_page

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / FOLDER


def test_words_are_counted_one_by_one() -> None:
    """A word that came twice does not make up for one that never came; a fragment is neither."""
    assert count_words(["w1", "w2", "w3"], ["w1", "w2", "w2", "w"]) == (1, 1)


def test_a_case_has_a_name_of_its_own() -> None:
    """Results are kept by name."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_a_late_median_is_owned_up_to() -> None:
    """Two of three rounds over 1.2 times what is allowed name the case, one does not."""
    case = CASES[0]
    late = [Result(case.name, "offhook", n, True, 0, 0, 600.0, 400.0) for n in range(2)]
    quick = Result(case.name, "offhook", 2, True, 0, 0, 100.0, 400.0)
    assert f"in: {case.name}." in summary(CASES, [*late, quick])
    assert "in: none." in summary(CASES, [quick, quick, late[0]])
    assert "| 480 | 1 of 1 | 0 | 0 | 100 | - | - | - | - |" in table(CASES, [quick])


def test_a_chain_is_compared_with_the_calls_beside_it() -> None:
    """Neither a machine that gets slower nor a disturbed half second makes a chain dearer."""
    rounds = [
        {
            "bare": [10.0 * slower, 20.0 * slower],
            "chain": [10.0 * slower + 1.0, 20.0 * slower + (90.0 if slower == 3 else 0.0)],
            "bare again": [10.0 * slower, 20.0 * slower],
            "no call's": 40.0,
        }
        for slower in range(1, 6)
    ]
    found = figures(rounds)
    assert found["bare CPU ms a call of 9 s"] == 130
    assert found["chain over bare, CPU ms"].startswith("1.0 (1.0 to ")
    assert found["bare over bare, %"] == "0.0 (0.0 to 0.0)"


def test_the_page_has_what_was_measured() -> None:
    """Every case and every scene, by the figures that are kept beside the benchmark."""
    kept = Kept(KEPT)
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert write_page(page, CASES, kept.results.all, kept.findings.all) == page
    assert {result.case for result in kept.results.all} == {case.name for case in CASES}
    assert {finding.scene for finding in kept.findings.all} == set(kept.scenes)
    of_calls = next(one.figures for one in kept.findings.all if one.scene == HEALTHY_CALLS)
    assert figures(kept.rounds.all) == of_calls


def copied(folder: Path) -> Kept:
    """What is kept beside the benchmark, in another folder."""
    for path in KEPT.glob("*.jsonl"):
        shutil.copy(path, folder)
    return Kept(folder)


def test_cases_are_forgotten_by_name(tmp_path: Path) -> None:
    """The others stay, in the file too."""
    kept = copied(tmp_path)
    first, *others = dict.fromkeys(result.case for result in kept.results.all)
    kept.forget_cases([first])
    again = Kept(tmp_path)
    assert list(dict.fromkeys(result.case for result in again.results.all)) == others
    assert (again.findings.all, again.rounds.all) == (kept.findings.all, kept.rounds.all)


@pytest.mark.parametrize("scene", ["flapping", HEALTHY_CALLS])
def test_scenes_are_forgotten_by_name(scene: str, tmp_path: Path) -> None:
    """The rounds of calls only with theirs, and only in this folder."""
    copied(tmp_path).forget_scenes([scene])
    found, original = Kept(tmp_path), Kept(KEPT)
    assert {one.scene for one in found.findings.all} == set(found.scenes) - {scene}
    assert found.rounds.all == ([] if scene == HEALTHY_CALLS else original.rounds.all)
    assert found.results.all == original.results.all
    assert original.rounds.all


def test_a_folder_that_is_not_there_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as a traceback."""
    with pytest.raises(SystemExit):
        main(["--folder", str(tmp_path / "nowhere")])
    assert f"There is no folder {tmp_path / 'nowhere'}" in capsys.readouterr().err
