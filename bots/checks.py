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
from bots.spec import KINDS, BotSpec, Kind, ProcessorSpec, ProviderSpec


def check_bot(
    spec: BotSpec, wrong: Iterable[Path], environ: Mapping[str, str], languages: Iterable[str]
) -> list[Complaint]:
    """All that is wrong with the bot as a whole; `languages` are those of all its transports."""
    wrong = list(wrong)
    language = None if _has(wrong, "language") else spec.language[0]
    found: list[Complaint] = []
    for kind in KINDS:
        complaints = check_provider(kind, provider_of(spec, kind), language, environ)
        if _has(wrong, kind):
            # With a part taken out, only what points at a part that is there is certain.
            complaints = [
                one for one in complaints if one.path and (kind, *one.path[:1]) not in wrong
            ]
        found += [_placed(kind, one) for one in complaints]
    if language is not None and not _has(wrong, "greeting"):
        found += _greeting(spec, language, set(languages))
    return found


def check_processors(specs: Mapping[int, ProcessorSpec]) -> list[Complaint]:
    """What is wrong with the processors, by their place in the list."""
    return [
        one.under("processors", index)
        for index, spec in specs.items()
        for one in check_processor(spec)
    ]


def provider_of(spec: BotSpec, kind: Kind) -> ProviderSpec:
    """The provider of a stage."""
    return {"stt": spec.stt, "llm": spec.llm, "tts": spec.tts}[kind]


def with_provider_defaults(spec: BotSpec) -> BotSpec:
    """The bot with every provider's model, voice and key variable filled in."""
    language = spec.language[0]
    found = {kind: with_defaults(kind, provider_of(spec, kind), language) for kind in KINDS}
    return spec.model_copy(update=found)


def _placed(kind: Kind, one: Complaint) -> Complaint:
    """A language without a voice is told at the language: the voice is mostly the default one."""
    if one.code == "local_language":
        return replace(one, path=("language", 0))
    return one.under(kind)


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
