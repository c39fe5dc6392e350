"""Who is asking: the operator, the caller of one session, or anybody.

The operator shows OFFHOOK_OPERATOR_KEY. Where none is set, a client on this machine is the
operator, provided that it came directly (no proxy stands between) and asked for this machine by
name: a page of another site cannot become it by pointing its own name at 127.0.0.1.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from bots.errors import CallRefused
from server.origins import require_origin
from server.settings import Settings
from server.tokens import TokenMint

SECRET_COOKIE = "offhook_session"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def bearer(connection: HTTPConnection) -> str:
    """What stands after `Authorization: Bearer`, or an empty string."""
    scheme, _, credential = connection.headers.get("authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""


def client_address(connection: HTTPConnection) -> str:
    """The client's address, once trusted proxies have been seen through."""
    return connection.client.host if connection.client else "unknown"


def is_operator(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the request carries the operator's authority."""
    if settings.operator_key is None:
        return _is_from_here(connection)
    key = settings.operator_key.get_secret_value()
    return hmac.compare_digest(bearer(connection).encode(), key.encode())


def require_operator(connection: HTTPConnection, settings: Settings) -> None:
    """Passes for the operator.

    Raises:
        CallRefused: 401 when a key would help, 403 when there is none to show.
    """
    if is_operator(connection, settings):
        return
    if settings.operator_key is None:
        raise CallRefused(
            "This is for the operator.",
            status=403,
            code="operator_only",
            hint="Ask from this machine, or set OFFHOOK_OPERATOR_KEY and send it as a bearer.",
        )
    raise CallRefused(
        "This is for the operator.",
        status=401,
        code="operator_only",
        hint="Send OFFHOOK_OPERATOR_KEY as `Authorization: Bearer`.",
    )


def has_secret(connection: HTTPConnection, session_id: str, mint: TokenMint) -> bool:
    """Whether the caller of that session is asking: by bearer, or by the cookie of its answer."""
    shown = (bearer(connection), connection.cookies.get(SECRET_COOKIE, ""))
    return any(mint.is_secret(session_id, secret) for secret in shown if secret)


def require_secret(connection: HTTPConnection, session_id: str, mint: TokenMint) -> None:
    """Passes for the caller of that session.

    Raises:
        CallRefused: 401 without a secret, 403 with one that is not this session's.
    """
    if has_secret(connection, session_id, mint):
        return
    if not bearer(connection) and SECRET_COOKIE not in connection.cookies:
        raise CallRefused(
            "No session secret was given.",
            status=401,
            code="secret_missing",
            hint="The answer to the first offer has it, and RTVI `offhook/session`.",
        )
    raise CallRefused(
        "The session secret is not this session's.", status=403, code="secret_refused"
    )


def require_own_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Passes for our own pages, allowed ones and programs that are no browser.

    Raises:
        CallRefused: 403 for any other page.
    """
    require_origin(
        connection.headers.get("origin"),
        host=connection.headers.get("host", ""),
        public_url=settings.public_url,
        allowed=settings.allowed_origins,
    )


def _is_from_here(connection: HTTPConnection) -> bool:
    if any(header in connection.headers for header in _FORWARDED):
        return False
    if not _is_loopback(client_address(connection)):
        return False
    host = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    return host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
