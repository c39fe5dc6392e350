"""The weights of the embedded default by name: make sure they are here, and say where.

`ensure` is what the launcher and `offhook models pull` call, `path` what an engine calls. The table
is in pinned.py, the disk in store.py, the sources in download.py and carriers.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bots.errors import WeightsError
from bots.local.pinned import WEIGHTS
from bots.local.pull import Progress, Puller
from bots.local.store import WeightStore, cache_root
from bots.local.weight import Weight

__all__ = ["WEIGHTS", "Weight", "cache_root", "ensure", "path"]


def ensure(names: Iterable[str], progress: Progress | None = None) -> dict[str, Path]:
    """Fetch what is missing of the named weights and return what an engine opens, by name.

    Blocking: minutes on a first run, milliseconds when all is there.

    Raises:
        WeightsError: an unknown name, no room, or no source that has the genuine bytes.
    """
    return Puller(WeightStore(), progress=progress).pull(names)


def path(name: str) -> Path:
    """What an engine opens: the file of a GGUF, the directory of all others. Never fetches.

    Raises:
        WeightsError: unknown, not whole, or not genuine; the hint says how to get them.
    """
    store = WeightStore()
    missing = store.unproven(name)
    if missing:
        raise WeightsError(
            f"The weights {name} are not in {store.root}: "
            f"{len(missing)} of {len(store.weight(name).files)} files are missing.",
            hint=f"Run `offhook models pull {name}` (without a name: all that the bots use), or "
            "without a network `offhook models import FILE.tar`.",
            code="weights_missing",
        )
    return store.entry(name)
