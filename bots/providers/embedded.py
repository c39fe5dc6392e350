"""What the `local` provider has: its models, the languages each knows, and its voices.

The names are those of `bots.local.weights`; hibari brings its weights in its own package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bots.spec import Kind


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model of the embedded default."""

    name: str
    voices: Mapping[str, tuple[str, ...]] | None = None
    """Language -> voices, the first of them the default; None for ears and brains."""
    languages: frozenset[str] | None = None
    """The languages it knows; None is every one."""
    phonemized: frozenset[str] = frozenset()
    """The languages whose phonemes come from piper-tts, the `voices` extra."""


def _voice(
    name: str, voices: Mapping[str, tuple[str, ...]], phonemized: frozenset[str] = frozenset()
) -> LocalModel:
    return LocalModel(name, voices, frozenset(voices), phonemized)


LOCAL_MODELS: dict[Kind, dict[str, LocalModel]] = {
    "stt": {
        model.name: model
        for model in (
            LocalModel("whisper-tiny.en", languages=frozenset({"en"})),
            LocalModel("whisper-base"),
        )
    },
    "llm": {
        model.name: model for model in (LocalModel("qwen2.5-1.5b"), LocalModel("qwen2.5-0.5b"))
    },
    "tts": {
        model.name: model
        for model in (
            _voice("hibari", {"en": ("heart",)}),
            _voice("piper-joe", {"en": ("joe",)}, frozenset({"en"})),
            _voice(
                "kokoro",
                {
                    "en": ("af_heart", "af_bella", "am_michael", "bf_emma", "bm_george"),
                    "es": ("ef_dora", "em_alex"),
                    "fr": ("ff_siwis",),
                    "it": ("if_sara", "im_nicola"),
                    "pt": ("pf_dora", "pm_alex"),
                },
                frozenset({"es", "fr", "it", "pt"}),
            ),
        )
    },
}


def default_model(kind: Kind, language: str) -> str | None:
    """The first local model that knows the language; None for the brain, which is chosen for the
    machine, and for a language without a local voice."""
    if kind == "llm":
        return None
    for model in LOCAL_MODELS[kind].values():
        if model.languages is None or language in model.languages:
            return model.name
    return None


def default_voice(model: str, language: str) -> str | None:
    """The voice a local model speaks a language with, or None when it does not speak it."""
    known = LOCAL_MODELS["tts"].get(model)
    voices = (known.voices or {}).get(language) if known else None
    return voices[0] if voices else None


def spoken_languages() -> list[str]:
    """The languages that have a local voice."""
    models = LOCAL_MODELS["tts"].values()
    return sorted({language for model in models for language in model.languages or ()})


def is_model_file(model: str) -> bool:
    """Whether a local llm's model is a path to a GGUF file rather than a name."""
    return model.lower().endswith(".gguf") or len(PurePath(model).parts) > 1
