"""A missing key, a wrong one, an unknown model, an unknown voice: told before a call, not in it."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pipecat.utils.errors import ErrorCategory

from bots.errors import ProviderError
from bots.load import load_bot, read_bot
from bots.local.models import LocalModels
from bots.providers.build import build_llm
from bots.providers.offers import Offer, VendorVoice, ask
from bots.providers.online import check_member, problems_online, reach, unfit
from bots.providers.registry import PROVIDERS
from bots.providers.release import release
from bots.providers.vetting import RECHECK_S, Unwell, Vetting
from bots.spec import BotSpec, Kind, ProviderSpec
from emulators.run import EMULATORS
from emulators.server import Emulator
from processors.fallback.failure import Failure, Reason
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import health_key
from tests.fakes.waiting import until

pytestmark = pytest.mark.wire

ROWS: list[tuple[Kind, str, str, str]] = [
    ("stt", "deepgram", "deepgram", "nova-3"),
    ("stt", "deepgram-http", "deepgram", "nova-3-general"),
    ("llm", "cerebras", "cerebras", "gpt-oss-120b"),
    ("llm", "openai", "openai", "gpt-4.1"),
    ("llm", "groq", "groq", "openai/gpt-oss-120b"),
    ("llm", "anthropic", "anthropic", "claude-sonnet-4-6"),
    ("llm", "google", "google", "gemini-2.5-flash"),
    ("tts", "openai", "openai", "gpt-4o-mini-tts"),
    ("tts", "elevenlabs", "elevenlabs", "eleven_flash_v2_5"),
]
VOICED = [("tts", "elevenlabs", "nora-voice-id"), ("tts", "cartesia", "nora-voice-id"),
          ("tts", "openai", "marin")]  # fmt: skip
KEYS = {"GOOD": "a-key", "BAD": "wrong-key"}


@pytest.fixture
async def vendors() -> AsyncIterator[dict[str, Emulator]]:
    """Every vendor, well."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(emulator())
            for name, emulator in EMULATORS.items()
        }


def member(name: str, vendor: Emulator, key: str = "GOOD", **more: Any) -> ProviderSpec:
    """A provider of a bot, at the emulator."""
    return ProviderSpec.model_validate(
        {"provider": name, "base_url": vendor.base_url, "api_key": {"env": key}, **more}
    )


async def said(kind: Kind, spec: ProviderSpec) -> list[str]:
    """The codes of what the vendor says against it."""
    return [one.code for one in await check_member(kind, spec, KEYS)]


@pytest.mark.parametrize(("kind", "name", "vendor", "model"), ROWS)
async def test_a_vendor_is_asked_about_key_and_model(
    kind: Kind, name: str, vendor: str, model: str, vendors: dict[str, Emulator]
) -> None:
    """A good one is silent; a wrong key and an unknown model are told, and no token is spent."""
    there = vendors[vendor]
    assert await said(kind, member(name, there, model=model)) == []
    unknown = "model_unlisted" if name == "openai" else "model_unknown"
    assert await said(kind, member(name, there, model=f"{model}x")) == [unknown]
    assert await said(kind, member(name, there, "BAD", model=model)) == ["key_refused"]
    operations = {asked.operation for asked in there.asked}
    assert operations <= {"models", "voices", "projects"}


@pytest.mark.parametrize(("kind", "name", "voice"), VOICED)
async def test_a_vendor_is_asked_about_the_voice(
    kind: Kind, name: str, voice: str, vendors: dict[str, Emulator]
) -> None:
    """By its id; another is told how to list those there are."""
    there = vendors[name]
    model = {"model": "gpt-4o-mini-tts"} if name == "openai" else {}
    found = await said(kind, member(name, there, voice=voice, **model))
    assert found == []
    if name != "openai":  # at another address its list of voices says nothing
        (one,) = await check_member(kind, member(name, there, voice="unknown", **model), KEYS)
        assert (one.code, one.fix) == (
            "voice_unknown",
            f"`offhook voices {name}` lists those there are.",
        )
        assert await said(kind, member(name, there, "BAD", voice=voice)) == ["key_refused"]


async def test_what_no_list_has_is_looked_up_by_itself(vendors: dict[str, Emulator]) -> None:
    """A voice of the public library speaks though the account does not list it."""
    spec = member("elevenlabs", vendors["elevenlabs"], voice="public-voice-id")
    assert await said("tts", spec) == []


