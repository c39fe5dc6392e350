"""Prompts that the brain has read, kept on disk from one start of the server to the next.

    <cache>/prompts/<brain>/<key>-<digest>.bin      a slot as llama.cpp saved it

The key names the prompt and all that its numbers depend on, the digest the file's content. A file
is linked into place whole and never written to afterwards, and a run reads a link of its own; so
processes share the folder without a lock, and what one of them removes, another still has. A prompt
is its operator's: the folder is open to its owner alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path

from loguru import logger

from bots.local.store import cache_root, sha256_of

ROOM_BYTES = 1_000_000_000
"""About 25 prompts of 1,300 tokens on the 1.5B brain (29 kB a token)."""
DIGITS = 32
"""Of each hash in a file's name: 128 bits."""


def weights_mark(model: Path) -> str:
    """What tells weights from others: their path, size and time of change.

    A hash of 1 GB would have to be computed at each start, for a change that these tell as well.
    """
    stat = model.stat()
    return f"{model.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def prompt_key(weights: str, prompt: str, *, slots: int, context_tokens: int) -> str:
    """The name of a prompt as the brain with `weights`, a mark, reads it.

    Other weights, another llama.cpp or another shape of its cache make another key. llama.cpp
    itself compares the tokens of a prompt with those of a restored slot.
    """
    parts = [weights, version("xllamacpp"), slots, context_tokens, prompt]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:DIGITS]


class PromptStore:
    """The folder of prompts that were read. Every method blocks, none raises for a bad disk.

    Args:
        cache: the folder that holds it beside the weights.
        room_bytes: what it may hold; past that, what was used longest ago goes.
    """

    def __init__(self, cache: Path | None = None, *, room_bytes: int = ROOM_BYTES) -> None:
        self.root = (cache or cache_root()) / "prompts"
        self._room_bytes = room_bytes
        self._in_use: set[Path] = set()

    def fetch(self, brain: str, key: str, target: Path) -> bool:
        """Whether `target` is now the prompt of that key, as it once was saved."""
        for kept in (self.root / brain).glob(f"{key}-*.bin"):
            try:
                _link(kept, target)
                is_whole = sha256_of(target)[:DIGITS] == kept.stem.rpartition("-")[2]
            except OSError as error:
                logger.info("A prompt kept on disk cannot be had, it is read anew: {}", error)
                continue
            if is_whole:
                with contextlib.suppress(OSError):  # a cache that is read-only serves as well
                    os.utime(kept)
                self._in_use.add(kept)
                return True
            logger.info("A prompt kept on disk is damaged, it is read anew: {}", kept.name)
            target.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                kept.unlink(missing_ok=True)
        return False

    def keep(self, brain: str, key: str, saved: Path) -> None:
        """Take the prompt of that key as llama.cpp saved it, in place of any other of the key."""
        folder = self.root / brain
        draft = folder / f"{key}.{os.getpid()}"
        try:
            place = folder / f"{key}-{sha256_of(saved)[:DIGITS]}.bin"
            folder.mkdir(parents=True, exist_ok=True)
            for private in (self.root, folder):
                private.chmod(0o700)
            self.discard(brain, key)
            if not self._make_room(saved.stat().st_size):
                logger.info("No room to keep a prompt of {}: {} is full", brain, self.root)
                return
            _link(saved, draft)
            draft.chmod(0o600)
            draft.replace(place)
            self._in_use.add(place)
        except OSError as error:
            logger.info("A prompt cannot be kept on disk, the next start reads it anew: {}", error)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def discard(self, brain: str, key: str) -> None:
        """Forget the prompt of that key."""
        for kept in (self.root / brain).glob(f"{key}-*.bin"):
            with contextlib.suppress(OSError):
                kept.unlink(missing_ok=True)

    def remove(self, brain: str) -> int:
        """Delete the prompts that `brain` has read; returns the bytes freed."""
        freed_bytes = sum(size for _, size, path in self._files() if path.parent.name == brain)
        shutil.rmtree(self.root / brain, ignore_errors=True)
        return freed_bytes

    def usage(self) -> tuple[int, int]:
        """How many prompts are kept, and their bytes."""
        files = self._files()
        return len(files), sum(size for _, size, _ in files)

    def _make_room(self, wanted_bytes: int) -> bool:
        """Delete what was used longest ago, but nothing that this run has used.

        Bots that do not all fit would else drive out each other at every start.
        """
        files = sorted(self._files())
        total_bytes = wanted_bytes + sum(size for _, size, _ in files)
        for _, size, path in files:
            if total_bytes <= self._room_bytes:
                break
            if path not in self._in_use:
                path.unlink(missing_ok=True)
                total_bytes -= size
        return total_bytes <= self._room_bytes

    def _files(self) -> list[tuple[float, int, Path]]:
        """Last use, size and path of each file, a draft that a crash left among them."""
        found: list[tuple[float, int, Path]] = []
        for path in self.root.glob("*/*"):
            with contextlib.suppress(OSError):  # another process was quicker to remove it
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        return found


def _link(source: Path, target: Path) -> None:
    """Give `source` a second name, or where the two are on different disks, copy it."""
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
