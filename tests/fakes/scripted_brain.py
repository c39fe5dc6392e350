"""Brains that say what a test wrote down: emulated OpenAI models beside a synchronous test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from emulators.openai import OpenAIEmulator
from emulators.script import Reply
from tests.fakes.emulated import beside


@contextmanager
def scripted_brains(*scripts: Sequence[str]) -> Iterator[list[OpenAIEmulator]]:
    """A model for each script, which answers its texts in their order."""
    brains = [OpenAIEmulator() for _ in scripts]
    for brain, texts in zip(brains, scripts, strict=True):
        brain.script.replies = [Reply(text=text) for text in texts]
    with beside(brains):
        yield brains


def write_bot(folder: Path, name: str, brain: OpenAIEmulator) -> None:
    """A bot for anybody, with local ears and voice, that `brain` thinks for."""
    (folder / f"{name}.yaml").write_text(
        f"greeting: Welcome to the {name}.\n"
        f"prompt: You are the {name}.\n"
        f"llm: {{provider: openai, model: gpt-4.1, base_url: '{brain.base_url}'}}\n"
        "answer: {link: true}\n"
    )
