"""The hub's client on its own: what it stops for, and what it keeps."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bots.local.download import DEFAULT_HUB, Hub, hub_url
from bots.local.sources import SourceFailed
from tests.fakes.weights import MODEL, HubState, hub_files, running_hub, toy_table

pytestmark = pytest.mark.wire

TOY = toy_table()["toy"]
MODEL_FILE = TOY.files[0]


def download(url: str, partial: Path, stop: threading.Event | None = None) -> int:
    """Fetch the toy model; returns the bytes counted."""
    gained: list[int] = []
    hub = Hub(url, attempts=2)
    hub.download(TOY, MODEL_FILE, partial, gained.append, stop or threading.Event())
    return sum(gained)


def test_a_file_comes_whole(tmp_path: Path) -> None:
    """Every byte, counted once."""
    with running_hub(HubState(hub_files())) as url:
        assert download(url, tmp_path / "deep" / "m.hub") == len(MODEL)
    assert (tmp_path / "deep" / "m.hub").read_bytes() == MODEL


def test_a_stop_ends_it_at_once(tmp_path: Path) -> None:
    """Ctrl-C does not wait for a gigabyte."""
    stop = threading.Event()
    stop.set()
    with (
        running_hub(HubState(hub_files())) as url,
        pytest.raises(SourceFailed, match="stopped"),
    ):
        download(url, tmp_path / "m.hub", stop)


def test_what_is_longer_than_the_file_is_begun_anew(tmp_path: Path) -> None:
    """A partial file that cannot be one is no start."""
    (tmp_path / "m.hub").write_bytes(MODEL + b"more")
    state = HubState(hub_files())
    with running_hub(state) as url:
        download(url, tmp_path / "m.hub")
    assert state.ranges == [None]


def test_a_partial_file_of_other_bytes_is_refused_and_removed(tmp_path: Path) -> None:
    """Continuing rubbish makes rubbish; the next attempt begins clean."""
    (tmp_path / "m.hub").write_bytes(bytes(1000))
    with (
        running_hub(HubState(hub_files())) as url,
        pytest.raises(SourceFailed, match="SHA-256"),
    ):
        download(url, tmp_path / "m.hub")
    assert not (tmp_path / "m.hub").exists()


def test_a_file_the_hub_has_not_is_told(tmp_path: Path) -> None:
    """Upstream may have moved it."""
    with running_hub(HubState({})) as url, pytest.raises(SourceFailed, match="answers 404"):
        download(url, tmp_path / "m.hub")


def test_a_hub_that_is_down_is_given_up_on(tmp_path: Path) -> None:
    """Nothing listens there."""
    assert not Hub("http://127.0.0.1:9").is_reachable()
    with pytest.raises(SourceFailed, match="broke off at 0 bytes"):
        download("http://127.0.0.1:9", tmp_path / "m.hub")


def test_a_mirror_is_named_as_the_hub_s_own_tools_name_it() -> None:
    """HF_ENDPOINT, with or without a slash."""
    assert hub_url({"HF_ENDPOINT": "https://mirror.example/"}) == "https://mirror.example"
    assert hub_url({}) == DEFAULT_HUB
