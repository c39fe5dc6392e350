"""Text as it is read aloud: what the brain wrote becomes words, for the synthesiser alone.

The context and the page keep the words as written; `speakable` runs inside a voice, just before
the model. Pipecat's own transforms (`pipecat.utils.text.transforms`) are English, asynchronous and
know neither times nor codes; number words come from the library they use, num2words.
"""

from __future__ import annotations

from bots.local.speakable import english, romance
from bots.local.speakable.markup import plain, tidy

LANGUAGES = ("en", *romance.LANGUAGES)

_MAX_PASSES = 6


def speakable(text: str, language: str = "en") -> str:
    """The words of `text` as they are said in `language` (`en`, `es`, `fr`, `it`, `pt`).

    Pure, never raises, idempotent: text that is already words comes back as it is. Nothing that
    can be said gives the empty string. No digit is left in any of the five languages; another
    language is only freed of markup.
    """
    code = language.replace("_", "-").split("-")[0].lower()
    for _ in range(_MAX_PASSES):
        spoken = _once(text, code)
        if spoken == text:
            break
        text = spoken
    return text


def _once(text: str, code: str) -> str:
    words = plain(text)
    if code == "en":
        words = english.words(words)
    elif code in romance.LANGUAGES:
        words = romance.words(words, code)
    return tidy(words)
