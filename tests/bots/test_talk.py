"""A call without a server, typed or from samples."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bots.record import SessionRecord
from bots.session import BotSession
from bots.spec import BotSpec, ProviderSpec
from bots.talk import talk_text
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.call


async def lines(*typed: str, then: asyncio.Event | None = None) -> AsyncIterator[str]:
    """What is typed, and then nothing any more until `then`."""
    for line in typed:
        yield line
    if then is not None:
        await then.wait()


@pytest.fixture
async def spec() -> AsyncIterator[BotSpec]:
    """A bot whose brain says "It is ten past nine."."""
    local = (ProviderSpec(provider="local"),)
    async with OpenAIEmulator(script=Script(replies=[Reply(text="It is ten past nine.")])) as brain:
        llm = ProviderSpec(provider="openai", base_url=brain.base_url, model="gpt-4.1")
        yield BotSpec(
            name="test",
            version="0" * 12,
            prompt="You tell the time.",
            greeting={"en": "Hello."},
            stt=local,
            llm=(llm,),
            tts=local,
        )


async def test_lines_are_answered_and_the_end_of_them_hangs_up(spec: BotSpec) -> None:
    """The greeting is shown, each line is answered, and the record says who ended the call."""
    shown: list[str] = []
    record = await talk_text(spec, FakeModels(), lines("What time is it?"), shown.append)
    assert "".join(shown).split("\n")[:2] == ["Hello.", "It is ten past nine. "]
    assert record.end_reason == "caller_hung_up"
    assert not record.is_abandoned


async def test_a_talk_that_is_stopped_closes_its_call(
    spec: BotSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a line is awaited: the call is closed in order before the talk is over."""
    records: list[SessionRecord] = []
    run = BotSession.run

    async def noted(session: BotSession) -> SessionRecord:
        records.append(await run(session))
        return records[-1]

    monkeypatch.setattr(BotSession, "run", noted)
    asked = asyncio.Event()
    awaited = lines("What time is it?", then=asyncio.Event())
    talk = asyncio.create_task(
        talk_text(spec, FakeModels(), awaited, lambda text: asked.set() if "nine" in text else None)
    )
    await asyncio.wait_for(asked.wait(), 15)
    talk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(talk, 15)
    assert [(record.end_reason, record.is_abandoned) for record in records] == [
        ("caller_hung_up", False)
    ]
