"""A whole call in which the question is matched with the facts by sense, and no model is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from bots.load import load_bot
from bots.local.llama import LlamaServer
from bots.local.recall import Recall
from bots.spec import BotSpec
from bots.talk import talk_text
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.call

BOT = """
prompt: You are Mara, the guide of a museum.
facts:
  - On Saturday the museum is open from ten to six.
  - A ticket costs eleven euros.
  - Dogs must wait outside.
"""


class Animals:
    """A sentence model to which a puppy is a dog, and all else is alike."""

    def query(self, text: str) -> np.ndarray:
        """One axis for dogs, one for the rest."""
        is_dog = any(word in text.lower() for word in ("puppy", "dog"))
        return np.array([1.0, 0.0]) if is_dog else np.array([0.0, 1.0])

    def passage(self, texts: Sequence[str]) -> np.ndarray:
        """A row a text."""
        return np.array([self.query(text) for text in texts])


class UnaskedModels(FakeModels):
    """Models of which the brain never started: what needs it would end in an apology."""

    def __init__(self) -> None:
        super().__init__()
        self.sense = Recall(Animals())

    def brain(self, spec: BotSpec) -> LlamaServer:
        """A server without a child."""
        return LlamaServer(Path("no.gguf"))

    def recall(self) -> Recall:
        """The sense of animals."""
        return self.sense


async def lines(*texts: str) -> AsyncIterator[str]:
    """A caller's words."""
    for text in texts:
        yield text


async def test_facts_answer_a_call_word_for_word(tmp_path: Path) -> None:
    """By sense, by day and follow-up, by price; and what they are silent on is not made up."""
    path = tmp_path / "museum.yaml"
    path.write_text(BOT)
    models = UnaskedModels()
    shown: list[str] = []
    try:
        await talk_text(
            load_bot(path).spec,
            models,
            lines(
                "May my puppy come in?",
                "How much is a ticket?",
                "How long does the ticket take?",
                "When do you open on Saturday?",
                "Until what time?",
            ),
            shown.append,
        )
    finally:
        models.sense.close()
    answers = "".join(shown).strip().split("\n")
    assert [answer.strip() for answer in answers] == [
        "Dogs must wait outside.",
        "A ticket costs eleven euros.",
        "I do not know that, but I can find out for you.",
        "On Saturday the museum is open from ten to six.",
        "On Saturday the museum is open from ten to six.",
    ]
