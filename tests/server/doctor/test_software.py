"""What the doctor says of the software of a machine."""

from __future__ import annotations

import pytest

from server.doctor.software import check_libraries

pytestmark = pytest.mark.unit


def test_a_missing_system_library_is_named_with_its_package() -> None:
    """The brain's native code needs what a slim image may not have."""
    [finding] = check_libraries(["libsurely-not-there.so.7"])
    assert str(finding) == (
        "fail  libraries   The local brain needs libsurely-not-there.so.7, which this system lacks."
        " Install it: with the system's package manager."
    )


def test_libraries_that_are_there_are_one_line() -> None:
    """Nothing to mend."""
    assert [str(finding.state) for finding in check_libraries()] == ["ok"]
