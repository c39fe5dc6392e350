"""Which web pages may open sockets and change state here: our own, and those the operator names.

A page cannot leave out or forge `Origin`, so checking it keeps other sites from using a visitor's
browser. Programs that are no browser send none; they still need their token or key.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from bots.errors import CallRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}


def require_origin(
    origin: str | None, *, host: str, public_url: str | None, allowed: Sequence[str]
) -> None:
    """Passes when `origin` is absent, our own host or an allowed one.

    Raises:
        CallRefused: 403 for any other, `null` among them.
    """
    if origin is None or is_allowed(origin, host=host, public_url=public_url, allowed=allowed):
        return
    raise CallRefused(
        "Pages from this origin may not call.",
        status=403,
        code="origin_refused",
        hint="Name it in OFFHOOK_ALLOWED_ORIGINS, or set OFFHOOK_PUBLIC_URL behind a proxy.",
    )


def is_allowed(origin: str, *, host: str, public_url: str | None, allowed: Sequence[str]) -> bool:
    """Whether a page of `origin` may act; `host` is the Host header.

    The scheme of our own host is not compared: behind a proxy that ends TLS the request came by
    http and the page by https.
    """
    scheme, _, place = origin.lower().partition("://")
    if scheme not in _DEFAULT_PORTS or not place:
        return False
    if place == host.lower():
        return True
    known = (*((public_url,) if public_url else ()), *allowed)
    return any(_split(origin) == _split(address) for address in known)


def _split(address: str) -> tuple[str, str, int | None]:
    """(scheme, host, port) of an origin or URL; the port is None when it is none."""
    parts = urlsplit(address)
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, (parts.hostname or "").lower(), port
