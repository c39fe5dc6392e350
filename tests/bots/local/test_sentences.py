"""Reading texts into vectors, by a toy of the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bots.local import sentences
from bots.local.sentences import MAX_TOKENS, Read, Sentences, Side
from bots.local.tensors import read_tensors
from bots.local.transformer import read_embedding, read_layer
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.unit

TEXTS = ["When do you open?", "where can i park", "shops", "", "is the shop open when i can park a"]


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sentences:
    """The toy, loaded from its files."""
    monkeypatch.setattr(sentences, "HEADS", HEADS)
    return Sentences.load(tmp_path, write_toy(tmp_path))


def same(one: Read, other: Read) -> None:
    """Two readings are the same but for rounding."""
    np.testing.assert_allclose(one.pooled, other.pooled, atol=1e-5)
    np.testing.assert_allclose(one.tokens, other.tokens, atol=1e-5)
    np.testing.assert_allclose(one.weights, other.weights, atol=1e-5)


def test_vectors_are_of_length_1_and_weights_add_up_to_1(model: Sentences) -> None:
    """A vector a token; the marks at both ends are tokens too."""
    reads = model.read(TEXTS, Side.FACT)
    assert [len(one.tokens) for one in reads] == [7, 6, 4, 2, 11]
    for one in reads:
        assert np.linalg.norm(one.pooled) == pytest.approx(1.0, abs=1e-5)
        np.testing.assert_allclose(np.linalg.norm(one.tokens, axis=1), 1.0, atol=1e-5)
        assert one.weights.sum() == pytest.approx(1.0, abs=1e-5)


def test_a_text_reads_the_same_alone_and_among_others(
    model: Sentences, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what fills a batch nor the order nor the size of a batch shows."""
    alone = [model.read([text], Side.QUESTION)[0] for text in TEXTS]
    for reads in (
        model.read(TEXTS, Side.QUESTION),
        model.read(TEXTS[::-1], Side.QUESTION)[::-1],
        model.read(TEXTS * 40, Side.QUESTION)[-len(TEXTS) :],
    ):
        for one, other in zip(alone, reads, strict=True):
            same(one, other)
    monkeypatch.setattr(sentences, "BATCH_TOKENS", 12)
    for one, other in zip(alone, model.read(TEXTS, Side.QUESTION), strict=True):
        same(one, other)


def test_a_text_reads_otherwise_on_each_side(model: Sentences) -> None:
    """A question and a fact of the same words are not the same."""
    first, *others = (model.read(["Where is the shop?"], side)[0] for side in Side)
    for other in others:
        assert np.abs(first.tokens - other.tokens).max() > 0.01


def test_a_text_is_read_as_the_layers_say(model: Sentences, tmp_path: Path) -> None:
    """The side is added between the carrier's layers and the tuned ones."""
    tensors = read_tensors(tmp_path / "model.safetensors")
    tuned = {
        name: np.asarray(value, np.float32)
        for name, value in np.load(tmp_path / "matching.npz").items()
    }
    mask = np.zeros((1, 4), np.float32)
    states = read_embedding(tensors)(np.array([[2, 14, 8, 3]]))  # [CLS] shop open [SEP]
    states = read_layer(tensors, 0, HEADS, {})(states, mask) + tuned["side"][1]
    states = read_layer(tensors, 1, HEADS, tuned)(states, mask)[0]
    read = model.read(["Shop open"], Side.FACT)[0]
    mean = states.mean(0)
    np.testing.assert_allclose(read.pooled, mean / np.linalg.norm(mean), atol=1e-5)
    tokens = states @ tuned["proj"].T
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    np.testing.assert_allclose(read.tokens, tokens, atol=1e-5)
    weights = np.exp(states @ tuned["token_weight"])
    np.testing.assert_allclose(read.weights, weights / weights.sum(), atol=1e-5)


def test_a_long_text_is_cut(model: Sentences) -> None:
    """What comes after the first tokens says little, and costs."""
    long, longer = model.read(["open " * 60, "open " * 90], Side.FACT)
    assert len(long.tokens) == MAX_TOKENS
    same(long, longer)


def test_nothing_reads_as_nothing(model: Sentences) -> None:
    """A fact with no questions under it."""
    assert model.read([], Side.PHRASING) == []


def test_without_what_tuning_made_there_is_no_model(tmp_path: Path) -> None:
    """The carrier's own weights are not what match.py counts on."""
    write_toy(tmp_path).unlink()
    with pytest.raises(FileNotFoundError):
        Sentences.load(tmp_path, tmp_path / "matching.npz")
