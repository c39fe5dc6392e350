"""Prompts kept on disk: their keys, their bound, and files that are not whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bots.local.prompt_store import PromptStore, prompt_key, weights_mark

pytestmark = pytest.mark.unit

BRAIN = "qwen"


@pytest.fixture
def store(tmp_path: Path) -> PromptStore:
    """Room for three prompts of 100 bytes."""
    return PromptStore(tmp_path / "cache", room_bytes=300)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of one run of the brain."""
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def saved(run: Path, letter: str) -> Path:
    """A slot as llama.cpp might have saved it."""
    file = run / letter
    file.write_bytes(letter.encode() * 100)
    return file


def age(store: PromptStore, key: str, hours: int) -> None:
    """Let a prompt have been used last so long ago."""
    (file,) = (store.root / BRAIN).glob(f"{key}-*")
    last_s = file.stat().st_mtime - 3600 * hours
    os.utime(file, (last_s, last_s))


def kept(store: PromptStore) -> set[str]:
    """The keys of the prompts that are there."""
    return {file.name.partition("-")[0] for file in store.root.glob("*/*")}


def test_a_key_names_all_that_the_numbers_depend_on(tmp_path: Path) -> None:
    """Another prompt, other weights of the same name and another shape each have another key."""
    model = tmp_path / "brain.gguf"
    model.write_bytes(b"one")
    weights = weights_mark(model)
    key = prompt_key(weights, "Be kind.", slots=2, context_tokens=512)
    assert key == prompt_key(weights_mark(model), "Be kind.", slots=2, context_tokens=512)
    model.write_bytes(b"other")
    others = {
        prompt_key(weights, "Be brief.", slots=2, context_tokens=512),
        prompt_key(weights, "Be kind.", slots=3, context_tokens=512),
        prompt_key(weights, "Be kind.", slots=2, context_tokens=1024),
        prompt_key(weights_mark(model), "Be kind.", slots=2, context_tokens=512),
    }
    assert len(others | {key}) == 5


def test_what_is_kept_is_had_by_the_next_run(store: PromptStore, run: Path, tmp_path: Path) -> None:
    """The bytes are the same, and nobody but the owner may read them."""
    store.keep(BRAIN, "k", saved(run, "a"))
    target = run / "target"
    assert PromptStore(tmp_path / "cache").fetch(BRAIN, "k", target)
    assert target.read_bytes() == b"a" * 100
    (file,) = (store.root / BRAIN).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert not store.fetch(BRAIN, "other", run / "none")


@pytest.mark.parametrize("content", [b"", b"a" * 50, b"a" * 99 + b"b"])
def test_a_damaged_prompt_is_discarded(store: PromptStore, run: Path, content: bytes) -> None:
    """An empty file, half of one and a changed byte are each found and removed."""
    store.keep(BRAIN, "k", saved(run, "a"))
    (file,) = (store.root / BRAIN).iterdir()
    file.write_bytes(content)
    assert not store.fetch(BRAIN, "k", run / "target")
    assert not (run / "target").exists()
    assert store.usage() == (0, 0)


def test_a_prompt_replaces_the_one_of_its_key(store: PromptStore, run: Path) -> None:
    """What was saved last counts, also where it is what was there already."""
    for letter in "abb":
        store.keep(BRAIN, "k", saved(run, letter))
    assert store.fetch(BRAIN, "k", run / "target")
    assert (run / "target").read_bytes() == b"b" * 100
    assert store.usage() == (1, 100)


def test_what_was_used_longest_ago_goes_first(
    store: PromptStore, run: Path, tmp_path: Path
) -> None:
    """A full folder makes room, and a use counts as much as a first reading."""
    for hours, key in enumerate("abc", start=1):
        store.keep(BRAIN, key, saved(run, key))
        age(store, key, hours)
    later = PromptStore(tmp_path / "cache", room_bytes=300)
    assert later.fetch(BRAIN, "c", run / "target")
    later.keep(BRAIN, "d", saved(run, "d"))
    assert kept(later) == {"a", "c", "d"}


def test_bots_that_do_not_all_fit_do_not_drive_out_each_other(
    store: PromptStore, run: Path
) -> None:
    """What this run has used stays, and what is too much is read at each start."""
    for key in "abcd":
        store.keep(BRAIN, key, saved(run, key))
    assert kept(store) == {"a", "b", "c"}


def test_a_run_has_what_another_process_removes(store: PromptStore, run: Path) -> None:
    """A prompt that was fetched is the run's own."""
    store.keep(BRAIN, "k", saved(run, "a"))
    assert store.fetch(BRAIN, "k", run / "target")
    store.keep("other", "k", saved(run, "b"))
    assert PromptStore(store.root.parent).remove(BRAIN) == 100
    assert (run / "target").read_bytes() == b"a" * 100
    assert store.usage() == (1, 100)


def test_a_folder_that_cannot_be_written_costs_only_the_prompt(tmp_path: Path, run: Path) -> None:
    """Nothing is raised where the cache is no folder."""
    (tmp_path / "cache").write_text("a file")
    store = PromptStore(tmp_path / "cache")
    store.keep(BRAIN, "k", saved(run, "a"))
    assert not store.fetch(BRAIN, "k", run / "target")
    assert store.usage() == (0, 0)
