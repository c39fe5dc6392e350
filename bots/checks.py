"""What only shows once a bot is whole: providers, the language it greets in, its processors.

`bots.load` calls this on a spec whose every key has the right shape; what had not has been taken
out, and `wrong` names it so that nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bots.complaint import Complaint, Path
from bots.processor import check_processor
from bots.providers.check import check_provider, with_defaults
from bots.providers.registry import names
from bots.quiet_checks import check_quiet
from bots.spec import KINDS, BotSpec, Kind, ProcessorSpec, ProviderSpec
from bots.speech_to_speech import speaker, speech_complaints
from bots.turn_checks import check_turns


def check_bot(
    spec: BotSpec, wrong: Iterable[Path], environ: Mapping[str, str], languages: Iterable[str]
) -> list[Complaint]:
    """All that is wrong with the bot as a whole; `languages` are those of all its transports."""
    wrong = list(wrong)
    language = None if _has(wrong, "language") else spec.language[0]
    found: list[Complaint] = []
    alone = speaker(spec)
    if alone is not None:
        found += speech_complaints(spec, alone)
    for kind in KINDS if alone is None else ("llm",):
        for index, provider in enumerate(spec.chain(kind)):
            if kind == "tts" and provider.provider in spec.voices:
                found += _voice_without(language, provider.provider, index)
                continue
            complaints = check_provider(kind, provider, language, environ)
            if any(path[0] == kind and path[1:2] in ((), (index,)) for path in wrong if path):
                # With a part taken out, only what points at a part that is there is certain.
                complaints = [
                    one
                    for one in complaints
                    if one.path and (kind, index, *one.path[:1]) not in wrong
                ]
            found += [_placed(kind, index, one) for one in complaints]
        found += _local_twice(kind, spec.chain(kind))
    if alone is None and not _has(wrong, "turns") and not _has(wrong, "stt"):
        found += check_turns(spec)
    if not _has(wrong, "voices"):
        found += _voices(spec, environ)
    if language is not None and alone is None and not _has(wrong, "fallback"):
        found += _last_resort(spec, language)
    if language is not None and not _has(wrong, "greeting"):
        found += _greeting(spec, language, set(languages))
    if language is not None and not _has(wrong, "caller_quiet"):
        found += check_quiet(spec, language, set(languages))
    return found


def check_processors(specs: Mapping[int, ProcessorSpec]) -> list[Complaint]:
    """What is wrong with the processors, by their place in the list."""
    return [
        one.under("processors", index)
        for index, spec in specs.items()
        for one in check_processor(spec)
    ]


def with_provider_defaults(spec: BotSpec) -> BotSpec:
    """The bot with every provider's model, voice and key variable filled in."""
    language = spec.language[0]
    found = {
        kind: tuple(with_defaults(kind, one, language) for one in spec.chain(kind))
        for kind in KINDS
    }
    if speaker(spec) is not None:
        found |= {"stt": (), "tts": ()}
    return spec.model_copy(update=found)


def _placed(kind: Kind, index: int, one: Complaint) -> Complaint:
    """A language without a voice is told at the language: the voice is mostly the default one."""
    if one.code == "local_language" and index == 0:
        return replace(one, path=("language", 0))
    return one.under(kind, index)


def _voice_without(language: str | None, name: str, index: int) -> list[Complaint]:
    """A voice that is named and has nothing for the bot's language."""
    if language is None:
        return []
    cause = f"The voice `{name}` does not speak `{language}`."
    fix = f"Add `{language}:` to it under `voices`."
    return [Complaint(("tts", index), "voice_language", cause, fix)]


def _local_twice(kind: Kind, chain: tuple[ProviderSpec, ...]) -> list[Complaint]:
    places = [index for index, one in enumerate(chain) if one.provider == "local"]
    cause = f"`local` stands twice in `{kind}`."
    fix = "Keep one: what fails on this machine fails for both."
    return [Complaint((kind, index), "local_twice", cause, fix) for index in places[1:]]


def _voices(spec: BotSpec, environ: Mapping[str, str]) -> list[Complaint]:
    """Voices that are called like a provider, and what is wrong with each of their languages."""
    found: list[Complaint] = []
    for name, by_language in spec.voices.items():
        if name in names("tts"):
            cause = f"`{name}` is a provider of tts already."
            fix = "Give the voice a name of its own."
            found.append(Complaint(("voices", name), "voice_name", cause, fix, at_key=True))
        for code, provider in by_language.items():
            found += [
                one.under("voices", name, code)
                for one in check_provider("tts", provider, code, environ)
            ]
    return found


def _last_resort(spec: BotSpec, language: str) -> list[Complaint]:
    """The line is spoken by the local voice, so there must be one."""
    if spec.fallback.last_resort is None:
        return []
    local = spec.local("tts") or ProviderSpec(provider="local")
    return [
        Complaint(("fallback", "last_resort"), "last_resort_voice", one.cause, _OWN_LINE)
        for one in check_provider("tts", local, language, {})
        if not spec.local("tts")
    ]


_OWN_LINE = "The line is spoken by a local voice: remove it, or make the local voice work."


def _has(wrong: list[Path], key: str) -> bool:
    return any(path[:1] == (key,) for path in wrong)


def _greeting(spec: BotSpec, language: str, languages: set[str]) -> list[Complaint]:
    if spec.greeting is None:
        return []
    found: list[Complaint] = []
    if language not in spec.greeting:
        cause = f"The bot speaks `{language}`, and its greeting does not."
        fix = f"Add `{language}:` with the greeting."
        found.append(Complaint(("greeting",), "greeting_language", cause, fix))
    for code in spec.greeting:
        if code not in languages:
            cause = f"The bot never speaks `{code}`."
            fix = "Remove this greeting, or give a transport that language under `via`."
            found.append(Complaint(("greeting", code), "greeting_unused", cause, fix, True))
    return found
