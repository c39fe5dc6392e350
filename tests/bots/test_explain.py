"""An explained bot is the bot, with every default and where each value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.explain import explain
from bots.load import load_bot

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent.parent
SHIPPED = sorted((ROOT / "configs/bots").glob("*.yaml"))


def line_of(text: str, start: str) -> str:
    """The line that begins like this, with its spaces made one."""
    return next(" ".join(line.split()) for line in text.splitlines() if line.startswith(start))


def test_every_value_has_its_origin(tmp_path: Path) -> None:
    """A base's line, the bot's own, an override's, or `default`."""
    (tmp_path / "base.yaml").write_text("title: House\nlimits: {duration: 5m}\n")
    path = tmp_path / "pirate.yaml"
    path.write_text(
        "extends: base.yaml\nprompt: Hi\nllm: local\n"
        "via:\n  websocket:\n    language: es\n"
        "processors:\n  - use: 'tests.fakes.gain:Gain'\n    after: tts\n    with: {factor: 2}\n"
    )
    text = explain(load_bot(path, {}))
    assert line_of(text, "title:") == "title: House # base.yaml:1"
    assert line_of(text, "  duration:") == 'duration: "5m" # base.yaml:2'
    assert line_of(text, "prompt:") == "prompt: Hi # pirate.yaml:2"
    assert line_of(text, "    model: hibari") == "model: hibari # default"
    assert line_of(text, "      - es") == "- es # pirate.yaml:6"
    assert line_of(text, "    with:") == 'with: {"factor": 2} # pirate.yaml:10'


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.stem)
def test_an_explained_bot_is_the_same_bot(shipped: Path, tmp_path: Path) -> None:
    """Its text, loaded again, has the same version."""
    bot = load_bot(shipped, {})
    copy = tmp_path / shipped.name
    copy.write_text(explain(bot), "utf-8")
    assert load_bot(copy, {}).spec.version == bot.spec.version


PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], include_characters="\n")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=st.text(alphabet=PRINTABLE, min_size=1, max_size=60).filter(str.strip))
def test_any_prompt_survives(tmp_path: Path, prompt: str) -> None:
    """Whatever its quotes, colons, hashes, lines and spaces."""
    path = tmp_path / "pirate.yaml"
    (tmp_path / "prompt.md").write_text(prompt, "utf-8", newline="\n")
    path.write_text("prompt: {file: prompt.md}\n")
    bot = load_bot(path, {})
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(explain(bot), "utf-8")
    assert load_bot(copy, {}).spec == bot.spec
