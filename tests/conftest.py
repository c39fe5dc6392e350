"""Settings of every test, and the bounds of a unit test."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.fakes.receptionist import Receptionist, serve_receptionist

# A deadline is a timed test: it fails on a busy machine and tells nothing.
settings.register_profile("offhook", deadline=None)
settings.load_profile("offhook")

_NETWORK = frozenset({socket.AF_INET, socket.AF_INET6})
_outside: list[str] | None = None
"""What the unit test under way has asked of the world outside; None while there is none."""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _outside is None:
        return
    is_connection = event == "socket.connect" and arguments[0].family in _NETWORK
    if is_connection or (event == "subprocess.Popen" and arguments[0] == sys.executable):
        _outside.append(f"{event} {arguments[1]}")


sys.addaudithook(_note)


def pytest_collection_finish() -> None:
    """What the imports left is there to stay: no collection looks through it again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def bounds_of_a_unit_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked `unit` opens no connection and starts no Python of its own."""
    global _outside
    markers = {marker.name for marker in request.node.iter_markers()}
    if "unit" not in markers or markers & {"wire", "call"}:
        yield
        return
    _outside = found = []
    try:
        yield
    finally:
        _outside = None
    assert not found, f"This is no unit test, mark it `wire` or `call`: {found[:3]}"


@pytest.fixture(scope="session")
def served_receptionist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receptionist]:
    """The one server of all tests that call the receptionist as it is shipped."""
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with serve_receptionist(tmp_path_factory.mktemp("bots"), log) as served:
        yield served


@pytest.fixture
def receptionist(served_receptionist: Receptionist) -> Iterator[Receptionist]:
    """That server, left to the next test without a call and with the shipped file."""
    yield served_receptionist
    served_receptionist.restore()
