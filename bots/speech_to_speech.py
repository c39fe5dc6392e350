"""Bots whose llm hears and speaks by itself: what they may say, and how they are made to say it.

Such a bot has neither stt nor tts; `bots.pipeline` builds it without those stages.
"""

from __future__ import annotations

from collections.abc import Mapping

from bots.complaint import Complaint
from bots.providers.registry import hears_and_speaks
from bots.spec import BotSpec, Kind, ProviderSpec

_STAGES: tuple[tuple[Kind, str], ...] = (("stt", "hears"), ("tts", "speaks"))
_OF_TURNS = ("interruption", "turns", "caller_quiet")
_OF_CHAINS = ("first_token", "first_audio", "hedge", "last_resort")


def speaker(spec: BotSpec) -> ProviderSpec | None:
    """The llm that hears and speaks for a bot, None where it has ears and a voice apart."""
    return next((one for one in spec.llm if hears_and_speaks(one.provider)), None)


def speech_complaints(spec: BotSpec, alone: ProviderSpec) -> list[Complaint]:
    """What a bot says that has no meaning beside such an llm."""
    name = alone.provider
    found: list[Complaint] = []
    if len(spec.llm) > 1:
        at = next(n for n, one in enumerate(spec.llm) if one is not alone)
        cause = f"`{name}` hears and speaks by itself, and nobody can stand in for it."
        found.append(Complaint(("llm", at), "speech_chain", cause, "Name it alone."))
    for kind, does in _STAGES:
        if kind in spec.model_fields_set:
            cause = f"`{name}` {does} by itself: there is no `{kind}`."
            fix = f"Remove it; where a base has one, write `{kind}: null`."
            found.append(Complaint((kind,), "speech_stage", cause, fix, at_key=True))
    if _turn_detection(alone) is False:
        cause = f"Without its turn detection nobody tells `{name}` when to answer."
        at = next(n for n, one in enumerate(spec.llm) if one is alone)
        path = ("llm", at, "settings", "session_properties")
        found.append(Complaint(path, "speech_turns", cause, "Remove `turn_detection`."))
    for key in _OF_CHAINS:
        if key in spec.fallback.model_fields_set:
            cause = f"`{key}` is for chains, and `{name}` is none."
            found.append(
                Complaint(("fallback", key), "speech_fallback", cause, "Remove it.", at_key=True)
            )
    for key in _OF_TURNS:
        if key in spec.model_fields_set:
            cause = f"`{name}` takes its turns by itself: `{key}` says nothing to it."
            found.append(Complaint((key,), "speech_turn", cause, "Remove it.", at_key=True))
    for index, one in enumerate(spec.processors):
        place = one.before or one.after
        if place in ("stt", "tts"):
            cause = f"`{name}` leaves no stage `{place}` to stand at."
            key = "before" if one.before else "after"
            fix = "Stand before or after `turn`, `llm` or `output`."
            found.append(Complaint(("processors", index, key), "speech_processor", cause, fix))
    return found


def _turn_detection(alone: ProviderSpec) -> object:
    inner: object = alone.settings
    for key in ("session_properties", "audio", "input", "turn_detection"):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    return inner


def said_by_the_model(text: str) -> list[dict[str, str]]:
    """What makes such an llm say `text`: there is no voice that could be given it."""
    asked = f"Say to the caller, word for word and nothing else: {text}"
    return [{"role": "user", "content": asked}]


def needs_a_start(spec: BotSpec) -> bool:
    """Whether the llm listens only once it was given a conversation, if an empty one."""
    alone = speaker(spec)
    return alone is not None and alone.provider == "gemini-live"
