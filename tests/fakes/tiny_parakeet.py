"""A Parakeet of two words of knowledge: ONNX that onnx-asr takes, written here by hand.

Eight frames at a time, it says `hi` where the features are louder than their mean and nothing
where they are quieter; so two bursts of noise read "hi hi".
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FEATURES = 80
FLOAT, INT64 = 1, 7


def write_tiny_parakeet(folder: Path) -> Path:
    """The files of a NeMo CTC export, in `folder`, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("▁hi 0\n<blk> 1\n", encoding="utf-8")
    config = {"model_type": "nemo-conformer-ctc", "features_size": FEATURES}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.onnx").write_bytes(_model())
    return folder


def _model() -> bytes:
    weights = np.stack([np.full(FEATURES, 1.0), np.full(FEATURES, -1.0)], axis=1)
    raw = weights.astype("<f4").tobytes()
    tensor = (
        _int(1, FEATURES) + _int(1, 2) + _int(2, FLOAT) + _bytes(8, b"weights") + _bytes(9, raw)
    )
    pool = [("kernel_shape", [8]), ("strides", [8]), ("ceil_mode", 1)]
    graph = (
        _bytes(1, _node("AveragePool", ["audio_signal"], "pooled", pool))
        + _bytes(1, _node("Transpose", ["pooled"], "frames", [("perm", [0, 2, 1])]))
        + _bytes(1, _node("MatMul", ["frames", "weights"], "logprobs", []))
        + _bytes(2, b"tiny")
        + _bytes(5, tensor)
        + _bytes(11, _value("audio_signal", FLOAT, ["batch", FEATURES, "time"]))
        + _bytes(11, _value("length", INT64, ["batch"]))
        + _bytes(12, _value("logprobs", FLOAT, ["batch", "steps", 2]))
    )
    return _int(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _int(2, 17))


def _node(kind: str, inputs: list[str], output: str, attributes: list[tuple[str, object]]) -> bytes:
    made = b"".join(_bytes(1, name.encode()) for name in inputs)
    made += _bytes(2, output.encode()) + _bytes(4, kind.encode())
    for name, value in attributes:
        if isinstance(value, list):
            said = b"".join(_int(8, one) for one in value) + _int(20, 7)
        else:
            assert isinstance(value, int)
            said = _int(3, value) + _int(20, 2)
        made += _bytes(5, _bytes(1, name.encode()) + said)
    return made


def _value(name: str, kind: int, shape: list[str | int]) -> bytes:
    dims = b"".join(
        _bytes(1, _int(1, one) if isinstance(one, int) else _bytes(2, one.encode()))
        for one in shape
    )
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _int(1, kind) + _bytes(2, dims)))


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
