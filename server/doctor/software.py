"""The doctor on what is installed: Python, the page and the tools that build it and test it."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import version

from bots.local.brain_errors import SYSTEM_LIBRARIES, library_error
from server.doctor.finding import Finding, fail, ok, warn
from server.page import page_folder


def check_software() -> list[Finding]:
    """Python and the packages, the built page, Node, system libraries, and the tests' browser."""
    return [
        ok("python", f"{platform.python_version()} at {sys.executable}."),
        ok("pipecat", f"{version('pipecat-ai')}."),
        *_check_page(),
        _check_browser(),
        _check_voices(),
        *check_libraries(),
    ]


def _check_page() -> list[Finding]:
    has_node = shutil.which("node") is not None and shutil.which("npm") is not None
    if page_folder() is None:
        fix = "`make setup` builds it."
        if not has_node:
            fix = "Install Node 22 or 24 with npm; then `make setup` builds it."
        return [warn("page", "The call page is not built; the API answers all the same.", fix)]
    node = "Node is here" if has_node else "Node is missing, and only building the page needs it"
    return [ok("page", f"The call page is built. {node}.")]


def _check_browser() -> Finding:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return ok("chromium", f"{found}, for the tests.")
    return ok("chromium", "None; only `make test` needs it.")


def _check_voices() -> Finding:
    if importlib.util.find_spec("piper") is None:
        text = "English by hibari and Kokoro; no Piper, Spanish, French, Italian or Portuguese."
        return warn("voices", text, "`pip install 'offhook[voices]'` adds them.")
    return ok("voices", "hibari, Kokoro and Piper.")


def check_libraries(names: Iterable[str] = SYSTEM_LIBRARIES) -> list[Finding]:
    """The system libraries that the local brain loads; a slim image may lack them."""
    if not sys.platform.startswith("linux"):
        return []
    findings = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            error = library_error(name)
            findings.append(fail("libraries", error.message, error.hint or ""))
    return findings or [ok("libraries", f"{', '.join(names)}.")]
