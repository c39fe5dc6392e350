"""WAV files: what was written is read, and what cannot be says so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bots.errors import TransportError
from bots.wav import read_wav, write_wav

pytestmark = pytest.mark.unit

BOTH = np.array([[1, 3], [5, 7]], np.int16)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """One channel of it, or the mean of both."""
    write_wav(tmp_path / "both.wav", BOTH, 8000)
    assert read_wav(tmp_path / "both.wav", 8000).tolist() == [2, 6]
    assert read_wav(tmp_path / "both.wav", 8000, channel=1).tolist() == [3, 7]


def test_a_path_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(TransportError, match=f"^{re.escape(str(tmp_path))} cannot be read: Is a"):
        read_wav(tmp_path, 8000)


def test_a_path_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With what the system says of it."""
    with pytest.raises(TransportError, match=r"a\.wav cannot be written: No such file"):
        write_wav(tmp_path / "nowhere" / "a.wav", BOTH, 8000)


def test_a_full_disk_is_told() -> None:
    """It is found out when the last bytes are written, not when the file is opened."""
    with pytest.raises(TransportError, match=r"^/dev/full cannot be written: No space left"):
        write_wav(Path("/dev/full"), BOTH, 8000)
