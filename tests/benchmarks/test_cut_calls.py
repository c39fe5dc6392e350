"""What a cut answer is compared by."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cut_calls import ANSWER, MADE_HZ, Cut, words_of_the_bot
from emulators.word_tones import encode, split_words, word_duration_s

pytestmark = pytest.mark.unit

MADE = np.frombuffer(encode(ANSWER, MADE_HZ), np.int16)


def cut(recording: np.ndarray, known: int) -> Cut:
    return Cut("webrtc", "openai", "frame", 1.0, recording, MADE_HZ, known, is_prefix=True)


def test_words_are_counted_whole() -> None:
    """Half a word that was heard is none, and the context may have one too few."""
    lengths_s = [word_duration_s(word) for word in split_words(ANSWER)]
    upto = round((sum(lengths_s[:4]) + lengths_s[4] / 2) * MADE_HZ)
    assert (cut(MADE[:upto], 4).heard, cut(MADE[:upto], 3).error) == (4, -1)


def test_a_stutter_shows_as_a_gap() -> None:
    """0.2 s of silence inside of what was heard."""
    silence = np.zeros(MADE_HZ // 5, np.int16)
    stuttering = np.concatenate([silence, MADE[:MADE_HZ], silence, MADE[MADE_HZ : 2 * MADE_HZ]])
    assert cut(MADE, 16).gap_s < 0.1
    assert cut(stuttering, 0).gap_s == pytest.approx(0.2, abs=0.1)
    assert cut(np.zeros(0, np.int16), 0).gap_s == 0.0


def test_the_words_of_the_bot_are_those_of_its_messages() -> None:
    """In order, whoever spoke between."""
    messages = [
        {"role": "assistant", "content": "we are"},
        {"role": "user", "content": "wait"},
        {"role": "assistant", "content": "open"},
    ]
    assert words_of_the_bot(messages) == ["we", "are", "open"]
