"""The layers of a BERT, against what can be worked out otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bots.local.transformer import Linear, Norm, batch_of, gelu, read_layer, softmax
from tests.fakes.sentences import HEADS, WIDTH, toy_tensors, toy_tuned

pytestmark = pytest.mark.unit


def test_gelu_is_the_exact_one() -> None:
    """Not the approximation by tanh, which is 5e-4 off."""
    x = np.linspace(-8, 8, 4001, dtype=np.float32)
    exact = [0.5 * one * (1 + math.erf(one / math.sqrt(2))) for one in x.tolist()]
    np.testing.assert_allclose(gelu(x), exact, atol=2e-6)


def test_a_norm_gives_mean_0_and_variance_1() -> None:
    """Before its scale and shift."""
    rows = Norm(np.full(64, 3.0), np.full(64, 5.0))(np.random.default_rng(1).normal(7, 9, (5, 64)))
    np.testing.assert_allclose(rows.mean(-1), 5.0)
    np.testing.assert_allclose(rows.std(-1), 3.0)


def test_a_linear_map_keeps_the_leading_shape() -> None:
    """Rows of a batch are mapped each by itself."""
    linear = Linear(np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 0.0]]).T, np.array([0.0, 10.0, 0.0]))
    np.testing.assert_array_equal(linear(np.array([[[1.0, 1.0]], [[2.0, 0.0]]])),
                                  [[[3.0, 11.0, 1.0]], [[2.0, 10.0, 2.0]]])  # fmt: skip


def test_softmax_adds_up_to_1_for_large_numbers_too() -> None:
    """A masked place gets nothing."""
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0, -1e9]])), [[0.5, 0.5, 0.0]])


def test_a_layer_does_as_attention_is_defined() -> None:
    """Worked out head by head and token by token, with the tuned difference added."""
    tensors, tuned = toy_tensors(), toy_tuned()
    tuned = {name: np.asarray(value, np.float32) for name, value in tuned.items()}
    x = np.random.default_rng(3).normal(size=(1, 4, WIDTH)).astype(np.float32)
    mask = np.array([[0.0, 0.0, 0.0, -1e9]], np.float32)
    layer = read_layer(tensors, 1, HEADS, tuned)

    def weight(name: str, short: str) -> np.ndarray:
        added = tuned[f"layer1.{short}.a"] @ tuned[f"layer1.{short}.b"]
        return tensors[f"encoder.layer.1.{name}.weight"] + added

    def mapped(rows: np.ndarray, name: str, short: str) -> np.ndarray:
        return rows @ weight(name, short).T + tuned[f"layer1.{short}.bias"]

    query, key, value = (
        mapped(x[0], f"attention.self.{name}", name[0]) for name in ("query", "key", "value")
    )
    size = WIDTH // HEADS
    seen = np.zeros((4, WIDTH))
    for head in range(HEADS):
        own = slice(head * size, (head + 1) * size)
        for token in range(4):
            fits = [query[token, own] @ key[j, own] / math.sqrt(size) for j in range(3)]
            heed = [math.exp(fit - max(fits)) for fit in fits]
            seen[token, own] = sum(h * value[j, own] for j, h in enumerate(heed)) / sum(heed)
    rows = layer.attended(x[0] + mapped(seen, "attention.output.dense", "o"))
    up = mapped(rows, "intermediate.dense", "u")
    rows = layer.settled(rows + mapped(gelu(up), "output.dense", "d"))
    np.testing.assert_allclose(layer(x, mask[:, None, None, :])[0], rows, atol=1e-4)
    np.testing.assert_array_equal(layer.settled.weight, tuned["layer1.n2.weight"])


def test_texts_of_several_lengths_fill_a_batch() -> None:
    """What only fills it is masked."""
    ids, mask = batch_of([[7, 8, 9], [5]])
    np.testing.assert_array_equal(ids, [[7, 8, 9], [5, 0, 0]])
    np.testing.assert_array_equal(mask == 0, [[True, True, True], [True, False, False]])


def test_a_layer_that_was_not_tuned_is_the_carriers() -> None:
    """Only what tuning names differs."""
    tensors = toy_tensors()
    layer = read_layer(tensors, 0, HEADS, toy_tuned())
    np.testing.assert_array_equal(
        layer.up.weight.T, tensors["encoder.layer.0.intermediate.dense.weight"]
    )
    np.testing.assert_array_equal(
        layer.qkv.weight.T[:WIDTH], tensors["encoder.layer.0.attention.self.query.weight"]
    )
