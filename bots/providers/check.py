"""One provider of one bot against what that provider is: the errors, and the defaults filled in.

Called by `bots.checks` for stt, llm and tts with the bot's language and the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from bots.complaint import Complaint
from bots.languages import LANGUAGES
from bots.providers import embedded, engines, settings
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS, kinds_of, names
from bots.spec import Kind, ProviderSpec, SecretRef
from bots.suggest import did_you_mean


def check_provider(
    kind: Kind, spec: ProviderSpec, language: str | None, environ: Mapping[str, str]
) -> list[Complaint]:
    """All that is wrong with a provider; `language` is None when that itself is wrong."""
    entry = PROVIDERS.get((kind, spec.provider))
    if entry is None:
        return [_unknown(kind, spec.provider)]
    found = _misplaced(entry, spec)
    if entry.is_local:
        found += _local(entry, spec, language)
    elif entry.runs_here:
        found += _absent_extra(entry) + engines.complaints(kind, spec, language)
        found += _absent_phonemes(spec, language)
    else:
        found += _remote(entry, spec, environ) + _unknown_language(entry, spec, language)
    return found + settings.complaints(entry, spec.settings)


def with_defaults(kind: Kind, spec: ProviderSpec, language: str) -> ProviderSpec:
    """The provider with its model, voice and key's variable filled in.

    A local llm keeps `model` None unless the bot names one: it is chosen for the machine.
    """
    entry = PROVIDERS.get((kind, spec.provider))
    if entry is None:
        return spec
    found: dict[str, object] = {}
    model = spec.model
    if model is None:
        model = entry.default_model
        if language == "en" and entry.english_model:
            model = entry.english_model
        if entry.is_local:
            model = embedded.default_model(kind, language)
        elif entry.runs_here:
            model = engines.default_model(kind, entry.name, language)
        found["model"] = model
    if entry.runs_here and kind == "tts" and spec.voice is None and model is not None:
        found["voice"] = (
            embedded.default_voice(model, language)
            if entry.is_local
            else engines.default_voice(entry.name, model, language)
        )
    is_elsewhere = spec.base_url is not None and entry.is_keyless_elsewhere
    if spec.api_key is None and entry.env_var is not None and not is_elsewhere:
        found["api_key"] = SecretRef(env=entry.env_var)
    return spec.model_copy(update=found)


def _unknown(kind: Kind, name: str) -> Complaint:
    elsewhere = kinds_of(name)
    cause = f"No provider of {kind} is called `{name}`."
    if elsewhere:
        cause = f"`{name}` is a provider of {' and '.join(elsewhere)}, not of {kind}."
    fix = did_you_mean(name, names(kind), noun=f"providers of {kind}")
    return Complaint(("provider",), "provider", cause, fix)


def _misplaced(entry: ProviderEntry, spec: ProviderSpec) -> list[Complaint]:
    found: list[Complaint] = []
    if spec.voice is not None and entry.kind != "tts" and not entry.hears_and_speaks:
        cause, fix = f"`voice` says nothing to {entry.kind}.", "Move it to `tts`, or remove it."
        found.append(Complaint(("voice",), "voice_place", cause, fix, at_key=True))
    if spec.base_url is not None:
        scheme = spec.base_url.partition(":")[0]
        if entry.url_argument:
            cause, fix = f"{entry.name} takes a `url`, path included.", "Write `url`."
            found.append(Complaint(("base_url",), "base_url_place", cause, fix, at_key=True))
        elif not entry.base_url_argument:
            cause = f"{entry.name} ({entry.kind}) takes no `base_url`."
            fix = f"Remove it{_OPENAI if entry.kind == 'llm' else ''}."
            found.append(Complaint(("base_url",), "base_url_place", cause, fix, at_key=True))
        elif scheme not in entry.base_url_schemes:
            cause = f"{entry.name} is not reached by `{scheme}:`."
            fix = f"Begin with {' or '.join(f'`{one}:`' for one in entry.base_url_schemes)}."
            found.append(Complaint(("base_url",), "base_url_scheme", cause, fix))
    if spec.url is not None and not entry.url_argument:
        cause = f"{entry.name} ({entry.kind}) takes no `url`."
        fix = "Write `base_url`." if entry.base_url_argument else "Remove it."
        found.append(Complaint(("url",), "url_place", cause, fix, at_key=True))
    if spec.url is None and entry.url_argument:
        cause = f"{entry.name} needs an address to post to."
        found.append(Complaint((), "url_missing", cause, "Add `url:` with it."))
    if spec.api_key is not None and entry.env_var is None and not entry.takes_key:
        cause = f"{entry.name} ({entry.kind}) needs no key."
        found.append(Complaint(("api_key",), "api_key_place", cause, "Remove it.", at_key=True))
    return found


_OPENAI = ", or name `openai` as the provider: it takes any OpenAI-compatible server"


def _remote(
    entry: ProviderEntry, spec: ProviderSpec, environ: Mapping[str, str]
) -> list[Complaint]:
    found = _absent_extra(entry)
    if entry.needs_voice and spec.voice is None:
        cause, fix = f"{entry.name} needs a voice.", "Add `voice:` with the voice's id."
        found.append(Complaint((), "voice_missing", cause, fix))
    is_elsewhere = spec.base_url is not None and entry.is_keyless_elsewhere
    if (is_elsewhere or entry.needs_model) and spec.model is None:
        who = "The server at `base_url`" if is_elsewhere else entry.name
        cause, fix = f"{who} needs a model.", "Add `model:` with its name."
        found.append(Complaint((), "model_missing", cause, fix))
    if entry.region_env and spec.base_url is None and not environ.get(entry.region_env):
        cause = f"{entry.name} needs a region, and {entry.region_env} is not set."
        fix = f"{_SET} A `base_url` stands in for it."
        found.append(Complaint((), "region_missing", cause, fix))
    if spec.api_key is not None and not spec.api_key.read(environ):
        cause = f"The environment variable {spec.api_key.env} is not set."
        found.append(Complaint(("api_key", "env"), "env_missing", cause, _SET))
    default_key = None if spec.api_key or is_elsewhere else entry.env_var
    if default_key is not None and not environ.get(default_key):
        cause = f"{entry.name} needs a key, and {default_key} is not set."
        fix = f"{_SET} `{entry.kind}: local` needs none."
        found.append(Complaint((), "key_missing", cause, fix))
    return found


def _unknown_language(
    entry: ProviderEntry, spec: ProviderSpec, language: str | None
) -> list[Complaint]:
    """A language that the ears or their model do not know, where that is known here."""
    if language is None or entry.languages is None:
        return []
    if language not in entry.languages:
        known = ", ".join(LANGUAGES[code] for code in sorted(entry.languages) if code in LANGUAGES)
        cause = f"{entry.name} does not know {LANGUAGES[language]}, only {known}."
        return [
            Complaint((), "provider_language", cause, f"Name another provider of {entry.kind}.")
        ]
    if entry.english_model and spec.model == entry.english_model and language != "en":
        cause = f"{spec.model} does not know {LANGUAGES[language]}, only English."
        fix = f"Write `{entry.name}/{entry.default_model}`, or leave the model out."
        return [Complaint(("model",), "model_language", cause, fix)]
    return []


def _absent_extra(entry: ProviderEntry) -> list[Complaint]:
    if is_installed(entry.needs_module):
        return []
    cause = f"{entry.name} needs a Python package that is not installed."
    return [Complaint((), "extra_missing", cause, f"Run `{entry.install_line}`.")]


def _absent_phonemes(spec: ProviderSpec, language: str | None) -> list[Complaint]:
    """Kokoro reads English by itself and four languages with piper-tts' espeak-ng."""
    is_read = spec.provider != "kokoro" or language in ("en", None)
    return [] if is_read else _voices_extra("kokoro", language or "")


