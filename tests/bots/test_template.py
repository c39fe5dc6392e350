"""A new bot loads as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.errors import OffhookError
from bots.load import load_bot
from bots.template import template

pytestmark = pytest.mark.unit


def test_a_new_bot_loads_without_a_key(tmp_path: Path) -> None:
    """It answers a link, knows something and says it has a schema."""
    path = tmp_path / "night-desk.yaml"
    path.write_text(template("night-desk", schema="x/bot.schema.json"), "utf-8")
    spec = load_bot(path, {}).spec
    assert (spec.title, spec.answer.link) == ("Night desk", True)
    assert spec.facts
    assert path.read_text().startswith("# yaml-language-server: $schema=x/bot.schema.json\n")


@pytest.mark.parametrize("name", ["Front", "a b", "", "../x", "-a", "a-", "ä"])
def test_a_name_that_is_no_link_is_refused(name: str) -> None:
    """With the fix."""
    with pytest.raises(OffhookError, match="small letters"):
        template(name)
