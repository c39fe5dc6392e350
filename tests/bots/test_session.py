"""One call, first frame to record: real pipeline, emulated brain, fake ears and voice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from pipecat.transports.base_transport import BaseTransport

from bots import closing
from bots import session as session_module
from bots.errors import ProviderError
from bots.providers.vetting import Vetting
from bots.record import EndReason, SessionEvent
from bots.session import BotSession
from bots.spec import BotSpec, LimitsSpec, ProviderSpec, SecretRef
from bots.spec_interruption import InterruptionSpec
from bots.spec_quiet import QuietStep
from bots.text import TextTransport
from bots.wav import WavTransport
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from tests.fakes.models import FakeModels
from tests.fakes.waiting import PATIENCE_S, until

pytestmark = pytest.mark.call

HELLO = "Hello, this is the test bot."


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of a call, scaled down."""
    for name, seconds in (
        ("READY_GRACE_S", 0.05),
        ("CONNECT_TIMEOUT_S", 0.3),
    ):
        monkeypatch.setattr(session_module, name, seconds)
    monkeypatch.setattr(closing, "CLOSE_TIMEOUT_S", 6.0)


@pytest.fixture
async def brain() -> AsyncIterator[OpenAIEmulator]:
    """An OpenAI-compatible server that answers "It is ten past nine."."""
    script = Script(replies=[Reply(text="It is ten past nine.")] * 8)
    async with OpenAIEmulator(script=script) as emulator:
        yield emulator


def make_spec(brain: OpenAIEmulator, **changes: Any) -> BotSpec:
    """A bot with that brain."""
    local = ProviderSpec(provider="local")
    llm = ProviderSpec(provider="openai", base_url=brain.base_url, model="gpt-4.1")
    fields = {"greeting": {"en": HELLO}, "stt": (local,), "llm": (llm,), "tts": (local,), **changes}
    return BotSpec(name="test", version="0" * 12, prompt="You tell the time.", **fields)


