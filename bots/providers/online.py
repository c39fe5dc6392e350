"""A bot's providers held against what their vendors say now: the key, the model, the voice.

`offhook check --online` and `offhook doctor --online` ask for a bot. A server asks once for each
version of a bot, and leaves whom the vendor refuses out of its calls (`bots.providers.vetting`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from pipecat.utils.errors import extract_http_status_code

from bots.complaint import Complaint, dotted
from bots.errors import ConfigProblem, ProviderError
from bots.load import LoadedBot
from bots.origin import Origin
from bots.providers.entry import ProviderEntry
from bots.providers.offers import Offer, ask
from bots.providers.registry import PROVIDERS
from bots.spec import KINDS, BotSpec, Kind, ProviderSpec
from bots.suggest import nearest

REFUSED = frozenset({"key_refused", "model_unknown", "voice_unknown"})
"""Complaints that asking again will not mend; the others may pass by themselves."""
_SERVER_ERROR = 500


async def check_online(spec: BotSpec, environ: Mapping[str, str]) -> list[Complaint]:
    """What the vendors of a bot say against it, all asked at once; nothing of `via`."""
    places: list[tuple[Kind, int, ProviderSpec]] = [
        (kind, index, one)
        for kind in KINDS
        for index, one in enumerate(spec.chain(kind))
        if not PROVIDERS[kind, one.provider].runs_here
    ]
    said = await asyncio.gather(*(check_member(kind, one, environ) for kind, _, one in places))
    return [
        complaint.under(kind, index)
        for (kind, index, _), found in zip(places, said, strict=True)
        for complaint in found
    ]


async def problems_online(
    bot: LoadedBot, path: Path, environ: Mapping[str, str]
) -> list[ConfigProblem]:
    """The same at its places in the file."""
    problems: list[ConfigProblem] = []
    for one in await check_online(bot.spec, environ):
        steps = list(one.path)
        while steps and not isinstance(bot.origins.get(dotted(tuple(steps))), Origin):
            steps.pop()
        origin = bot.origins.get(dotted(tuple(steps)))
        at = origin if isinstance(origin, Origin) else Origin(path, 1, 1)
        problems.append(at.problem(one.code, dotted(one.path), one.cause, one.fix))
    return problems


async def check_member(
    kind: Kind, spec: ProviderSpec, environ: Mapping[str, str]
) -> list[Complaint]:
    """What the vendor of one provider says against it; nothing where it cannot be asked."""
    entry = PROVIDERS[kind, spec.provider]
    key = key_of(entry, spec, environ)
    if key is None:
        return []  # told without asking anybody
    region = environ.get(entry.region_env or "", "")
    try:
        offer = await ask(
            entry,
            key,
            spec.base_url,
            region,
            model=spec.model or entry.default_model,
            voice=spec.voice,
        )
    except ProviderError as error:
        return [_refused(entry, spec, error)]
    return [] if offer is None else unfit(entry, spec, offer)


async def reach(kind: Kind, spec: ProviderSpec, environ: Mapping[str, str]) -> None:
    """Ask the vendor for its list, which costs nothing; passes where there is none to ask for.

    Raises:
        Exception: what its client raised, with the vendor's status and headers.
    """
    entry = PROVIDERS[kind, spec.provider]
    region = environ.get(entry.region_env or "", "")
    try:
        await ask(entry, key_of(entry, spec, environ) or "", spec.base_url, region)
    except ProviderError as error:
        cause = error.__cause__ or error
        status = extract_http_status_code(cause)
        if error.category == "server" and (status is None or status < _SERVER_ERROR):
            return  # it answered: a compatible server need not have such a list
        raise cause from None


def key_of(entry: ProviderEntry, spec: ProviderSpec, environ: Mapping[str, str]) -> str | None:
    """The key that a call would use; None when it needs one and there is none."""
    variable = spec.api_key.env if spec.api_key else entry.env_var
    is_elsewhere = spec.base_url is not None and entry.is_keyless_elsewhere
    if variable is None or (spec.api_key is None and is_elsewhere):
        return "none"
    return environ.get(variable) or None


def unfit(entry: ProviderEntry, spec: ProviderSpec, offer: Offer) -> list[Complaint]:
    """A model or a voice that does not go with the key."""
    found: list[Complaint] = []
    model = spec.model or entry.default_model
    if model is not None and offer.models is not None and model not in offer.models:
        cause = f"{entry.name} has no model `{model}` for this key."
        # A server of one's own may take any name: llama.cpp does, and Ollama leaves tags out.
        is_own = entry.env_var is None or (spec.base_url and entry.is_keyless_elsewhere)
        code = "model_unlisted" if is_own else "model_unknown"
        if is_own:
            cause = f"The server of {entry.name} does not list a model `{model}`."
        fix = _model_fix(model, sorted(offer.models))
        found.append(Complaint(("model",) if spec.model else (), code, cause, fix))
    voices = offer.voices
    if spec.voice is not None and voices is not None:
        ids = [voice.id for voice in voices]
        if spec.voice not in ids:
            cause = f"{entry.name} has no voice `{spec.voice}` for this key."
            fix = _voice_fix(entry, spec.voice, offer)
            found.append(Complaint(("voice",), "voice_unknown", cause, fix))
    return found


def _model_fix(model: str, known: list[str]) -> str:
    near = nearest(model, known)
    if near is not None:
        return f"Did you mean `{near}`?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"It has {', '.join(known[:_SHOWN]) or 'none'}{more}."


_SHOWN = 8


def _voice_fix(entry: ProviderEntry, voice: str, offer: Offer) -> str:
    named = next((one for one in offer.voices or () if one.name.lower() == voice.lower()), None)
    if named is not None:
        return f"Write its id, `{named.id}`."
    return f"`offhook voices {entry.name}` lists those there are."


def _refused(entry: ProviderEntry, spec: ProviderSpec, error: ProviderError) -> Complaint:
    variable = spec.api_key.env if spec.api_key else entry.env_var
    if error.category == "authentication":
        cause = f"{entry.name} refuses the key in {variable}."
        path = ("api_key", "env") if spec.api_key else ()
        return Complaint(
            path, "key_refused", cause, "Set a good one in the environment or in .env."
        )
    fix = {
        "quota": "Its account has no balance left.",
        "rate_limit": "It has been asked too often; ask again in a minute.",
        "connectivity": "Look at the network, and at `base_url` if there is one.",
    }.get(error.category, "Ask again in a minute, and look at the vendor's page of its state.")
    return Complaint((), "provider_unwell", error.message, fix)
