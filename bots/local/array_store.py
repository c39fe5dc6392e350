"""Arrays made of a bot's own texts, kept on disk from one start of the server to the next.

    <cache>/<folder>/<key>.npz

The key is a hash of what the arrays were made of and by what. A file is moved into place whole, and
its checksums find damage. It holds no text, yet what a text is about can be told from its vectors;
so the folder is open to its owner alone. A caller's words are never kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from loguru import logger

from bots.local.store import cache_root
from bots.local.tensors import Array


class ArrayStore:
    """A folder of arrays. Every method blocks, none raises for a bad disk.

    Args:
        folder: its name in the cache.
        files_kept: past that many, what was used longest ago goes.
        cache: the folder that holds it beside the weights.
    """

    def __init__(self, folder: str, files_kept: int, cache: Path | None = None) -> None:
        self.root = (cache or cache_root()) / folder
        self._files_kept = files_kept

    def fetch(self, made_of: Sequence[str]) -> dict[str, Array] | None:
        """The arrays by their names, if they are kept and whole."""
        place = self._place(made_of)
        try:
            with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                arrays: dict[str, Array] = {name: kept[name] for name in kept.files}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
            logger.info("What is kept in {} cannot be had, it is made anew: {}", self.root, error)
            return None
        with contextlib.suppress(OSError):  # a cache that is read-only serves as well
            os.utime(place)
        return arrays

    def keep(self, made_of: Sequence[str], **arrays: Array) -> None:
        """Have these arrays at the next start too."""
        place = self._place(made_of)
        draft = place.with_suffix(f".{os.getpid()}")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            with draft.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            draft.replace(place)
            with contextlib.suppress(FileNotFoundError):  # another server of this cache tidies too
                self._forget_oldest()
        except OSError as error:
            logger.info("Nothing is kept in {}, the next start works anew: {}", self.root, error)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _place(self, made_of: Sequence[str]) -> Path:
        digest = hashlib.sha256(json.dumps(list(made_of)).encode()).hexdigest()
        return self.root / f"{digest[:32]}.npz"

    def _forget_oldest(self) -> None:
        files = sorted(self.root.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[self._files_kept :]:
            path.unlink(missing_ok=True)
