"""The doctor on the vendors, with --online: is each key good, and what goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bots.errors import ProviderError
from bots.providers.entry import ProviderEntry
from bots.providers.offers import Offer, ask
from bots.providers.online import check_online, key_of
from bots.providers.registry import PROVIDERS
from bots.spec import KINDS, BotSpec, ProviderSpec, SecretRef
from server.doctor.finding import Finding, fail, ok, warn


@dataclass(frozen=True, slots=True)
class _Account:
    """A key at an address."""

    entry: ProviderEntry
    base_url: str | None
    variable: str


def check_vendors(specs: Sequence[BotSpec], environ: Mapping[str, str]) -> list[Finding]:
    """A line for each key that is set, and one for each thing of a bot that its vendor refuses."""
    return asyncio.run(_check(specs, environ))


async def _check(specs: Sequence[BotSpec], environ: Mapping[str, str]) -> list[Finding]:
    accounts = _accounts(specs, environ)
    if not accounts:
        return [ok("vendors", "No vendor's key is set: there is nobody to ask.")]
    findings = list(await asyncio.gather(*(_ask(one, environ) for one in accounts)))
    for spec in specs:
        findings += [
            fail("vendors", f"{spec.name}: {one.cause}", one.fix)
            for one in await check_online(spec, environ)
            if one.code in ("model_unknown", "voice_unknown")
        ]
    return findings


def _accounts(specs: Sequence[BotSpec], environ: Mapping[str, str]) -> list[_Account]:
    """The keys that are set, at their vendors' or where a bot says; no key twice."""
    found: dict[tuple[str, str, str | None, str], _Account] = {}
    members = [
        (PROVIDERS[kind, one.provider], one)
        for spec in specs
        for kind in KINDS
        for one in spec.chain(kind)
    ]
    members += [(row, ProviderSpec(provider=row.name)) for row in PROVIDERS.values()]
    for entry, one in members:
        variable = (one.api_key or SecretRef(env=entry.env_var or "NONE")).env
        if not entry.runs_here and environ.get(variable):
            key = (entry.kind, entry.name, one.base_url, variable)
            found.setdefault(key, _Account(entry, one.base_url, variable))
    return list(found.values())


async def _ask(account: _Account, environ: Mapping[str, str]) -> Finding:
    entry, variable = account.entry, account.variable
    who = f"{entry.name} ({entry.kind})"
    spec = ProviderSpec(
        provider=entry.name, base_url=account.base_url, api_key=SecretRef(env=variable)
    )
    key = key_of(entry, spec, environ) or ""
    try:
        offer = await ask(entry, key, account.base_url, environ.get(entry.region_env or "", ""))
    except ProviderError as error:
        if error.category == "authentication":
            fix = "Set a good one in the environment or in .env."
            return fail("vendors", f"{who} refuses the key in {variable}.", fix)
        return warn("vendors", f"{who}: {error.message}", "Ask again in a minute.")
    if offer is None:
        return ok("vendors", f"{who} cannot be asked; {variable} is set.")
    return ok("vendors", f"{who} takes the key in {variable}{_goes_with(offer)}.")


def _goes_with(offer: Offer) -> str:
    lists = (("models", offer.models), ("voices", offer.voices))
    counted = [f"{len(found)} {noun}" for noun, found in lists if found is not None]
    return f": {' and '.join(counted)}" if counted else ""
