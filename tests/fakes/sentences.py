"""A sentence model of toy size and random weights, in the files that the real one comes in."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

WIDTH, HEADS, INNER, PROJECTED, RANK, PLACES, HIDDEN = 8, 2, 12, 6, 2, 48, 5
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("when", "do", "you", "open", "where", "can", "i", "park", "the", "shop", "##s", "is", "a"),
]
LINEAR = {
    "attention.self.query": ("q", WIDTH, WIDTH),
    "attention.self.key": ("k", WIDTH, WIDTH),
    "attention.self.value": ("v", WIDTH, WIDTH),
    "attention.output.dense": ("o", WIDTH, WIDTH),
    "intermediate.dense": ("u", INNER, WIDTH),
    "output.dense": ("d", WIDTH, INNER),
}
NORMS = {"attention.output.LayerNorm": "n1", "output.LayerNorm": "n2"}

Tensors = dict[str, np.ndarray]


def toy_tensors() -> Tensors:
    """A BERT of two layers."""
    random = np.random.default_rng(7)

    def some(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": some(len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": some(PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
        "embeddings.LayerNorm.weight": some(WIDTH),
        "embeddings.LayerNorm.bias": some(WIDTH),
    }
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        for name, (_, rows, columns) in LINEAR.items():
            tensors[f"{layer}.{name}.weight"] = some(rows, columns)
            tensors[f"{layer}.{name}.bias"] = some(rows)
        for name in NORMS:
            tensors[f"{layer}.{name}.weight"] = some(WIDTH)
            tensors[f"{layer}.{name}.bias"] = some(WIDTH)
    return tensors


def toy_tuned() -> Tensors:
    """What tuning made of its second layer."""
    random = np.random.default_rng(8)

    def some(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float16)

    tuned = {
        "side": some(3, WIDTH),
        "proj": some(PROJECTED, WIDTH),
        "token_weight": some(WIDTH),
        "token_weight_bias": np.float32(0.5),
        "scale": np.array([11.0, 7.0, 13.0, 9.0], np.float32),
        "tau": np.float32(2.5),
        "none.hidden.weight": some(HIDDEN, WIDTH + 4),
        "none.hidden.bias": some(HIDDEN),
        "none.out.weight": some(HIDDEN),
        "none.out.bias": np.float32(0.25),
    }
    for short, rows, columns in LINEAR.values():
        tuned[f"layer1.{short}.a"] = some(rows, RANK)
        tuned[f"layer1.{short}.b"] = some(RANK, columns)
        tuned[f"layer1.{short}.bias"] = some(rows)
    for short in NORMS.values():
        tuned[f"layer1.{short}.weight"] = some(WIDTH)
        tuned[f"layer1.{short}.bias"] = some(WIDTH)
    joint = {
        "side": some(2, WIDTH),
        "layer1.relations": some(HEADS, 4),
        "likeness": np.float32(6.0),
        "fit.hidden.weight": some(HIDDEN, 2 * WIDTH),
        "fit.hidden.bias": some(HIDDEN),
        "fit.out.weight": some(1, HIDDEN),
        "fit.out.bias": some(1),
        "none.hidden.weight": some(HIDDEN, WIDTH),
        "none.hidden.bias": some(HIDDEN),
        "none.out.weight": some(1, HIDDEN),
        "none.out.bias": some(1),
    }
    joint |= {name: some(*value.shape) for name, value in tuned.items() if name[:6] == "layer1"}
    return tuned | {f"joint.{name}": value for name, value in joint.items()}


def write_toy(folder: Path) -> Path:
    """The toy's three files; returns that of what tuning made of it."""
    write_tensors(folder / "model.safetensors", toy_tensors())
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    np.savez(folder / "matching.npz", **toy_tuned())  # pyright: ignore[reportArgumentType]
    return folder / "matching.npz"


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """A safetensors file of float32."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, tensor in tensors.items():
        data = tensor.astype("<f4").tobytes()
        offsets = [len(body), len(body) + len(data)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
        body += data
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    path.write_bytes(struct.pack("<Q", len(told)) + told + body)