async def test_googles_file_is_read_before_anybody_is_asked(tmp_path: Path) -> None:
    """What is no key of a service account is said to be none; nobody is blamed for it."""
    entry = PROVIDERS["tts", "google"]
    (tmp_path / "key.json").write_text("{}")
    for path in (tmp_path / "key.json", tmp_path / "missing.json"):
        with pytest.raises(ProviderError) as caught:
            await ask(entry, str(path), None, "")
        assert caught.value.category == "authentication"
        assert "GOOGLE_APPLICATION_CREDENTIALS is no key" in caught.value.message


def test_a_name_for_an_id_is_mended_with_the_id() -> None:
    """People know voices by their names."""
    offer = Offer(voices=(VendorVoice("nora-voice-id", "Nora"),))
    (one,) = unfit(
        PROVIDERS["tts", "cartesia"], ProviderSpec(provider="cartesia", voice="nora"), offer
    )
    assert one.fix == "Write its id, `nora-voice-id`."


async def test_who_is_down_is_not_called_wrong(vendors: dict[str, Emulator]) -> None:
    """A refused connection, a 503 and an empty account each say what they are."""
    there = vendors["cerebras"]
    for fault, said_so in (("402", "balance"), ("503", "503"), ("refused", "reached")):
        there.fault(fault)
        (one,) = await check_member("llm", member("cerebras", there), KEYS)
        assert one.code == "provider_unwell"
        assert said_so in f"{one.cause} {one.fix}"
        await there.recover()


async def test_without_a_key_nobody_is_asked() -> None:
    """That is told offline; and who has no way to be asked is let pass."""
    assert await check_member("llm", ProviderSpec(provider="cerebras"), {}) == []
    row = PROVIDERS["tts", "http"]
    assert await ask(row, "key", None, "") is None


async def test_an_sdk_that_is_not_installed_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in an extra, and the bot itself runs without."""

    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert await ask(PROVIDERS["llm", "cerebras"], "key", None, "") is None


def bot(folder: Path, vendors: dict[str, Emulator], **changes: Any) -> Path:
    """A bot of three vendors; `changes` are keys of single providers, by vendor."""

    def one(vendor: str, **more: Any) -> dict[str, Any]:
        place = {"base_url": vendors[vendor].base_url, "api_key": {"env": "GOOD"}}
        return {"provider": vendor, **place, **more, **changes.get(vendor, {})}

    chains = {
        "stt": [one("deepgram")],
        "llm": [one("cerebras"), one("groq")],
        "tts": [one("elevenlabs", voice="nora-voice-id")],
    }
    path = folder / "bot.yaml"
    path.write_text(json.dumps({"prompt": "Hi.", **chains}, indent=1))
    return path


async def test_check_online_points_at_the_line(
    tmp_path: Path, vendors: dict[str, Emulator]
) -> None:
    """File, line and column of the model and of the voice; of the provider for its key."""
    path = bot(
        tmp_path,
        vendors,
        cerebras={"model": "gpt-oss-120"},
        elevenlabs={"voice": "unknown"},
        groq={"api_key": {"env": "BAD"}},
    )
    reading = read_bot(path, KEYS)
    assert reading.bot
    lines = path.read_text().splitlines()
    problems = await problems_online(reading.bot, path, KEYS)
    assert {(one.code, lines[one.line - 1].strip().rstrip(",")) for one in problems} == {
        ("model_unknown", '"model": "gpt-oss-120"'),
        ("voice_unknown", '"voice": "unknown"'),
        ("key_refused", '"env": "BAD"'),
    }
    assert str(problems[0]).endswith("Did you mean `gpt-oss-120b`?")


async def test_a_call_begins_without_whom_its_vendor_refuses(
    tmp_path: Path, vendors: dict[str, Emulator]
) -> None:
    """The next one stands in; a chain with nobody left is no call at all, and says why."""
    spec = load_bot(bot(tmp_path, vendors, cerebras={"model": "gpt-oss-999"}), KEYS).spec
    vetting = Vetting(KEYS)
    assert vetting.fit(spec) == (spec, ())
    await vetting.look(spec)
    fitted, left_out = vetting.fit(spec)
    assert [one.provider for one in fitted.llm] == ["groq"]
    assert [(one.kind, one.member.provider, one.instead.provider) for one in left_out] == [
        ("llm", "cerebras", "groq")
    ]
    mute = load_bot(bot(tmp_path, vendors, elevenlabs={"voice": "unknown"}), KEYS).spec
    await vetting.look(mute)
    with pytest.raises(ProviderError, match="no voice `unknown`") as caught:
        vetting.fit(mute)
    assert (caught.value.stage, caught.value.hint) == (
        "tts",
        "`offhook voices elevenlabs` lists those there are.",
    )


async def test_a_refusal_is_asked_again_behind_a_call(
    tmp_path: Path, vendors: dict[str, Emulator]
) -> None:
    """A key that was mended at its vendor's is good again a minute later, without a restart."""
    now_s = 0.0
    keys = dict(KEYS)
    vetting = Vetting(keys, clock=lambda: now_s)
    spec: BotSpec = load_bot(
        bot(tmp_path, vendors, cerebras={"api_key": {"env": "BAD"}}), KEYS
    ).spec
    await vetting.look(spec)
    keys["BAD"] = "a-good-key"
    assert len(vetting.fit(spec)[0].llm) == 1
    now_s = RECHECK_S
    assert len(vetting.fit(spec)[0].llm) == 1
    await until(lambda: len(vetting.fit(spec)[0].llm) == 2)
    await vetting.close()


