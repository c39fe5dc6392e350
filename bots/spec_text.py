"""Languages and texts, as the parts of a BotSpec take them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from bots.languages import LANGUAGES, code_for
from bots.refusal import refuse


def _language(code: str) -> str:
    if code in LANGUAGES:
        return code
    meant = code_for(code)
    fix = f"Write `{meant}`." if meant else "Write two letters, as in `en`; docs/bots.md has all."
    raise refuse("language", f"`{code}` is not a language code.", fix)


def _not_blank(text: str) -> str:
    if text.strip():
        return text
    raise refuse("blank", "This text is empty.", "Write something, or remove the key.")


Language = Annotated[str, AfterValidator(_language)]
Text = Annotated[str, AfterValidator(_not_blank)]
