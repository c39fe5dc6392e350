"""Reading a safetensors file without its package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bots.local.tensors import read_tensors
from tests.fakes.sentences import write_tensors

pytestmark = pytest.mark.unit


def test_tensors_come_back_by_name_and_shape(tmp_path: Path) -> None:
    """As they were written, and the file's own remarks are no tensor."""
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, np.float32)}
    write_tensors(tmp_path / "some.safetensors", tensors)
    found = read_tensors(tmp_path / "some.safetensors")
    assert set(found) == {"a", "b"}
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor)


@pytest.mark.parametrize("kept_bytes", [3, 40, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    """In its length, in its header, in its last tensor."""
    path = tmp_path / "cut.safetensors"
    write_tensors(path, {"a": np.arange(6, dtype=np.float32)})
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(ValueError, match=r"cut\.safetensors is not a safetensors file"):
        read_tensors(path)
