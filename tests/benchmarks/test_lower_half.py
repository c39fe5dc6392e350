"""What the layers that are not tuned make of a text, by a toy of the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lower_half import LowerHalf
from bots.local.tensors import read_tensors
from bots.local.transformer import read_embedding, read_layer
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.unit

TEXTS = ["Shop open", "when do you open the shop", "a", "can i park"]


def test_a_text_is_as_the_layers_leave_it(tmp_path: Path) -> None:
    """Whatever was read with it, and with it before."""
    write_toy(tmp_path)
    tensors = read_tensors(tmp_path / "model.safetensors")
    lower = LowerHalf(tmp_path / "vocab.txt", tensors, 1, HEADS)
    lower.read(TEXTS[:2])
    lower.read([*TEXTS, *TEXTS])
    assert [lower[text].shape for text in TEXTS] == [(4, 8), (8, 8), (3, 8), (5, 8)]
    states = read_embedding(tensors)(np.array([[2, 14, 8, 3]]))  # [CLS] shop open [SEP]
    states = read_layer(tensors, 0, HEADS, {})(states, np.zeros((1, 4), np.float32))[0]
    np.testing.assert_allclose(lower["Shop open"], states, atol=2e-3)
