"""What lets a caller in: a signed token, good for one join, and the session secret it turns into.

POST /api/calls issues a token; the first accepted offer or socket spends it and from then on the
caller shows the session secret. Both are made from one key, so a process that shares it can check
them without having seen the call. Nothing here reads a clock: Unix seconds come as `now_s`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from dataclasses import asdict, dataclass

from bots.errors import CallRefused

TOKEN_TTL_S = 300
MAX_TOKEN_CHARS = 2048
MAX_SPENT = 100_000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token vouches for: this bot, over this transport, as this session, until then."""

    session_id: str
    bot: str
    transport: str
    expires_at: int
    """Unix seconds."""
    token_id: str


class TokenMint:
    """Signs and checks tokens and session secrets with HMAC-SHA256 under one key."""

    def __init__(self, key: bytes) -> None:
        self._token_key = hmac.digest(key, b"offhook token", "sha256")
        self._session_key = hmac.digest(key, b"offhook session", "sha256")

    def issue(self, bot: str, transport: str, now_s: float) -> tuple[str, Claims]:
        """A token for a new session, and what it says."""
        claims = Claims(
            session_id=secrets.token_urlsafe(12),
            bot=bot,
            transport=transport,
            expires_at=int(now_s) + TOKEN_TTL_S,
            token_id=secrets.token_urlsafe(12),
        )
        body = _encode(json.dumps(asdict(claims), separators=(",", ":")).encode())
        return f"{body}.{_encode(self._sign(body))}", claims

    def verify(self, token: str, now_s: float) -> Claims:
        """What the token says, once its signature and its time hold.

        Raises:
            CallRefused: 401 when it is missing, not ours or expired.
        """
        if not token:
            raise CallRefused(
                "No token was given.",
                status=401,
                code="token_missing",
                hint="POST /api/calls answers with one.",
            )
        body, _, signature = token.partition(".")
        try:
            if len(token) > MAX_TOKEN_CHARS:
                raise ValueError("too long")
            if not hmac.compare_digest(self._sign(body), _decode(signature)):
                raise ValueError("signature")
            claims = Claims(**json.loads(_decode(body)))
        except (ValueError, TypeError, binascii.Error):
            raise CallRefused(
                "The token is not one of ours.",
                status=401,
                code="token_invalid",
                hint="Ask for a new one; without OFFHOOK_SECRET a restart voids all of them.",
            ) from None
        if now_s >= claims.expires_at:
            raise CallRefused(
                "The token has expired.",
                status=401,
                code="token_expired",
                hint=f"A token is good for {TOKEN_TTL_S} s; ask POST /api/calls for a new one.",
            )
        return claims

    def secret_for(self, session_id: str) -> str:
        """The session's secret: known to whoever spent its token, and to nobody else."""
        return _encode(hmac.digest(self._session_key, session_id.encode(), "sha256"))

    def is_secret(self, session_id: str, candidate: str) -> bool:
        """Whether `candidate` is the session's secret, compared in constant time."""
        return hmac.compare_digest(self.secret_for(session_id).encode(), candidate.encode())

    def _sign(self, body: str) -> bytes:
        return hmac.digest(self._token_key, body.encode(), "sha256")


class SpentTokens:
    """The tokens already used, each remembered until it would have expired anyway."""

    def __init__(self, max_spent: int = MAX_SPENT) -> None:
        self._expiries: OrderedDict[str, int] = OrderedDict()
        self._max_spent = max_spent

    def spend(self, claims: Claims, now_s: float) -> None:
        """Marks the token as used.

        Raises:
            CallRefused: 409 when it already is, or 429 when so many are that none can be
                remembered; a token that cannot be remembered is not let in.
        """
        if claims.token_id in self._expiries:
            raise CallRefused(
                "The token has been used.",
                status=409,
                code="token_spent",
                hint="A token opens one call; ask POST /api/calls for a new one.",
            )
        if len(self._expiries) >= self._max_spent:
            self._forget_expired(now_s)
        if len(self._expiries) >= self._max_spent:
            raise CallRefused("Too many calls at once.", status=429, code="too_many_calls")
        self._expiries[claims.token_id] = claims.expires_at

    def give_back(self, claims: Claims) -> None:
        """Lets the token be used again: its offer was not accepted."""
        self._expiries.pop(claims.token_id, None)

    def __len__(self) -> int:
        return len(self._expiries)

    def _forget_expired(self, now_s: float) -> None:
        for token_id in [key for key, expiry in self._expiries.items() if expiry <= now_s]:
            del self._expiries[token_id]


def derive_key(secret: str | None) -> bytes:
    """The signing key out of OFFHOOK_SECRET, or a random one."""
    return hashlib.sha256(secret.encode()).digest() if secret else secrets.token_bytes(32)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """The bytes of `text`; only the one spelling that `_encode` gives them is taken."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encode(raw) != text:
        raise ValueError("not canonical")
    return raw
