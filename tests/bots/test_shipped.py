"""The bots that ship: each holds with no key, answers a link and has something to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.across import check_paths
from bots.load import load_bot
from bots.local.lookup import knowledge_of
from bots.local.match import find_match
from bots.local.models import brief, voice_entry
from bots.local.question import Asked, Likeness
from bots.spec import KINDS

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).parent.parent.parent / "configs/bots"
EXAMPLE = FOLDER.parent / "examples/three-vendors.yaml"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def test_the_shipped_bots_hold_together() -> None:
    """With no key in the environment; the receptionist and at least two others."""
    assert check_paths([FOLDER], {}) == []
    assert "receptionist" in NAMES
    assert len(NAMES) >= 3


def test_the_example_of_cloud_chains_holds() -> None:
    """With its vendors' keys: three vendors, and others behind each of them."""
    vendors = ("DEEPGRAM", "CEREBRAS", "GOOGLE", "ANTHROPIC", "OPENAI", "ELEVENLABS", "CARTESIA")
    spec = load_bot(EXAMPLE, {f"{vendor}_API_KEY": "a-key" for vendor in vendors}).spec
    assert [one.provider for kind in KINDS for one in spec.chain(kind)] == [
        *("deepgram", "deepgram-http"),
        *("cerebras", "google", "anthropic", "openai"),
        *("elevenlabs", "cartesia", "http"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_bot_is_local_and_reachable(name: str) -> None:
    """No provider of it needs a key, anybody with the link may call, and it greets."""
    path = FOLDER / f"{name}.yaml"
    spec = load_bot(path, {}).spec
    assert {one.provider for kind in KINDS for one in spec.chain(kind)} == {"local"}
    # Nor does its voice need the GPL extra or weights of doubtful licence: others may ship it.
    assert voice_entry(spec).engine == "hibari"
    assert spec.answer.link
    assert spec.opening()
    assert spec.title
    assert spec.description
    assert path.read_text().startswith("# yaml-language-server: $schema=../bot.schema.json\n")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "storyteller"])
def test_a_business_says_its_hours_of_every_weekday(name: str) -> None:
    """One line a weekday, as a small model reads it best."""
    facts = load_bot(FOLDER / f"{name}.yaml", {}).spec.facts
    for day in WEEKDAYS:
        assert sum(one.fact.startswith(f"On {day} the ") for one in facts) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name != "storyteller"])
def test_every_fact_of_a_business_is_found_by_its_questions(name: str) -> None:
    """Asked word for word, each question gets its fact, with no model of any kind."""
    told = brief(load_bot(FOLDER / f"{name}.yaml", {}).spec)
    known = knowledge_of(told)
    for fact, questions in zip(told.facts, told.asked, strict=True):
        assert len(questions) >= 3
        for question in questions:
            match = find_match(known, Asked(question), Likeness())
            assert (match.facts, match.is_sure) == ((fact,), True)