async def test_who_does_not_answer_keeps_no_bot_waiting(
    tmp_path: Path, vendors: dict[str, Emulator]
) -> None:
    """A vendor that hangs is asked beside the calls; what it says counts once it answers again."""
    spec = load_bot(bot(tmp_path, vendors, cerebras={"model": "gpt-oss-999"}), KEYS).spec
    vetting = Vetting(KEYS)
    vendors["cerebras"].fault("hang")
    await vetting.look(spec, wait_s=0.01)
    await vetting.look(spec, wait_s=0.01)
    assert vetting.fit(spec)[1] == ()
    await vendors["cerebras"].recover()
    async with asyncio.timeout(30):  # longer than a client waits for one answer
        while len(vetting.fit(spec)[1]) < 1:
            await vetting.look(spec)
    await vetting.close()


async def test_who_could_not_be_reached_is_asked_at_the_next_look(
    tmp_path: Path, vendors: dict[str, Emulator]
) -> None:
    """An outage at boot keeps nobody out."""
    spec = load_bot(bot(tmp_path, vendors, cerebras={"model": "gpt-oss-999"}), KEYS).spec
    vetting = Vetting(KEYS)
    vendors["cerebras"].fault("503")
    await vetting.look(spec)
    assert vetting.fit(spec)[1] == ()
    await vendors["cerebras"].recover()
    await vetting.look(spec)
    assert len(vetting.fit(spec)[1]) == 1


async def test_who_calls_go_round_is_known(tmp_path: Path, vendors: dict[str, Emulator]) -> None:
    """Refused or failing, for the operator's metrics; nobody else is named."""
    spec = load_bot(bot(tmp_path, vendors, cerebras={"model": "gpt-oss-999"}), KEYS).spec
    models = LocalModels()
    models.vetting = Vetting(KEYS)
    assert models.unwell([spec]) == set()
    await models.vetting.look(spec)
    voice = health_key("tts", "elevenlabs", spec.tts[0].base_url)
    models.prober.health.failed(
        voice, time.monotonic(), Failure(Reason.ERROR, ErrorCategory.AUTHENTICATION)
    )
    assert models.unwell([spec]) == {
        Unwell("llm", "cerebras", "model_unknown"),
        Unwell("tts", "elevenlabs", "failing"),
    }
    await models.close()


async def test_an_ill_model_costs_a_token_only_once_its_vendor_is_there(
    tmp_path: Path, vendors: dict[str, Emulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is asked for first, for free; then one token, without the bot's prompt."""
    monkeypatch.setenv("GOOD", KEYS["GOOD"])
    spec = load_bot(bot(tmp_path, vendors), KEYS).spec
    models, there = LocalModels(), vendors["cerebras"]
    chain = build_llm(spec, models, datetime.now(UTC))
    assert isinstance(chain, FallbackLLM)
    probe = chain.members[0].probe
    assert probe is not None
    there.fault("503")
    with pytest.raises(Exception, match="503"):
        await probe()
    assert [asked.operation for asked in there.asked] == ["models"]
    await there.recover()
    await probe()
    assert [asked.operation for asked in there.asked] == ["models", "models", "chat"]
    question = there.asked[-1].body
    assert question["max_completion_tokens"] == 1
    assert spec.prompt not in json.dumps(question)
    await release(member.service for member in chain.members)
    await models.close()


async def test_a_compatible_server_need_not_list_its_models(vendors: dict[str, Emulator]) -> None:
    """It is there all the same; one that is down is not."""
    house = vendors["house"]
    await reach("llm", member("openai", house, model="m"), KEYS)
    house.fault("refused")
    with pytest.raises(Exception, match="connect"):
        await reach("llm", member("openai", house, model="m"), KEYS)
