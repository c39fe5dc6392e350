"""Where bots are looked for, and what a name on the command line means."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.errors import OffhookError, UnknownBot
from bots.folders import bot_files, bot_folders, find_bot, shipped_folder

pytestmark = pytest.mark.unit


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def folder_of(place: Path, *names: str) -> Path:
    """A folder with a bot for each name."""
    place.mkdir(parents=True)
    for name in names:
        (place / f"{name}.yaml").write_text("prompt: Hello.\n")
    return place


def test_each_place_is_asked_only_when_those_before_say_nothing(empty: Path) -> None:
    """--bots, then OFFHOOK_BOTS, then ./configs/bots, then the shipped ones."""
    assert bot_folders((), {}) == [shipped_folder()]
    folder_of(empty / "configs/bots", "here")
    assert bot_folders((), {}) == [Path("configs/bots")]
    one, two = folder_of(empty / "one"), folder_of(empty / "two")
    assert bot_folders((), {"OFFHOOK_BOTS": f"{one}, {two}"}) == [one, two]
    assert bot_folders([two], {"OFFHOOK_BOTS": str(one)}) == [two]


def test_a_folder_that_is_not_there_is_told_with_who_named_it(empty: Path) -> None:
    """A typing error must not silently serve the shipped bots."""
    with pytest.raises(OffhookError, match="OFFHOOK_BOTS names nowhere"):
        bot_folders((), {"OFFHOOK_BOTS": "nowhere"})


def test_the_shipped_bots_are_there() -> None:
    """A checkout serves configs/bots when nothing else is said."""
    assert "receptionist" in bot_files([shipped_folder()])


def test_an_earlier_folder_wins(empty: Path) -> None:
    """Two bots of one name: the one in the folder named first."""
    one, two = folder_of(empty / "one", "a"), folder_of(empty / "two", "a", "b")
    assert bot_files([one, two]) == {"a": one / "a.yaml", "b": two / "b.yaml"}


def test_a_bot_is_found_by_name_or_by_path(empty: Path) -> None:
    """A path need not be in any folder of bots."""
    one, two = folder_of(empty / "one", "a"), folder_of(empty / "two", "b")
    assert find_bot("a", [one]) == one / "a.yaml"
    assert find_bot("two/b.yaml", [one]) == Path("two/b.yaml")
    assert two.is_dir()


@pytest.mark.parametrize(
    ("bot", "hint"),
    [("receptionst", "Did you mean `receptionist`?"), ("x.yaml", "Give a bot's name")],
)
def test_a_bot_that_is_not_there_comes_with_a_hint(empty: Path, bot: str, hint: str) -> None:
    """The nearest name, or what may be given."""
    with pytest.raises(UnknownBot) as error:
        find_bot(bot, [folder_of(empty / "bots", "receptionist")])
    assert error.value.hint.startswith(hint)
