"""Reads the files of models with numpy alone; used by bots/local/sentences.py and reranker.py.

A `.safetensors` file:

    8 bytes   the header's length, little endian
    header    JSON: of each tensor its type, its shape and where its bytes lie
    bytes     the tensors, C order, little endian

The arrays are views of the mapped file: what is not used is not read.
"""

from __future__ import annotations

import json
import struct
import zipfile
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


def read_tuned(path: Path) -> Mapping[str, Array]:
    """The arrays of an `.npz` file by their names, as float32.

    Raises:
        ValueError: the file is damaged.
        OSError: the file cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name].astype(np.float32) for name in arrays.files}
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
