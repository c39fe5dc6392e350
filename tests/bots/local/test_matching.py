"""The tuned sentence model beside the other, by a toy of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bots.load import load_bot
from bots.local import matching, reranker, sentences
from bots.local.knowledge import Knowledge
from bots.local.matching import Matched, Matcher, load_matcher, spread
from bots.local.models import LocalModels
from bots.local.question import Asked
from bots.local.reading_store import ReadingStore
from bots.local.recall import Recall
from bots.local.reranker import Reranker
from bots.local.sentences import Sentences
from bots.local.store import WeightStore
from bots.local.told import Told
from server.doctor.bots import check_weights
from server.doctor.finding import State
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.unit

FACTS = ("The shop is open.", "You can park.", "A shop.")
ASKED = (("when do you open", "is the shop open"), (), ("where is the shop",))
KNOWN = Knowledge(FACTS, asked=ASKED)
QUESTION = Asked("Where can I park?")
BOT = "prompt: You keep a shop.\nfacts: [The shop is open.]\n"


class Alike:
    """A sentence model to which all texts are one."""

    def query(self, text: str) -> np.ndarray:
        """The only vector there is."""
        return np.array([1.0])

    def passage(self, texts: list[str]) -> np.ndarray:
        """A row a text."""
        return np.ones((len(texts), 1))


@pytest.fixture
def matcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matcher:
    """The toy."""
    return toy_matcher(tmp_path, monkeypatch)


def toy_matcher(
    folder: Path, monkeypatch: pytest.MonkeyPatch, store: ReadingStore | None = None
) -> Matcher:
    """Both of its stages, loaded from `folder`."""
    monkeypatch.setattr(sentences, "HEADS", HEADS)
    monkeypatch.setattr(reranker, "HEADS", HEADS)
    tuned = write_toy(folder)
    return Matcher(Sentences.load(folder, tuned), Reranker.load(folder, tuned), store)


def matched(matcher: Matcher, known: Knowledge) -> Matched:
    """What is said of a bot that is read."""
    found = matcher.matched(known, QUESTION)
    assert found is not None
    return found


def learn(matcher: Matcher, known: Knowledge) -> int:
    """Read all that is unread; returns how many sets of texts that was."""
    groups = matcher.unread(known)
    for group in groups:
        matcher.read(group)
    return len(groups)


def test_nothing_is_told_until_all_is_read(matcher: Matcher) -> None:
    """Half of a bot's facts would weigh more than the other half."""
    assert matcher.matched(KNOWN, QUESTION) is None
    matcher.read(matcher.unread(KNOWN)[0])
    assert matcher.matched(KNOWN, QUESTION) is None
    learn(matcher, KNOWN)
    assert len(matched(matcher, KNOWN).ranked.facts) == len(FACTS)


def test_questions_under_a_fact_count_for_it_alone(matcher: Matcher) -> None:
    """The fact without any is told the same with and without the others' questions."""
    bare = Knowledge(FACTS)
    learn(matcher, KNOWN)
    learn(matcher, bare)
    with_questions, without = (matched(matcher, one).told.facts for one in (KNOWN, bare))
    assert with_questions[1] == pytest.approx(without[1])
    assert with_questions[0] > without[0]
    assert with_questions[2] > without[2]


