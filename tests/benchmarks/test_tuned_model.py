"""The torch twin of the sentence model; by hand: `uv pip install torch`, `pytest -m torch`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.businesses import Ask, Business, Fact
from benchmarks.lower_half import LowerHalf
from benchmarks.tuning_steps import Phrasing, Step
from bots.local import sentences
from bots.local.sentences import Sentences, Side
from bots.local.tensors import read_tensors
from bots.local.told import score, stack
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.torch

WORDS = ["park", "open", "shop", "do"]
SHOP = Business(
    "shop",
    "The Shop",
    "A shop.",
    [
        Fact("the shop is open", ["when do you open"], ["is the shop open when i park"]),
        Fact("you can park a", ["where can i park"], ["can i park the shop"]),
        Fact("shops", ["where is the shop"], ["do you shop"]),
    ],
    [f"do you {word} when i {other}" for word in WORDS for other in WORDS],
    [],
)


@pytest.mark.parametrize("under", [[], [Phrasing("where can i park", 1), Phrasing("do you", 1)]])
def test_it_scores_as_the_runtime_does_after_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, under: list[Phrasing]
) -> None:
    """What is trained is what runs, through the file; and training makes the right likelier."""
    torch = pytest.importorskip("torch")
    from benchmarks import descent, tuned_model, tuner

    monkeypatch.setattr(sentences, "HEADS", HEADS)
    monkeypatch.setattr(tuned_model, "SINGLE", 10**6)
    write_toy(tmp_path)
    torch.manual_seed(1)
    tensors = read_tensors(tmp_path / "model.safetensors")
    lower = LowerHalf(tmp_path / "vocab.txt", tensors, 1, HEADS)
    lower.read([*SHOP.texts, *(one.text for one in under)])
    model = tuned_model.TunedModel(tensors, 1, 1, HEADS, 2)
    losses = tuner.train(model, lower, [SHOP] * 3, descent.Plan(2, 0.01, 30.0, 1.0, 1))
    assert np.mean(losses[-10:]) < np.mean(losses[:10])

    asks = [Ask(text, frozenset()) for text in SHOP.texts]
    with torch.no_grad():
        trained = tuner.scores(model, lower, Step(SHOP, asks, under)).numpy()
    tuned_model.save(tmp_path / "matching.npz", model.arrays())
    runtime = Sentences.load(tmp_path, tmp_path / "matching.npz")
    phrasings = [
        runtime.read([one.text for one in under if one.owner == owner], Side.PHRASING)
        for owner in range(3)
    ]
    sheet = stack(runtime.read([fact.fact for fact in SHOP.facts], Side.FACT), phrasings)
    for ask, row, read in zip(asks, trained, runtime.read(SHOP.texts, Side.QUESTION), strict=True):
        if all(ask.text != one.text for one in under):
            told = score(read, sheet, runtime.scales)
            # The states that the twin starts from are kept in half precision.
            np.testing.assert_allclose([*told.facts, told.unknown], row, atol=0.02)
