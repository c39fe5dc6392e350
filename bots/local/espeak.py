"""espeak-ng's phonemes, from the optional package piper-tts: the only door to GPL code here."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from bots.errors import OffhookError

if TYPE_CHECKING:
    from piper.phonemize_espeak import EspeakPhonemizer

# espeak-ng keeps its voice and its buffers in globals.
_LOCK = threading.Lock()


def missing_extra(voice: str) -> OffhookError:
    """The error for `voice` when piper-tts is not installed."""
    return OffhookError(
        f"The voice {voice} needs the package piper-tts, which is not installed.",
        hint='Install it with: pip install "offhook[voices]" (piper-tts is GPL-3.0-or-later).',
        code="extra_missing",
    )


def phonemes(text: str, espeak_voice: str) -> str:
    """`text` as IPA with its punctuation and stress marks, sentences joined by a space.

    Raises:
        OffhookError: `extra_missing` without piper-tts.
    """
    phonemizer = _phonemizer()
    with _LOCK:
        sentences = phonemizer.phonemize(espeak_voice, text)
    return " ".join("".join(sentence) for sentence in sentences)


@cache
def _phonemizer() -> EspeakPhonemizer:
    try:
        from piper.phonemize_espeak import EspeakPhonemizer
    except ImportError as error:
        raise missing_extra("(espeak-ng)") from error
    return EspeakPhonemizer()
