"""Question and facts read together, by a toy of the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bots.local import reranker
from bots.local.reranker import Reranker
from tests.fakes.sentences import HEADS, WIDTH, toy_tensors, toy_tuned, write_toy

pytestmark = pytest.mark.unit

_random = np.random.default_rng(11)
QUESTION, *FACTS = (
    _random.normal(size=(tokens, WIDTH)).astype(np.float32) for tokens in (3, 4, 2, 5)
)


def arrays() -> dict[str, np.ndarray]:
    """What tuning made of the toy, by the reranker's own names."""
    return {
        name.removeprefix(reranker.OWN): np.asarray(value, np.float32)
        for name, value in toy_tuned().items()
        if name.startswith(reranker.OWN)
    }


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Reranker:
    """The toy."""
    monkeypatch.setattr(reranker, "HEADS", HEADS)
    return Reranker.of(toy_tensors(), arrays())


def test_the_order_of_facts_does_not_matter(model: Reranker) -> None:
    """Each has its own score, wherever it stands."""
    found = model.rank(QUESTION, FACTS)
    turned = model.rank(QUESTION, FACTS[::-1])
    np.testing.assert_allclose(turned.facts[::-1], found.facts, rtol=1e-4)
    assert turned.unknown == pytest.approx(found.unknown, rel=1e-4)


def test_a_fact_is_judged_beside_the_others(model: Reranker) -> None:
    """What else could answer changes how well it does, and how well not knowing does."""
    alone, beside = model.rank(QUESTION, FACTS[:1]), model.rank(QUESTION, FACTS)
    assert abs(alone.facts[0] - beside.facts[0]) > 1e-3
    assert abs(alone.unknown - beside.unknown) > 1e-3


def test_a_fact_that_no_other_may_heed_is_judged_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relations that were learned decide who heeds whom."""
    monkeypatch.setattr(reranker, "HEADS", HEADS)
    blind = arrays()
    blind["layer1.relations"] = np.tile(np.array([0.0, -1e9, -1e9, -1e9], np.float32), (HEADS, 1))
    model = Reranker.of(toy_tensors(), blind)
    beside = model.rank(QUESTION, FACTS)
    for place, fact in enumerate(FACTS):
        alone = model.rank(QUESTION, [fact])
        assert alone.facts[0] == pytest.approx(beside.facts[place], rel=1e-4)
        assert alone.unknown == pytest.approx(beside.unknown, rel=1e-4)


def test_likeness_counts_beside_what_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that is the question's twin gains by all of it."""
    monkeypatch.setattr(reranker, "HEADS", HEADS)
    own = arrays()
    own["side"][1] = own["side"][0]
    own["layer1.relations"] = np.tile(np.array([0.0, -1e9, -1e9, -1e9], np.float32), (HEADS, 1))
    more = own | {"likeness": own["likeness"] + 3}
    found, gained = (
        Reranker.of(toy_tensors(), one).rank(QUESTION, [QUESTION]) for one in (own, more)
    )
    assert gained.facts[0] - found.facts[0] == pytest.approx(3.0, rel=1e-3)
    assert gained.unknown - found.unknown == pytest.approx(3 * reranker.UNKNOWN_LIKENESS, rel=1e-3)


def test_it_loads_from_the_files_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Reranker
) -> None:
    """The same scores as from the arrays themselves."""
    loaded = Reranker.load(tmp_path, write_toy(tmp_path))
    np.testing.assert_allclose(
        loaded.rank(QUESTION, FACTS).facts, model.rank(QUESTION, FACTS).facts, rtol=1e-5
    )


def test_a_file_without_its_part_is_refused(tmp_path: Path) -> None:
    """Not taken for a model that has learned nothing."""
    tuned = write_toy(tmp_path)
    first = {k: v for k, v in toy_tuned().items() if not k.startswith(reranker.OWN)}
    np.savez(tuned, **first)  # pyright: ignore[reportArgumentType]
    with pytest.raises(KeyError):
        Reranker.load(tmp_path, tuned)
