"""The parts of a spec as Python code builds them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bots.durations import seconds
from bots.spec import BotSpec, LimitsSpec, ProcessorSpec, ProviderSpec, SecretRef

pytestmark = pytest.mark.unit


def spec(**changes: object) -> BotSpec:
    """A small bot."""
    content = {"name": "pirate", "version": "0" * 12, "prompt": "You are a pirate."}
    return BotSpec.model_validate(content | changes)


@pytest.mark.parametrize(
    ("text", "length_s"), [("1500ms", 1.5), ("8s", 8), ("10m", 600), ("1h", 3600), ("0.5s", 0.5)]
)
def test_a_duration_is_a_number_with_its_unit(text: str, length_s: float) -> None:
    """Milliseconds to hours, decimals too."""
    assert seconds(text) == pytest.approx(length_s)
    assert LimitsSpec(duration=text).duration_s == pytest.approx(length_s)


@pytest.mark.parametrize("value", [10, 1.5, "10", "ten minutes", "0s", "25h", "-5s", True, "5 m"])
def test_a_duration_without_a_unit_is_refused(value: object) -> None:
    """So is one that is nothing, too long or no duration at all."""
    with pytest.raises(ValidationError):
        LimitsSpec.model_validate({"duration": value})


def test_a_spec_is_frozen() -> None:
    """A session keeps what it began with."""
    with pytest.raises(ValidationError):
        spec().prompt = "You are a parrot."  # pyright: ignore[reportAttributeAccessIssue]


def test_a_secret_is_a_name_until_it_is_read() -> None:
    """The value is in the environment, never in the spec or its text."""
    secret = SecretRef(env="SHOP_KEY")
    assert secret.read({"SHOP_KEY": "s3cret"}) == "s3cret"
    assert secret.read({}) == ""
    assert "s3cret" not in repr(spec(stt=(ProviderSpec(provider="deepgram", api_key=secret),)))


def test_a_bot_on_a_transport_is_its_own_spec() -> None:
    """A transport without overrides has the bot itself."""
    there = spec(prompt="You are a short pirate.")
    bot = spec(via={"websocket": there})
    assert bot.for_transport("websocket") is there
    assert bot.for_transport("webrtc") is bot


def test_the_opening_is_in_the_bots_language() -> None:
    """A greeting for another language is not spoken."""
    bot = spec(greeting={"en": "Ahoy", "es": "Hola"})
    assert bot.opening() == "Ahoy"
    assert bot.model_copy(update={"language": ("es",)}).opening() == "Hola"
    assert spec().opening() is None


def test_a_provider_says_itself_in_a_word() -> None:
    """As its short form in YAML."""
    assert str(ProviderSpec(provider="local")) == "local"
    assert str(ProviderSpec(provider="deepgram", model="nova-3")) == "deepgram/nova-3"


@pytest.mark.parametrize("places", [{}, {"before": "stt", "after": "llm"}])
def test_a_processor_stands_at_one_place(places: dict[str, str]) -> None:
    """Neither nowhere nor at two."""
    with pytest.raises(ValidationError):
        ProcessorSpec.model_validate({"use": "a.b:C", **places})
