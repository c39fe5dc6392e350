"""The doctor on keys: which are set, by name and never by value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.doctor.finding import Finding, fail, ok, warn
from server.settings import Settings, find_unknown


def check_keys(
    settings: Settings, environ: Mapping[str, str], variables: Iterable[str]
) -> list[Finding]:
    """The server's own keys, and the providers' variables in `variables`."""
    findings: list[Finding] = []
    if settings.secret is None:
        fix = "Set it to keep tokens good across restarts: `openssl rand -hex 32` makes one."
        findings.append(warn("keys", "OFFHOOK_SECRET is not set: a random one is used.", fix))
    else:
        findings.append(ok("keys", "OFFHOOK_SECRET is set."))
    if settings.operator_key is None:
        text = "OFFHOOK_OPERATOR_KEY is not set: only this machine may operate."
        local = settings.host in ("127.0.0.1", "::1", "localhost")
        fix = "Set it to operate from elsewhere."
        findings.append(ok("keys", text) if local else warn("keys", text, fix))
    else:
        findings.append(ok("keys", "OFFHOOK_OPERATOR_KEY is set."))
    names = sorted(set(variables))
    present = [name for name in names if environ.get(name)]
    absent = [name for name in names if not environ.get(name)]
    if present:
        findings.append(ok("keys", f"Set: {', '.join(present)}."))
    if absent:
        text = f"Not set: {', '.join(absent)}; needed only by bots that use those providers."
        findings.append(ok("keys", text))
    findings += [fail("settings", text, "Correct or remove it.") for text in find_unknown(environ)]
    return findings
