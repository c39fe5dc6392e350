"""Fetches a weight's files from the model hub, resumed with HTTP ranges and hashed as they come."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import httpx

from bots.local.sources import Advance, SourceFailed
from bots.local.weight import Weight, WeightFile

DEFAULT_HUB = "https://huggingface.co"
_CHUNK_BYTES = 1 << 20


def hub_url(environ: Mapping[str, str] = os.environ) -> str:
    """The hub, or the mirror that HF_ENDPOINT names as it does for the hub's own tools."""
    return (environ.get("HF_ENDPOINT") or DEFAULT_HUB).rstrip("/")


class Hub:
    """One model hub. A hub without a route is noticed within `probe_s` and not asked again."""

    def __init__(
        self,
        url: str | None = None,
        *,
        probe_s: float = 4.0,
        read_timeout_s: float = 30.0,
        attempts: int = 5,
    ) -> None:
        self.url = (url or hub_url()).rstrip("/")
        self._probe_s = probe_s
        self._attempts = attempts
        self._timeout = httpx.Timeout(read_timeout_s, connect=probe_s)
        self._is_reachable: bool | None = None
        self._probing = threading.Lock()

    def is_reachable(self) -> bool:
        """Whether any HTTP answer comes back in time; asked once, then remembered.

        The probe runs in a thread of its own, since a resolver that does not answer holds the
        caller far beyond httpx's connect time-out.
        """
        with self._probing:
            if self._is_reachable is None:
                verdict: queue.Queue[bool] = queue.Queue()
                threading.Thread(target=self._probe, args=(verdict,), daemon=True).start()
                try:
                    self._is_reachable = verdict.get(timeout=self._probe_s)
                except queue.Empty:
                    self._is_reachable = False
            return self._is_reachable

    def _probe(self, verdict: queue.Queue[bool]) -> None:
        try:
            httpx.head(self.url, timeout=self._timeout)
        except (httpx.HTTPError, OSError):
            verdict.put(False)
        else:
            verdict.put(True)

    def download(
        self,
        weight: Weight,
        file: WeightFile,
        partial: Path,
        advance: Advance,
        stop: threading.Event,
    ) -> None:
        """Leave the whole, genuine file at `partial`; what lies there already is continued.

        Raises:
            SourceFailed: the hub has no such file, another file, or broke off too often, or `stop`
                was set. What came stays for the next attempt; wrong bytes are removed.
        """
        if weight.hub_repo is None or file.hub is None:
            raise SourceFailed(f"The hub has no copy of {file.name}.")
        url = f"{self.url}/{weight.hub_repo}/resolve/{weight.hub_revision}/{quote(file.hub)}"
        partial.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        have_bytes = _rehash(partial, file, digest)
        advance(have_bytes)
        reason = ""
        for _ in range(self._attempts):
            if have_bytes == file.size_bytes:
                break
            before_bytes = have_bytes
            try:
                have_bytes, digest = self._stream(
                    url, file, partial, have_bytes, digest, advance, stop
                )
            except (httpx.HTTPError, OSError) as error:
                reason = str(error) or type(error).__name__
                have_bytes = partial.stat().st_size if partial.exists() else 0
                digest = hashlib.sha256()
                _rehash(partial, file, digest)
                if have_bytes == before_bytes and isinstance(error, httpx.ConnectError):
                    break
        if have_bytes != file.size_bytes:
            raise SourceFailed(f"The hub broke off at {have_bytes} bytes of {file.name}: {reason}.")
        if digest.hexdigest() != file.sha256:
            partial.unlink(missing_ok=True)
            advance(-have_bytes)
            raise SourceFailed(f"The hub's {file.name} has another SHA-256; it was refused.")

    def _stream(
        self,
        url: str,
        file: WeightFile,
        partial: Path,
        have_bytes: int,
        digest: hashlib._Hash,
        advance: Advance,
        stop: threading.Event,
    ) -> tuple[int, hashlib._Hash]:
        headers = {"Range": f"bytes={have_bytes}-"} if have_bytes else {}
        # Compression would make the bytes counted differ from the bytes ranged over.
        headers["Accept-Encoding"] = "identity"
        with httpx.stream(
            "GET", url, headers=headers, timeout=self._timeout, follow_redirects=True
        ) as response:
            if response.status_code not in (200, 206):
                raise SourceFailed(f"The hub answers {response.status_code} for {file.name}.")
            continues = response.status_code == 206 and response.headers.get(
                "Content-Range", ""
            ).startswith(f"bytes {have_bytes}-")
            if response.status_code == 206 and not continues:
                raise SourceFailed(f"The hub sent a range of {file.name} that was not asked for.")
            if not continues:
                advance(-have_bytes)
                have_bytes, digest = 0, hashlib.sha256()
            announced = response.headers.get("Content-Length")
            if announced is not None and int(announced) + have_bytes != file.size_bytes:
                raise SourceFailed(f"The hub's {file.name} has another size; it was refused.")
            with partial.open("ab" if continues else "wb") as stream:
                for chunk in response.iter_raw():
                    if stop.is_set():
                        raise SourceFailed(f"{file.name} was not fetched: stopped.")
                    if have_bytes + len(chunk) > file.size_bytes:
                        raise SourceFailed(f"The hub's {file.name} is larger than it should be.")
                    stream.write(chunk)
                    digest.update(chunk)
                    have_bytes += len(chunk)
                    advance(len(chunk))
        return have_bytes, digest


def _rehash(partial: Path, file: WeightFile, digest: hashlib._Hash) -> int:
    """Feed what a broken download left into `digest`; more than the file's size is discarded."""
    if not partial.is_file():
        return 0
    if partial.stat().st_size > file.size_bytes:
        partial.unlink()
        return 0
    have_bytes = 0
    with partial.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            have_bytes += len(chunk)
    return have_bytes