def _voices_extra(model: str, language: str) -> list[Complaint]:
    if find_spec("piper") is not None:
        return []
    cause = f"{model} needs piper-tts for {LANGUAGES[language]}, which is not installed."
    return [Complaint((), "voices_extra", cause, 'Run `pip install "offhook[voices]"`.')]


def is_installed(module: str) -> bool:
    """Whether a module can be imported, found without importing it."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package it is a part of is absent
        return False


_SET = "Set it in the environment or in .env."


def _local(entry: ProviderEntry, spec: ProviderSpec, language: str | None) -> list[Complaint]:
    models = embedded.LOCAL_MODELS[entry.kind]
    if spec.model is None:
        return _local_default(entry.kind, spec, language)
    if entry.kind == "llm" and embedded.is_model_file(spec.model):
        return _model_file(spec.model)
    if spec.model not in models:
        cause = f"There is no local {entry.kind} model `{spec.model}`."
        fix = did_you_mean(spec.model, models, noun=f"local {entry.kind} models")
        if entry.kind == "llm" and fix.startswith("Local"):
            fix += " A file is named by a path that ends in .gguf."
        return [Complaint(("model",), "local_model", cause, fix)]
    model = models[spec.model]
    if language is not None and model.languages is not None and language not in model.languages:
        known = ", ".join(LANGUAGES[code] for code in sorted(model.languages))
        cause = f"{model.name} does not know {LANGUAGES[language]}, only {known}."
        return [Complaint(("model",), "model_language", cause, _other(entry.kind, language))]
    return _voice(model.name, spec.voice, language)


def _local_default(kind: Kind, spec: ProviderSpec, language: str | None) -> list[Complaint]:
    if kind != "tts" or language is None:
        return []
    model = embedded.default_model(kind, language)
    if model is None:
        cause = f"No local voice speaks {LANGUAGES[language]}."
        return [Complaint((), "local_language", cause, _other(kind, language))]
    return _voice(model, spec.voice, language)


def _voice(model: str, voice: str | None, language: str | None) -> list[Complaint]:
    local = embedded.LOCAL_MODELS["tts"].get(model)
    if local is None or local.voices is None or language is None:
        return []
    found: list[Complaint] = []
    known = local.voices[language]
    if voice is not None and voice not in known:
        cause = f"{model} has no {LANGUAGES[language]} voice `{voice}`."
        fix = did_you_mean(voice, known, noun="voices")
        found.append(Complaint(("voice",), "local_voice", cause, fix))
    if language in local.phonemized:
        found += _voices_extra(model, language)
    return found


def _other(kind: Kind, language: str) -> str:
    model = embedded.default_model(kind, language)
    if model is not None:
        return f"Write `{kind}: local/{model}`, or leave the model out."
    spoken = ", ".join(f"`{code}`" for code in embedded.spoken_languages())
    return (
        "Use `tts: {provider: elevenlabs, voice: <id>}`, "
        f"or one of the languages with a local voice: {spoken}."
    )


def _model_file(model: str) -> list[Complaint]:
    path = Path(model)
    if path.suffix.lower() != ".gguf":
        cause, fix = f"`{path.name}` is no GGUF file.", "Name a file that ends in .gguf."
        return [Complaint(("model",), "model_format", cause, fix)]
    if not path.is_file():
        cause = f"There is no file `{path.name}` at that path."
        return [Complaint(("model",), "model_file", cause, "Mend the path.")]
    return []
