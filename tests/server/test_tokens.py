"""Tokens and session secrets, with time as data."""

from __future__ import annotations

import dataclasses

import pytest

from bots.errors import CallRefused
from server.tokens import TOKEN_TTL_S, SpentTokens, TokenMint, derive_key

pytestmark = pytest.mark.unit

NOW_S = 1_700_000_000.0


def mint() -> TokenMint:
    return TokenMint(derive_key("a secret long enough"))


def refused(token: str, now_s: float = NOW_S) -> tuple[int, str]:
    with pytest.raises(CallRefused) as refusal:
        mint().verify(token, now_s)
    return refusal.value.status, refusal.value.code


def test_token_says_what_it_was_issued_for():
    """Another process with the same secret reads the claims of a token."""
    token, claims = mint().issue("receptionist", "webrtc", NOW_S)
    assert mint().verify(token, NOW_S + 10) == claims
    assert (claims.bot, claims.transport) == ("receptionist", "webrtc")
    assert claims.expires_at == NOW_S + TOKEN_TTL_S == NOW_S + 300


def test_token_expires_after_five_minutes():
    """The last second is good, the next is not."""
    token, _ = mint().issue("receptionist", "webrtc", NOW_S)
    mint().verify(token, NOW_S + 299.9)
    assert refused(token, NOW_S + 300) == (401, "token_expired")


def test_missing_token_is_named():
    """No token is another error than a bad one."""
    assert refused("") == (401, "token_missing")


@pytest.mark.parametrize(
    "damage",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "A" + token,
        lambda token: token.partition(".")[0],
        lambda token: token + "." + token,
        lambda token: "ä.ü",
        lambda token: "x" * 5000,
        lambda token: ".",
    ],
)
def test_damaged_token_is_refused(damage):
    """Whatever is not exactly what was signed is not ours."""
    token, _ = mint().issue("receptionist", "webrtc", NOW_S)
    assert refused(damage(token)) == (401, "token_invalid")


def test_other_spelling_of_a_token_is_refused():
    """Base64 leaves bits unused at its end: of the spellings that decode alike, one is a token."""
    token, _ = mint().issue("receptionist", "webrtc", NOW_S)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    taken = [letter for letter in letters if _is_taken(token[:-1] + letter)]
    assert taken == [token[-1]]
    for ending in ("=", "==", "\n"):
        assert refused(token + ending) == (401, "token_invalid")


def _is_taken(token: str) -> bool:
    try:
        mint().verify(token, NOW_S)
    except CallRefused:
        return False
    return True


def test_token_of_another_secret_is_refused():
    """A random key shares nothing with a set one."""
    token, _ = TokenMint(derive_key(None)).issue("receptionist", "webrtc", NOW_S)
    assert refused(token) == (401, "token_invalid")


def test_token_is_spent_once():
    """The second use is a conflict, and giving it back makes it good again."""
    spent = SpentTokens()
    _, claims = mint().issue("receptionist", "webrtc", NOW_S)
    spent.spend(claims, NOW_S)
    with pytest.raises(CallRefused) as refusal:
        spent.spend(claims, NOW_S)
    assert (refusal.value.status, refusal.value.code) == (409, "token_spent")
    spent.give_back(claims)
    spent.spend(claims, NOW_S)


def test_spent_tokens_are_forgotten_when_they_have_expired():
    """Memory is bounded, and a token that would not fit is not let in."""
    spent = SpentTokens(max_spent=2)
    for _ in range(2):
        spent.spend(mint().issue("receptionist", "webrtc", NOW_S)[1], NOW_S)
    _, late = mint().issue("receptionist", "webrtc", NOW_S)
    with pytest.raises(CallRefused, match="Too many"):
        spent.spend(late, NOW_S + 1)
    spent.spend(late, NOW_S + TOKEN_TTL_S)
    assert len(spent) == 1


def test_session_secret_belongs_to_one_session():
    """A secret opens its own session, made anywhere with the same key, and no other."""
    secret = mint().secret_for("one")
    assert mint().is_secret("one", secret)
    assert not mint().is_secret("two", secret)
    assert not mint().is_secret("one", "")
    assert not mint().is_secret("one", "ü")


def test_token_is_no_session_secret():
    """Who stole a spent token cannot act for the session."""
    token, claims = mint().issue("receptionist", "webrtc", NOW_S)
    secret = mint().secret_for(claims.session_id)
    assert secret not in token
    assert not mint().is_secret(claims.session_id, token)


def test_two_calls_never_share_an_id():
    """Session and token ids are random each time."""
    issued = [mint().issue("receptionist", "webrtc", NOW_S)[1] for _ in range(100)]
    assert len({claims.session_id for claims in issued}) == 100
    assert len({claims.token_id for claims in issued}) == 100
    assert dataclasses.replace(issued[0]) == issued[0]
