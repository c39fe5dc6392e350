"""Carries weights from one machine to another as one tar, for machines without a network.

    offhook-weights.json      format and contents, for people and for refusing what is too new
    <weight>/<file>           each file of each weight, uncompressed: weights do not compress

What a bundle says of itself is not trusted: only files of our own table are taken, and only if
their hash is the pinned one.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

from bots.errors import WeightsError
from bots.local.pull import SPARE_BYTES, FreeBytes, free_bytes_at
from bots.local.store import WeightStore
from bots.local.weight import WeightFile

MANIFEST = "offhook-weights.json"
FORMAT = 1
MAX_MANIFEST_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20

Advance = Callable[[int], None]


def _ignore(gained_bytes: int) -> None: ...


def export_weights(
    store: WeightStore,
    names: Iterable[str],
    target: Path,
    *,
    advance: Advance = _ignore,
    free_bytes: FreeBytes = free_bytes_at,
) -> int:
    """Write the named weights to `target`, whole or not at all; returns its size in bytes.

    Raises:
        WeightsError: a weight that is not whole here, no room, or a path that cannot be written.
    """
    weights = [store.weight(name) for name in dict.fromkeys(names)]
    for weight in weights:
        if store.unproven(weight.name):
            raise WeightsError(
                f"The weights {weight.name} are not whole here.",
                hint=f"Run `offhook models pull {weight.name}` first.",
                code="weights_missing",
            )
    if not target.parent.is_dir():
        raise WeightsError(
            f"There is no folder {target.parent}.",
            hint=f"Make it with `mkdir -p {target.parent}`, or name another.",
            code="export_failed",
        )
    total_bytes = sum(weight.size_bytes for weight in weights)
    _check_room(target.parent, total_bytes, free_bytes)
    manifest = {
        "format": FORMAT,
        "weights": {
            weight.name: {
                "licence": weight.licence,
                "origin": weight.origin,
                "files": {file.name: file.sha256 for file in weight.files},
            }
            for weight in weights
        },
    }
    draft = target.with_name(f"{target.name}.part")
    try:
        with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as bundle:
            text = json.dumps(manifest, indent=1).encode()
            bundle.addfile(_plain(MANIFEST, len(text)), io.BytesIO(text))
            for weight in weights:
                for file in weight.files:
                    path = store.directory(weight.name) / file.name
                    with path.open("rb") as source:
                        bundle.addfile(
                            _plain(f"{weight.name}/{file.name}", file.size_bytes), source
                        )
                    advance(file.size_bytes)
        draft.replace(target)
    except OSError as error:
        raise WeightsError(
            f"{target} cannot be written: {error.strerror or error}.",
            hint="Name a file in a directory that can be written.",
            code="export_failed",
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def import_weights(
    store: WeightStore,
    source: Path,
    *,
    advance: Advance = _ignore,
    free_bytes: FreeBytes = free_bytes_at,
) -> list[str]:
    """Take the genuine weights out of a bundle; returns the names that are whole afterwards.

    Files already here are passed over. Nothing of a bundle with a foreign, odd or wrong member is
    kept but the files before it, each of which is genuine.

    Raises:
        WeightsError: not a bundle, one of a newer Offhook, a member that is not pinned, or no room.
    """
    known = {
        f"{weight.name}/{file.name}": (weight.name, file)
        for weight in store.table.values()
        for file in weight.files
    }
    seen: set[str] = set()
    try:
        with tarfile.open(source, "r:") as bundle:
            _check_room(store.root, source.stat().st_size, free_bytes)
            _check_manifest(bundle)
            for member in bundle:
                if member.name == MANIFEST:
                    continue
                name, file = _judge(member, known, source)
                seen.add(name)
                content = bundle.extractfile(member)
                with store.lock(name):
                    if content and file in store.unproven(name):
                        _take(store, name, file, content, source)
                advance(file.size_bytes)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise WeightsError(
            f"{source} cannot be read as a bundle of weights: {error}.",
            hint="Make one with `offhook models export FILE.tar` on a machine that has them.",
            code="bad_bundle",
        ) from error
    return [name for name in store.table if name in seen and not store.unproven(name)]


def _plain(name: str, size_bytes: int) -> tarfile.TarInfo:
    """A member that says nothing of the machine it was made on."""
    info = tarfile.TarInfo(name)
    info.size = size_bytes
    info.mode = 0o644
    return info


def _check_manifest(bundle: tarfile.TarFile) -> None:
    first = bundle.next()
    if first is None or first.name != MANIFEST or first.size > MAX_MANIFEST_BYTES:
        raise tarfile.ReadError(f"it does not begin with {MANIFEST}")
    content = bundle.extractfile(first)
    try:
        manifest = json.loads(content.read()) if content else None
    except ValueError as error:
        raise tarfile.ReadError(f"its {MANIFEST} is not JSON") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise WeightsError(
            f"The bundle has a format other than {FORMAT}.",
            hint="Export it with this version of Offhook.",
            code="bad_bundle",
        )


def _judge(
    member: tarfile.TarInfo, known: Mapping[str, tuple[str, WeightFile]], source: Path
) -> tuple[str, WeightFile]:
    """The weight and file a member claims to be; its name is only ever looked up, never a path."""
    found = known.get(member.name)
    if found is None or not member.isreg() or member.size != found[1].size_bytes:
        raise WeightsError(
            f"{source} holds {member.name!r}, which is none of the pinned files.",
            hint="Export it again with this version of Offhook.",
            code="foreign_member",
        )
    return found


def _take(
    store: WeightStore, name: str, file: WeightFile, content: IO[bytes], source: Path
) -> None:
    partial = store.partial(name)
    partial.mkdir(parents=True, exist_ok=True)
    draft = partial / f"{file.sha256}.imported"
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as sink:
            while chunk := content.read(_CHUNK_BYTES):
                sink.write(chunk)
                digest.update(chunk)
        if digest.hexdigest() != file.sha256:
            raise WeightsError(
                f"{name}/{file.name} in {source} has another SHA-256; it was refused.",
                hint="Export it again; the copy was damaged or changed on its way.",
                code="bad_hash",
            )
        store.place(name, file, draft)
    finally:
        draft.unlink(missing_ok=True)
        if not any(partial.iterdir()):
            partial.rmdir()


def _check_room(directory: Path, needed_bytes: int, free_bytes: FreeBytes) -> None:
    free = free_bytes(directory)
    if free < needed_bytes + SPARE_BYTES:
        raise WeightsError(
            f"{needed_bytes / 1e9:.1f} GB are needed and {directory} has {free / 1e9:.1f} GB free.",
            hint="Free some space, or choose another disk.",
            code="disk_full",
        )
