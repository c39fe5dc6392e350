"""Reads a `.safetensors` file with numpy alone; used by bots/local/sentences.py.

    8 bytes   the header's length, little endian
    header    JSON: of each tensor its type, its shape and where its bytes lie
    bytes     the tensors, C order, little endian

The arrays are views of the mapped file: what is not used is not read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_TYPES = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


def read_tensors(path: Path) -> Mapping[str, Array]:
    """The tensors of a file by their names.

    Raises:
        ValueError: the file is not whole, or holds types that numpy has not.
        OSError: the file cannot be read.
    """
    mapped = np.memmap(path, np.uint8, mode="r")
    try:
        (length,) = struct.unpack("<Q", mapped[:8].tobytes())
        header: dict[str, dict[str, Any]] = json.loads(mapped[8 : 8 + length].tobytes())
        body = mapped[8 + length :]
        return {
            name: body[slice(*told["data_offsets"])]
            .view(_TYPES[told["dtype"]])
            .reshape(told["shape"])
            for name, told in header.items()
            if name != "__metadata__"
        }
    except (struct.error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a safetensors file: {error}") from error
