"""Where callers reach this server: OFFHOOK_PUBLIC_URL, else the address the request came to.

Forwarded headers have been applied before, and only those of trusted proxies (`app.py`).
"""

from __future__ import annotations

import re

_HOST = re.compile(r"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def is_host(host: str) -> bool:
    """Whether a Host header can be put into a URL or a header as it is."""
    return len(host) <= 255 and _HOST.fullmatch(host) is not None


def find_base(public_url: str | None, scheme: str, host: str) -> str:
    """`https://voice.example`, without a slash at its end."""
    if public_url:
        return public_url
    is_secure = scheme in ("https", "wss")
    return f"{'https' if is_secure else 'http'}://{host if is_host(host) else 'localhost'}"


def socket_url(base: str, path: str) -> str:
    """The ws:// or wss:// address of `path` under an http(s) base."""
    return "ws" + base.removeprefix("http") + path
