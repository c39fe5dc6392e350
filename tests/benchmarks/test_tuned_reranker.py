"""The torch twin of the reranker; by hand: `uv pip install torch`, `pytest -m torch`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lower_half import LowerHalf
from benchmarks.reranking_steps import Ordered, Reading
from bots.local import reranker
from bots.local.reranker import OWN, Reranker
from bots.local.tensors import read_tensors, read_tuned
from tests.benchmarks.test_tuned_model import SHOP
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.torch


def test_it_scores_as_the_runtime_does_after_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is trained is what runs, through the file; and training makes the right likelier."""
    torch = pytest.importorskip("torch")
    from benchmarks import descent, reranker_tuner, tuned_model, tuned_reranker

    monkeypatch.setattr(reranker, "HEADS", HEADS)
    monkeypatch.setattr(tuned_model, "SINGLE", 10**6)
    monkeypatch.setattr(reranker_tuner, "HEAD_RATE", 0.01)
    tuned = read_tuned(write_toy(tmp_path))
    torch.manual_seed(1)
    tensors = read_tensors(tmp_path / "model.safetensors")
    lower = LowerHalf(tmp_path / "vocab.txt", tensors, 1, HEADS)
    lower.read(SHOP.texts)
    first_stage = {name: tuned[name] for name in tuned if not name.startswith(OWN)}
    model = tuned_reranker.TunedReranker(tensors, first_stage, HEADS, 2)
    shop = Ordered(SHOP, np.tile(np.arange(3), (len(SHOP.asks), 1)))
    plan = descent.Plan(2, 0.01, 30.0, 1.0, 1)
    losses = reranker_tuner.train(model, lower, [shop] * 5, plan)
    assert np.mean(losses[-10:]) < np.mean(losses[:10])

    file = tmp_path / "matching.npz"
    arrays = {OWN + name: array for name, array in model.arrays().items()}
    tuned_model.save(file, first_stage | arrays)
    facts = [fact.fact for fact in SHOP.facts]
    step = [Reading("do you shop", facts, [True] * 3), Reading("shop", facts[:1], [True])]
    runtime = Reranker.load(tmp_path, file)
    assert reranker_tuner.difference(model, runtime, lower, step) < 0.002
