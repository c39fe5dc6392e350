"""No network at all: a namespace with nobody else in it, where the kernel lets us make one."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_ADDRESS = "10.231.0.1/24"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _enter(namespace: Path) -> None:
    with namespace.open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


@contextmanager
def cut_network() -> Iterator[str]:
    """Run this thread, and all that it starts, without a network; yields how.

    As root on Linux it is a network namespace. It has an interface beside `lo`, since WebRTC
    gathers no loopback candidates. Elsewhere the network stays, and the text says so.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("ip"):
        yield "with the network left as it is (a namespace needs root on Linux, and `ip`)"
        return
    name = f"offhook-{os.getpid()}"
    before = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "lo", "up")
        # A veth pair with both ends inside: kernels that know no dummy interface know this one.
        _ip("-n", name, "link", "add", "call0", "type", "veth", "peer", "name", "call1")
        _ip("-n", name, "address", "add", _ADDRESS, "dev", "call0")
        _ip("-n", name, "link", "set", "call0", "up")
        _ip("-n", name, "link", "set", "call1", "up")
        _enter(Path("/var/run/netns") / name)
        try:
            yield f"in the network namespace {name}: lo, and a veth pair that leads nowhere"
        finally:
            ctypes.CDLL(None, use_errno=True).setns(before, _CLONE_NEWNET)
    finally:
        os.close(before)
        _ip("netns", "delete", name)
