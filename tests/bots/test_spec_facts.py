"""A fact is a text, or a text with the questions that it answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bots.explain import explain
from bots.load import LoadedBot, load_bot
from bots.local.models import brief
from bots.spec_facts import Fact

pytestmark = pytest.mark.unit

SHOP = """\
prompt: You are the voice of a shop.
facts:
  - The shop is called Corner Goods.
  - fact: Mon-Tue the shop is open until noon
    asked: [When do you close?, "Are you there in the
      morning?"]
  - fact: A broom costs $9.
"""


def shop(folder: Path, text: str = SHOP, name: str = "shop") -> LoadedBot:
    """The bot of a text."""
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return load_bot(path, {})


def test_a_fact_has_the_questions_under_it(tmp_path: Path) -> None:
    """A line alone, and a map without questions, have none."""
    spec = shop(tmp_path).spec
    assert [one.fact for one in spec.facts] == [
        "The shop is called Corner Goods.",
        "Mon-Tue the shop is open until noon",
        "A broom costs $9.",
    ]
    questions = ("When do you close?", "Are you there in the morning?")
    assert [one.asked for one in spec.facts] == [(), questions, ()]


def test_a_brief_keeps_questions_with_their_fact(tmp_path: Path) -> None:
    """However the fact is reshaped; the model's text has none of them."""
    told = brief(shop(tmp_path).spec)
    assert told.facts[1] == "Monday and Tuesday the shop is open until noon."
    assert told.asked == ((), ("When do you close?", "Are you there in the morning?"), ())
    assert "When do you close?" not in str(told.messages())


def test_the_questions_are_part_of_the_version(tmp_path: Path) -> None:
    """So an edit of one is learned before it serves; how a fact is written down is not."""
    plain = SHOP.replace("fact: A broom", "A broom").replace("$9.", "$9.")
    version = shop(tmp_path).spec.version
    assert shop(tmp_path, plain).spec.version == version
    assert shop(tmp_path, SHOP.replace("close?", "shut?")).spec.version != version


def test_a_list_of_facts_replaces_that_of_the_base(tmp_path: Path) -> None:
    """Questions go with their facts: nothing of the base's list is left."""
    shop(tmp_path)
    text = (
        "extends: shop.yaml\nfacts:\n  - fact: A broom costs $9.\n    asked: [What is a broom?]\n"
    )
    bot = shop(tmp_path, text, "other")
    assert bot.spec.facts == (Fact(fact="A broom costs $9.", asked=("What is a broom?",)),)
    assert shop(tmp_path, "extends: shop.yaml\n", "same").spec.facts[1].asked


def test_every_question_is_explained_with_its_origin(tmp_path: Path) -> None:
    """One a line, and what is printed is the same bot."""
    bot = shop(tmp_path)
    text = explain(bot)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "- The shop is called Corner Goods. # shop.yaml:3" in lines
    assert "- fact: Mon-Tue the shop is open until noon # shop.yaml:4" in lines
    assert "- When do you close? # shop.yaml:5" in lines
    assert str(bot.origins["facts.1.asked.1"]) == "shop.yaml:5"
    (tmp_path / "copy").mkdir()
    assert shop(tmp_path / "copy", text).spec == bot.spec


def test_python_code_writes_a_fact_as_yaml_does() -> None:
    """A text is a fact; what is neither a text nor a fact is refused."""
    assert Fact.model_validate("It is so.") == Fact(fact="It is so.")
    for wrong in (1, None, ["It is so."], {"so": "it is"}, {"fact": "It is so.", "asked": []}):
        with pytest.raises(ValidationError):
            Fact.model_validate(wrong)
