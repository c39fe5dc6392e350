"""The models that run on this machine under their own names: whisper, parakeet, kokoro and so on.

`local` picks a model for the language and the machine; these are picked by the bot. Each is loaded
once a process by `bots.local.models` and shared by its calls, as `local`'s are. Weights that
Offhook knows by hash have names and are fetched by `offhook models pull`; any other is a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bots.complaint import Complaint
from bots.languages import LANGUAGES
from bots.providers.embedded import LOCAL_MODELS
from bots.spec import Kind, ProviderSpec
from bots.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Engine:
    """What one of them takes as its `model` and where that is to be had."""

    wanted: str
    """What a path names, for people."""
    fetch: str
    """The fix when it is not there."""
    files: tuple[str, ...] = ()
    """Globs that a folder has to satisfy; empty means that the path is a file."""
    suffix: str = ""
    """How the path of a file ends."""
    pinned: Mapping[str, str] = field(default_factory=dict)
    """Model -> the weights of that name in `bots.local.pinned`, the default one first."""
    has_voices: bool = False
    """Whether a model has several voices, named by `voice`."""


ENGINES: Mapping[tuple[Kind, str], Engine] = {
    ("stt", "whisper"): Engine(
        wanted="a folder with a Whisper model for CTranslate2",
        fetch="`hf download Systran/faster-whisper-small --local-dir models/whisper-small` makes "
        "one; `base` and `tiny.en` need no path.",
        files=("model.bin", "config.json"),
        pinned={"tiny.en": "whisper-tiny.en", "base": "whisper-base"},
    ),
    ("stt", "parakeet"): Engine(
        wanted="a folder with a Parakeet model in ONNX",
        fetch="`hf download istupakov/parakeet-tdt-0.6b-v3-onnx --local-dir "
        "models/parakeet-tdt-0.6b-v3` makes one.",
        files=("*.onnx", "vocab.txt"),
    ),
    ("stt", "moonshine"): Engine(
        wanted="a folder with a Moonshine model, named as in its download",
        fetch="`python -m moonshine_voice.download --language en` fetches one and prints where.",
        files=("*.ort", "tokenizer.bin"),
    ),
    ("tts", "kokoro"): Engine(
        wanted="a folder with a Kokoro model in ONNX and `voices/`",
        fetch="Leave `model` out: `offhook models pull kokoro` has it.",
        files=("*.onnx", "voices/*.bin"),
        pinned={"kokoro": "kokoro"},
        has_voices=True,
    ),
    ("tts", "piper"): Engine(
        wanted="the .onnx file of a Piper voice, its .onnx.json beside it",
        fetch="`python -m piper.download_voices en_US-ryan-high` fetches one; `joe` needs no path.",
        suffix=".onnx",
        pinned={"joe": "piper-joe"},
    ),
    ("tts", "silero"): Engine(
        wanted="the .pt file of a Silero voice model",
        fetch="models.silero.ai/models/tts has them, as in `en/v3_en.pt`; mind their licences.",
        suffix=".pt",
        has_voices=True,
    ),
}

_KOKORO_LANGUAGES = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "p": "pt"}
_SILERO_LANGUAGES = {"ua": "uk", "ind": "hi"}


def is_engine(kind: Kind, provider: str) -> bool:
    """Whether a provider is a model that runs on this machine under its own name."""
    return (kind, provider) in ENGINES


def default_model(kind: Kind, provider: str, language: str) -> str | None:
    """The model that needs no path: for whisper the one for the language; None if none does."""
    pinned = ENGINES[kind, provider].pinned
    if provider == "whisper":
        return "tiny.en" if language == "en" else "base"
    return next(iter(pinned), None)


def default_voice(provider: str, model: str | None, language: str) -> str | None:
    """The first voice of a model with names of its own; None where a path or nobody has one."""
    if model not in ENGINES["tts", provider].pinned:
        return None
    if provider == "piper":
        return model
    return next(iter((LOCAL_MODELS["tts"]["kokoro"].voices or {}).get(language, ())), None)


def is_path(kind: Kind, provider: str, model: str) -> bool:
    """Whether the model of an engine is a path rather than a name."""
    return model not in ENGINES[kind, provider].pinned


def complaints(kind: Kind, spec: ProviderSpec, language: str | None) -> list[Complaint]:
    """What is wrong with the model and the voice: files that are not there, another language."""
    engine = ENGINES[kind, spec.provider]
    model = spec.model or default_model(kind, spec.provider, language or "en")
    if model is None:
        cause = f"{spec.provider} needs {engine.wanted}."
        return [Complaint((), "model_missing", cause, f"Name it as `model:`. {engine.fetch}")]
    if is_path(kind, spec.provider, model) and not _is_there(Path(model), engine):
        cause = f"`{Path(model).name}` is not {engine.wanted}."
        return [Complaint(("model",), "weights_absent", cause, engine.fetch)]
    found = _voice(spec, engine, model, language)
    known = languages(kind, spec, model)
    if language is not None and known is not None and language not in known:
        spoken = ", ".join(LANGUAGES.get(code, code) for code in sorted(known))
        cause = f"{spec.provider}/{Path(model).name} does not know {LANGUAGES[language]}."
        fix = f"It knows {spoken}: name another model, or another provider."
        found.append(Complaint(("model",) if spec.model else (), "model_language", cause, fix))
    return found


def languages(kind: Kind, spec: ProviderSpec, model: str) -> frozenset[str] | None:
    """The languages a model knows as far as its files say; None when they do not."""
    path = Path(model)
    if kind == "stt":
        return _heard(spec.provider, model, path)
    if spec.provider == "piper" and is_path(kind, "piper", model):
        about = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
        code = str(about.get("language", {}).get("family", ""))
        return frozenset({code}) if code else None
    if spec.provider == "piper":
        return frozenset({"en"})
    if spec.provider == "kokoro":
        if spec.voice:
            return frozenset({_KOKORO_LANGUAGES.get(spec.voice[0], "")} - {""})
        return LOCAL_MODELS["tts"]["kokoro"].languages
    named = re.fullmatch(r"v\d+_([a-z]+).*", path.stem)
    code = _SILERO_LANGUAGES.get(named[1], named[1]) if named else ""
    return frozenset({code}) if code in LANGUAGES else None


def _heard(provider: str, model: str, path: Path) -> frozenset[str] | None:
    if provider == "parakeet":
        return parakeet_languages(path.name)
    if provider == "moonshine":
        known = moonshine_kind(path)
        return frozenset({known[1]}) if known else None
    return frozenset({"en"}) if model.endswith(".en") else None


def parakeet_languages(name: str) -> frozenset[str]:
    """What a Parakeet by that name knows: v3 knows 25 languages, every other release English."""
    is_v3 = "v3" in name.replace("_", "-").split("-")
    return _PARAKEET_V3 if is_v3 else frozenset({"en"})


_PARAKEET_V3 = frozenset(
    {"bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv"}
    | {"mt", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "uk"}
)


def moonshine_kind(folder: Path) -> tuple[str, str] | None:
    """The size and the language that a folder's path names, `("base", "en")`; None if none."""
    for part in reversed(folder.parts):
        if named := _MOONSHINE.fullmatch(part):
            return named[1], named[2]
    return None


