"""What is rehearsed: each member with somebody behind it, in every way, and everybody at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.load import load_bot
from bots.spec import BotSpec
from emulators.faults import FaultKind
from server.rehearsal.cast import KEY_VARIABLE, cast
from server.rehearsal.plan import Case, plan

pytestmark = pytest.mark.unit

BOT = """\
prompt: You are brief.
stt: local
llm: [cerebras, google, local]
tts:
  - {provider: http, url: "http://house.local/say", settings: {fields: {mood: calm}}}
  - {provider: cartesia, voice: nora}
"""
KEYS = {"CEREBRAS_API_KEY": "k", "GOOGLE_API_KEY": "k", "CARTESIA_API_KEY": "k"}


@pytest.fixture
def spec(tmp_path: Path) -> BotSpec:
    """Chains of one, three and two members."""
    path = tmp_path / "brief.yaml"
    path.write_text(BOT)
    return load_bot(path, KEYS).spec


def failing(case: Case) -> list[tuple[int, str]]:
    return [(role.number, outage.name) for role, outage in case.failing]


def test_a_member_is_reached_with_those_before_it_down(spec: BotSpec) -> None:
    """The second model fails in its own way when the first is down already."""
    cases = list(plan(cast(spec), only=["llm"], faults=[FaultKind.STALL]))
    assert [failing(case) for case in cases] == [
        [(0, "stall before")],
        [(0, "stall mid")],
        [(0, "503 before"), (1, "stall before")],
        [(0, "503 before"), (1, "stall mid")],
    ]
    assert all(case.has_backup for case in cases)


def test_each_kind_ends_with_nobody_left(spec: BotSpec) -> None:
    """The last of a chain has no backup; a chain of one is that case alone."""
    cases = [one for one in plan(cast(spec)) if not one.has_backup]
    assert [(case.kind, case.member) for case in cases] == [
        ("stt", "local/whisper-tiny.en"),
        ("llm", "all of them"),
        ("tts", "all of them"),
    ]
    assert [len(case.failing) for case in cases] == [1, 3, 2]


def test_every_fault_is_rehearsed(spec: BotSpec) -> None:
    """All of the vocabulary, and what a stream can do in its middle once more."""
    kinds = [
        case.failing[-1][1].kind
        for case in plan(cast(spec), only=["llm"])
        if case.has_backup and len(case.failing) == 1
    ]
    assert set(kinds) == set(FaultKind)
    assert len(kinds) == len(FaultKind) + 3


def test_a_provider_without_an_emulator_has_a_stand_in(spec: BotSpec) -> None:
    """It can take over and is not made to fail; the others keep their own vendor."""
    roles = cast(spec)
    assert [role.is_played for role in roles["llm"]] == [True, True, False]
    assert roles["llm"][2].provider.provider == "openai"
    assert all(len(case.failing) < 3 for case in plan(roles, only=["llm"]) if case.has_backup)


def test_a_rehearsed_member_has_a_key_of_its_own_and_no_private_fields(spec: BotSpec) -> None:
    """No real key reaches an emulator, nor the fields that only the real house knows."""
    house = cast(spec)["tts"][0].provider
    assert house.api_key is not None and house.api_key.env == KEY_VARIABLE
    assert house.settings == {}
