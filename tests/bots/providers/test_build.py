"""Every provider by name: from a bot's YAML to the Pipecat service that it names."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.ai_service import AIService

from bots.errors import ProviderError
from bots.load import load_bot
from bots.local.models import LocalModels
from bots.providers import build
from bots.providers.check import is_installed
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS
from bots.spec import BotSpec, Kind

pytestmark = pytest.mark.unit

NOW = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
ROWS = [row for row in PROVIDERS.values() if not row.runs_here]
REMOTE = [row for row in ROWS if row.env_var or row.base_url_argument or row.url_argument]


def provider_map(row: ProviderEntry, **more: Any) -> dict[str, Any]:
    """What a bot writes for a row, with what it cannot do without."""
    needed: dict[str, Any] = {"provider": row.name}
    if row.needs_voice:
        needed["voice"] = "someone"
    if row.url_argument:
        needed["url"] = "http://localhost:9/speak"
    if row.needs_model:
        needed["model"] = "some-model"
    return needed | more


def load(tmp_path: Path, kind: Kind, provider: dict[str, Any]) -> BotSpec:
    """A bot of one provider, through the loader, with every key set in the environment."""
    path = tmp_path / "bot.yaml"
    turns = PROVIDERS[kind, provider["provider"]].turns
    more = {"turns": "provider"} if turns and turns.is_always else {}
    path.write_text(json.dumps({"prompt": "Hi.", kind: provider, **more}))
    return load_bot(path).spec


def service_of(spec: BotSpec, kind: Kind) -> FrameProcessor:
    """The service that a bot's stage becomes."""
    models = LocalModels()
    if kind == "stt":
        return build.build_stt(spec, models)
    return build.build_llm(spec, models, NOW) if kind == "llm" else build.build_tts(spec, models)


async def close(service: FrameProcessor) -> None:
    """Close the vendor's client: it was never connected."""
    client = getattr(service, "_client", None)
    for name in ("close", "aclose"):
        closing = getattr(client, name, None)
        if inspect.iscoroutinefunction(closing):
            await closing()
            return


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every provider's key, region and file of credentials."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "client_email": "bot@example.test",
        "token_uri": "https://token.test",
        "project_id": "bots",
        "private_key": pem.decode(),
    }
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(account))
    for row in ROWS:
        if row.env_var:
            is_file = row.key_argument == "credentials_path"
            monkeypatch.setenv(row.env_var, str(path) if is_file else "a-key")
        if row.region_env:
            monkeypatch.setenv(row.region_env, "westeurope")


@pytest.mark.parametrize("row", REMOTE, ids=lambda row: f"{row.kind}-{row.name}")
async def test_a_provider_builds_from_yaml(row: ProviderEntry, tmp_path: Path, keys: None) -> None:
    """A name and what it cannot do without are enough: the class, the model, the language."""
    if not is_installed(row.needs_module):
        pytest.skip(row.install_line)
    service = service_of(load(tmp_path, row.kind, provider_map(row)), row.kind)
    settings: Any = cast(Any, service)._settings
    assert type(service).__name__ == row.import_path.partition(":")[2]
    assert row.default_model is None or settings.model == (row.english_model or row.default_model)
    assert not row.needs_model or settings.model == "some-model"
    assert not row.needs_voice or settings.voice == "someone"
    await close(service)


@pytest.mark.parametrize(
    "row",
    [row for row in REMOTE if row.base_url_argument],
    ids=lambda row: f"{row.kind}-{row.name}",
)
async def test_a_provider_listens_elsewhere(row: ProviderEntry, tmp_path: Path, keys: None) -> None:
    """With a `base_url` the service is built for it; where it is used is the emulators' test."""
    if not is_installed(row.needs_module):
        pytest.skip(row.install_line)
    url = f"{row.base_url_schemes[-1]}://localhost:9/there"
    given = provider_map(row, base_url=url, model="some-model")
    service = service_of(load(tmp_path, row.kind, given), row.kind)
    assert isinstance(service, AIService)
    await close(service)


def test_a_missing_key_or_region_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a bot was made without the loader: who, what, and the variable to set."""
    monkeypatch.delenv("AZURE_SPEECH_API_KEY", raising=False)
    monkeypatch.delenv("AZURE_SPEECH_REGION", raising=False)
    row = {"provider": "azure", "voice": "someone"}
    spec = BotSpec.model_validate({"name": "x", "version": "0" * 12, "prompt": "-", "tts": [row]})
    with pytest.raises(ProviderError, match="AZURE_SPEECH_API_KEY"):
        build.build_tts(spec, LocalModels())
    monkeypatch.setenv("AZURE_SPEECH_API_KEY", "a-key")
    with pytest.raises(ProviderError, match="AZURE_SPEECH_REGION"):
        build.build_tts(spec, LocalModels())


def ears(tmp_path: Path, **bot: Any) -> Any:
    """What a bot hears with, in a call."""
    path = tmp_path / "bot.yaml"
    path.write_text(
        json.dumps({"prompt": "Hi.", "tts": {"provider": "elevenlabs", "voice": "nora"}, **bot})
    )
    return build.build_stt(load_bot(path).spec, LocalModels())


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("language", "model", "hints"),
    [("en", "flux-general-en", None), ("fr", "flux-general-multi", ["fr"])],
)
async def test_flux_takes_the_model_of_the_language(
    tmp_path: Path, language: str, model: str, hints: list[str] | None
) -> None:
    """English has a model of its own; the other one is told the language as a hint."""
    service = ears(tmp_path, language=language, stt="deepgram-flux", turns="provider")
    assert (service._settings.model, service._settings.language_hints) == (model, hints)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("speculates", [True, False])
async def test_an_end_is_foretold_where_answers_are_begun_ahead(
    tmp_path: Path, speculates: bool
) -> None:
    """Flux is asked for it, or not, as `speculate` says."""
    turns = {"patience": "provider", "speculate": speculates}
    service = ears(tmp_path, stt="deepgram-flux", turns=turns)
    assert service.eager_end_of_turn_enabled is speculates


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("turns", "tells"), [("normal", False), ("provider", True)])
async def test_assemblyai_tells_turns_when_they_are_left_to_it(
    tmp_path: Path, turns: str, tells: bool
) -> None:
    """Its metadata says so, which is what the end of turn goes by."""
    service = ears(tmp_path, stt="assemblyai", turns=turns)
    assert (service.service_metadata_frame().user_turn_strategies is not None) is tells