def test_the_likeliest_facts_are_read_with_the_question(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no others: a bot may have a hundred. What is said of all are probabilities."""
    monkeypatch.setattr(matching, "MOST_FACTS", 2)
    learn(matcher, KNOWN)
    found = matched(matcher, KNOWN)
    last = int(found.told.facts.argmin())
    assert found.ranked.facts[last] == min(*found.ranked.facts, found.ranked.unknown)
    chances = np.exp([*found.ranked.facts, found.ranked.unknown])
    assert chances.sum() == pytest.approx(1.0, abs=1e-3)


def test_what_was_not_read_is_less_likely_than_what_was() -> None:
    """By a step, and never so unlikely that no other sign could help."""
    found = spread(Told(np.array([4.0, 1.0]), 2.0), np.array([2, 0]), 4)
    total = np.log(np.exp([4, 1, -2, -2, 2]).sum())
    np.testing.assert_allclose(found.facts, np.array([1, -2, 4, -2]) - total, rtol=1e-5)
    assert found.unknown == pytest.approx(2 - total)
    assert spread(Told(np.array([50.0]), 0.0), np.array([0]), 2).facts[1] == matching.LEAST


def test_an_edit_reads_what_is_new(matcher: Matcher) -> None:
    """The questions under the facts that stay are not read again."""
    assert learn(matcher, KNOWN) == 3
    assert learn(matcher, KNOWN) == 0
    assert learn(matcher, Knowledge(FACTS, asked=(ASKED[0], ("is it a park",), ASKED[2]))) == 1


def test_a_bot_in_use_outlasts_those_read_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the bound, what was asked longest ago is forgotten."""
    monkeypatch.setattr(matching, "KEPT", 2)
    monkeypatch.setattr(matching, "SHEETS_KEPT", 1)
    matcher = toy_matcher(tmp_path, monkeypatch)
    used, *others = (Knowledge((fact,)) for fact in FACTS)
    learn(matcher, used)
    for other in others:
        assert matcher.matched(used, QUESTION) is not None
        learn(matcher, other)
        assert matcher.matched(other, QUESTION) is not None
    assert matcher.matched(used, QUESTION) is not None
    assert matcher.matched(others[0], QUESTION) is None


def test_the_next_start_reads_nothing_and_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit; a caller's question is not kept."""
    store = ReadingStore("toy", tmp_path)
    first, second = (toy_matcher(tmp_path, monkeypatch, store) for _ in range(2))
    learn(first, KNOWN)
    expected = matched(first, KNOWN)
    assert len(list(store.root.iterdir())) == 3
    with monkeypatch.context() as reading:
        reading.setattr(Sentences, "read", None)
        learn(second, KNOWN)
    found = matched(second, KNOWN)
    for one, other in ((found.told, expected.told), (found.ranked, expected.ranked)):
        assert (one.facts.tolist(), one.unknown) == (other.facts.tolist(), other.unknown)
    assert len(list(store.root.iterdir())) == 3


def test_other_languages_do_without(matcher: Matcher) -> None:
    """It was tuned on English."""
    spanish = Knowledge(FACTS, "es", asked=ASKED)
    assert learn(matcher, spanish) == 0
    assert matcher.matched(spanish, QUESTION) is None


async def test_recall_asks_it_beside_the_other_model(matcher: Matcher) -> None:
    """Ahead of a call and in it, and at once for those who wait."""
    recall = Recall(Alike(), matcher=matcher)
    try:
        assert (await recall.likeness(KNOWN, QUESTION)).told == ()
        await recall.learn(KNOWN)
        found = await recall.likeness(KNOWN, QUESTION)
        expected = matched(matcher, KNOWN)
        assert found.told == pytest.approx(expected.told.facts.tolist())
        assert found.told_unknown == pytest.approx(expected.told.unknown)
        assert found.ranked == pytest.approx(expected.ranked.facts.tolist())
        assert found.ranked_unknown == pytest.approx(expected.ranked.unknown)
        edited = Knowledge(FACTS[:2])
        assert len(recall.likeness_now(edited, QUESTION).told) == 2
    finally:
        recall.close()


async def test_without_it_nothing_is_told() -> None:
    """Facts are found as before."""
    recall = Recall(Alike())
    try:
        await recall.learn(KNOWN)
        likeness = await recall.likeness(KNOWN, QUESTION)
        assert (list(likeness.facts), likeness.told) == ([1.0, 1.0, 1.0], ())
    finally:
        recall.close()


@pytest.mark.parametrize("is_tuned", [False, True])
def test_what_is_missing_fails_nothing(
    is_tuned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the file of this package nor the weights."""
    monkeypatch.setenv("OFFHOOK_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(matching, "TUNED", write_toy(tmp_path) if is_tuned else tmp_path / "no.npz")
    assert load_matcher() is None


@pytest.mark.parametrize("kept_bytes", [0, 200])
def test_a_damaged_file_of_the_package_fails_nothing(
    kept_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is cut short, or empty: the server starts, and facts are found as without it."""
    tuned = write_toy(tmp_path)
    monkeypatch.setattr(matching.weights, "path", lambda name: tmp_path)
    monkeypatch.setattr(sentences, "HEADS", HEADS)
    monkeypatch.setattr(reranker, "HEADS", HEADS)
    monkeypatch.setattr(matching, "TUNED", tuned)
    assert load_matcher() is not None
    tuned.write_bytes(tuned.read_bytes()[:kept_bytes])
    assert load_matcher() is None


def test_english_bots_with_facts_want_the_weights_and_need_them_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are pulled with the others; the doctor warns of them."""
    monkeypatch.setattr(matching, "TUNED", write_toy(tmp_path))

    def wanted(text: str) -> list[str]:
        path = tmp_path / "bot.yaml"
        path.write_text(text)
        spec = load_bot(path, {}).spec
        models = LocalModels()
        assert "minilm" not in models.needs([spec])
        found = check_weights([spec], WeightStore(tmp_path / "empty"))
        warned = [one for one in found if one.state is State.WARN]
        assert len(warned) == ("minilm" in models.wants(iter([spec])))
        return models.wants([spec])

    assert wanted(BOT)[-1] == "minilm"
    assert "minilm" not in wanted(f"language: es\n{BOT}")
    assert "minilm" not in wanted("prompt: You keep a shop.\n")
    monkeypatch.setattr(matching, "TUNED", tmp_path / "no.npz")
    assert "minilm" not in wanted(BOT)
