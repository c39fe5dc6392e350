"""Files read together."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.across import bot_paths, check_paths, read_all

pytestmark = pytest.mark.unit


def test_paths_may_be_files_and_folders(tmp_path: Path) -> None:
    """Each problem is told once, a path that is nothing too."""
    (tmp_path / "pirate.yaml").write_text("promt: Hi")
    given = [tmp_path, tmp_path / "pirate.yaml", tmp_path / "none.yaml"]
    assert [one.code for one in check_paths(given, {})] == ["no_such_file", "unknown_key"]


def test_a_mistake_of_a_base_is_told_once(tmp_path: Path) -> None:
    """However many bots extend it."""
    (tmp_path / "house.yaml").write_text("titel: House")
    for name in ("pirate", "parrot"):
        (tmp_path / f"{name}.yaml").write_text("extends: house.yaml\nprompt: Hi")
    assert [one.code for one in check_paths([tmp_path], {})] == ["unknown_key"]


def test_only_the_yaml_of_a_folder_itself_is_bots(tmp_path: Path) -> None:
    """Not what lies deeper, is hidden or begins with an underscore."""
    for name in ("b.yml", "a.yaml", "_base.yaml", ".x.yaml", "notes.md"):
        (tmp_path / name).write_text("prompt: Hi")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper/c.yaml").write_text("prompt: Hi")
    assert [path.name for path in bot_paths([tmp_path])] == ["a.yaml", "b.yml"]


def test_two_folders_may_not_have_one_name(tmp_path: Path) -> None:
    """The first in order keeps it."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pirate.yaml").write_text(f"prompt: {folder}")
    readings = read_all(bot_paths([tmp_path / "one", tmp_path / "two"]), {})
    assert [one.bot.spec.prompt if one.bot else None for one in readings] == ["one", None]
    assert [problem.code for one in readings for problem in one.problems] == ["bot_twice"]