_MOONSHINE = re.compile(r"((?:tiny|base|small|medium)(?:-streaming)?)-([a-z]{2})")


def _voice(spec: ProviderSpec, engine: Engine, model: str, language: str | None) -> list[Complaint]:
    is_own = is_path("tts", spec.provider, model) if engine.has_voices else False
    if spec.voice is None:
        if is_own:
            cause, fix = f"{spec.provider} needs a voice.", "Add `voice:` with its name."
            return [Complaint((), "voice_missing", cause, fix)]
        return []
    if spec.provider == "piper" and spec.voice != model:
        cause, fix = "A Piper model is one voice.", "Name its file as `model`, and no `voice`."
        return [Complaint(("voice",), "voice_place", cause, fix, at_key=True)]
    if spec.provider != "kokoro":
        return []
    voices = (
        [path.stem for path in sorted(Path(model).glob("voices/*.bin"))]
        if is_own
        else (LOCAL_MODELS["tts"]["kokoro"].voices or {}).get(language or "en", ())
    )
    if spec.voice in voices:
        return []
    of = f" {LANGUAGES[language]}" if language and not is_own else ""
    cause = f"kokoro has no{of} voice `{spec.voice}`."
    return [
        Complaint(("voice",), "local_voice", cause, did_you_mean(spec.voice, voices, noun="voices"))
    ]


def _is_there(path: Path, engine: Engine) -> bool:
    if not engine.files:
        is_model = path.suffix == engine.suffix and path.is_file()
        return is_model and (
            engine.suffix == ".pt" or path.with_name(f"{path.name}.json").is_file()
        )
    return path.is_dir() and all(any(path.glob(one)) for one in engine.files)