class Call:
    """A running session and all it told."""

    def __init__(
        self, spec: BotSpec, transport: BaseTransport, vetting: Vetting | None = None
    ) -> None:
        self.models = FakeModels()
        self.models.vetting = vetting or self.models.vetting
        self.events: list[SessionEvent] = []
        self.session = BotSession(
            session_id="s1",
            spec=spec,
            transport=transport,
            transport_name="test",
            models=self.models,
            on_event=self.events.append,
        )
        self.running = asyncio.create_task(self.session.run())

    async def ended(self) -> Any:
        """Its record."""
        return await asyncio.wait_for(self.running, PATIENCE_S)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The data of its events of a kind."""
        return [event.data for event in self.events if event.kind == kind]


async def test_a_caller_is_greeted_once_answered_and_recorded(brain: OpenAIEmulator) -> None:
    """Greeting, a spoken question, its answer, a hang-up: all in the record, no words in it."""
    transport = WavTransport()
    call = Call(make_spec(brain), transport)
    await until(lambda: "test bot" in call.models.spoken)
    await until(lambda: transport.last_heard_s > 0)
    transport.say(np.full(8000, 3000, np.int16))
    await until(lambda: bool(call.told("turn")))
    assert "ten past nine" in call.models.spoken
    await transport.hang_up()
    record = await call.ended()
    assert record.end_reason == "caller_hung_up"
    assert record.connected_at and record.ended_at and record.greeted_ms
    (turn,) = record.turns
    assert turn.latency_ms == pytest.approx(sum(turn.stages_ms.values()), abs=1)
    assert call.models.spoken.count("test bot") == 1
    assert "nine" not in str(record.as_dict())
    assert [event.kind for event in call.events][:2] == ["connected", "greeted"]


async def test_a_typed_question_is_answered(brain: OpenAIEmulator) -> None:
    """Without a voice the same pipeline answers in text."""
    shown: list[str] = []
    transport = TextTransport(shown.append)
    call = Call(make_spec(brain, greeting=None), transport)
    await transport.is_connected.wait()
    await asyncio.wait_for(transport.ask("What time is it?"), 10)
    await transport.hang_up()
    await call.ended()
    assert "ten past nine" in "".join(shown)
    assert call.models.spoken == ""


async def test_a_quiet_caller_is_asked_and_then_let_go(brain: OpenAIEmulator) -> None:
    """The bot asks once, says goodbye, hangs up for a reason of its own; words are counted."""
    steps = (
        QuietStep(after="1s", say={"en": "Are you still there?"}),
        QuietStep(after="2s", say={"en": "Goodbye."}, do="hang_up"),
    )
    call = Call(make_spec(brain, caller_quiet=steps), WavTransport())
    record = await call.ended()
    assert call.models.spoken.count("still there") == call.models.spoken.count("Goodbye") == 1
    assert record.end_reason == "caller_quiet"
    # The greeting's six, and those after it.
    assert record.words_generated == record.words_heard == 6 + 4 + 1


async def test_what_may_not_be_interrupted_is_heard_whole_and_the_caller_answered_after(
    brain: OpenAIEmulator,
) -> None:
    """A protected greeting and a bot of `mode: never`, beside one that is cut off by the same."""
    notice = {"en": "Hello, this is the test bot, and this call is being recorded from now on."}
    chance = np.random.default_rng(0)
    syllables = np.repeat(chance.uniform(0.2, 1.0, 16), 1600)  # of 0.1 s: nobody's echo
    said = np.zeros(16_000 + len(syllables), np.int16)
    said[16_000:] = syllables * chance.normal(0, 3000, len(syllables))

    async def over_the_greeting(manners: InterruptionSpec) -> Any:
        transport = WavTransport()
        call = Call(make_spec(brain, greeting=notice, interruption=manners), transport)
        await until(lambda: transport.last_heard_s > 0)
        transport.say(said)
        await until(lambda: "ten past nine" in call.models.spoken)
        await transport.hang_up()
        return await call.ended()

    manners = [
        InterruptionSpec(),
        InterruptionSpec(protect=("greeting",)),
        InterruptionSpec(mode="never"),
    ]
    plain, protected, never = await asyncio.gather(*map(over_the_greeting, manners))
    assert plain.floor["interruption"] == 1 and plain.words_heard < 15
    for record in (protected, never):
        assert "interruption" not in record.floor and "duck" not in record.floor
        assert record.words_heard >= 15


@pytest.mark.parametrize("fault", ["500", "drop"])
async def test_a_failed_answer_is_apologised_for(brain: OpenAIEmulator, fault: str) -> None:
    """The brain fails: the caller hears so, the record has the category, the call goes on."""
    transport = WavTransport()
    call = Call(make_spec(brain, greeting=None), transport)
    await until(lambda: bool(call.told("connected")))
    brain.fault(fault)
    transport.say(np.full(8000, 3000, np.int16))
    await until(lambda: "lost my thread" in call.models.spoken)
    assert not call.running.done()
    await transport.hang_up()
    record = await call.ended()
    assert record.errors and all(error.startswith("llm:") for error in record.errors)
    assert call.told("error")[0]["stage"] == "llm"


async def test_a_refused_key_ends_the_call_at_once(brain: OpenAIEmulator) -> None:
    """A provider that will never answer is not asked again and again."""
    transport = WavTransport()
    call = Call(make_spec(brain, greeting=None), transport)
    await until(lambda: bool(call.told("connected")))
    brain.fault("401")
    transport.say(np.full(8000, 3000, np.int16))
    record = await call.ended()
    assert (record.end_reason, record.errors[0]) == ("failed_to_start", "llm:authentication")


async def test_the_time_limit_says_goodbye(brain: OpenAIEmulator) -> None:
    """At `limits.duration` the bot says so and hangs up."""
    spec = make_spec(brain, limits=LimitsSpec(duration="1s"))
    call = Call(spec, WavTransport())
    record = await call.ended()
    assert (record.end_reason, record.is_abandoned) == ("duration_limit", False)
    assert "our time is up" in call.models.spoken


async def test_a_call_nobody_joins_ends(brain: OpenAIEmulator) -> None:
    """A token that is spent and then left alone holds no place for long."""

    class Deaf(TextTransport):
        async def connected(self) -> None:
            """Nobody comes."""

    record = await Call(make_spec(brain), Deaf(lambda text: None)).ended()
    assert (record.end_reason, record.connected_at) == ("never_connected", None)


@pytest.mark.parametrize("reason", ["operator", "drain", "connection_lost"])
async def test_stop_gives_its_reason(brain: OpenAIEmulator, reason: str) -> None:
    """Whoever ends a call is named in its record."""
    call = Call(make_spec(brain), WavTransport())
    await until(lambda: bool(call.told("connected")))
    await call.session.stop(reason)
    await call.session.stop("caller_hung_up")
    record = await call.ended()
    assert (record.end_reason, record.is_abandoned) == (reason, False)
    assert call.told("ended") == [{"reason": reason}]


async def test_a_call_that_its_vendor_refuses_does_not_begin(brain: OpenAIEmulator) -> None:
    """Nobody picks up and then falls silent: the session fails at its start and says why."""
    key = SecretRef(env="WRONG")
    refused = ProviderSpec(provider="openai", base_url=brain.base_url, model="gpt-4.1", api_key=key)
    spec, vetting = make_spec(brain, llm=(refused,)), Vetting({"WRONG": "wrong"})
    await vetting.look(spec)
    call = Call(spec, WavTransport(), vetting)
    with pytest.raises(ProviderError, match="refuses the key in WRONG"):
        await call.ended()
    assert call.session.record.end_reason == EndReason.FAILED_TO_START


async def test_a_member_that_its_vendor_refuses_is_left_out(brain: OpenAIEmulator) -> None:
    """The call begins with the next one, and the switch is on record."""
    key = SecretRef(env="WRONG")
    refused, good = (
        ProviderSpec(provider="openai", base_url=brain.base_url, model="gpt-4.1", api_key=one)
        for one in (key, None)
    )
    spec, vetting = make_spec(brain, llm=(refused, good)), Vetting({"WRONG": "wrong"})
    await vetting.look(spec)
    call = Call(spec, WavTransport(), vetting)
    await until(lambda: bool(call.session.record.switches))
    await call.session.stop("operator")
    record = await call.ended()
    assert call.session.spec.llm == (good,)
    assert [(one.stage, one.from_name, one.to_name) for one in record.switches] == [
        ("llm", "openai/gpt-4.1", "openai/gpt-4.1")
    ]
