"""A bot's `interruption`, from its YAML to what stops it: each key by its effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.floor import build_interruption
from bots.load import load_bot
from bots.text import TextTransport
from processors.floor_terms import Action, Disregard, Take
from tests.fakes.floor_line import Line

pytestmark = pytest.mark.unit


class Deaf:
    """A VAD that hears nothing by itself; the line tells the floor what there is to hear."""

    confidence = 0.0


def line_of(folder: Path, yaml: str) -> Line:
    """The floor of a bot with those lines, with the bot speaking."""
    path = folder / "pirate.yaml"
    path.write_text(f"prompt: You are a pirate.\n{yaml}\n")
    transport = TextTransport(lambda text: None)
    strategy = build_interruption(load_bot(path).spec, transport, Deaf())
    line = Line(strategy._floor)
    line.bot_speaks()
    return line


def said(line: Line, text: str, seconds: float) -> list[Action]:
    """What became of `text` over the bot, said for so long."""
    line.speak(seconds)
    line.hears(text, is_final=True)
    line.let(1.0)
    return line.actions


@pytest.mark.parametrize(
    ("yaml", "text", "seconds", "plain", "turned"),
    [
        ("interruption: never", "Stop.", 0.5, True, False),
        ("interruption: words:3", "Next Saturday.", 1.4, True, False),
        ("interruption: words:3", "Stop.", 0.5, True, True),
        ("interruption: {confirm: 1s}", "I need it on Saturday.", 1.0, True, False),
        ("interruption: {confirm: 200ms}", "Next Saturday.", 0.8, False, True),
        ("interruption: {ignore_backchannels: false}", "Mm-hm.", 0.5, False, True),
        ("language: es", "Espera.", 0.5, False, True),
    ],
)
def test_each_key_moves_what_stops_the_bot(
    tmp_path: Path, yaml: str, text: str, seconds: float, plain: bool, turned: bool
) -> None:
    """The same words, for a bot without the key and for one with it."""
    for lines, stops in (("", plain), (yaml, turned)):
        actions = said(line_of(tmp_path, lines), text, seconds)
        assert any(isinstance(action, Take) for action in actions) is stops, lines


def test_a_bot_has_acknowledgements_of_its_own(tmp_path: Path) -> None:
    """`backchannels` are let pass and told as such; without it they are words."""
    added = 'interruption: {backchannels: ["righty ho"]}'
    (passed,) = (
        action
        for action in said(line_of(tmp_path, added), "Righty ho.", 0.5)
        if isinstance(action, Disregard)
    )
    assert passed.reason == "backchannel"
    actions = said(line_of(tmp_path, ""), "Righty ho.", 0.5)
    assert not any(isinstance(one, Disregard) and one.reason == "backchannel" for one in actions)
