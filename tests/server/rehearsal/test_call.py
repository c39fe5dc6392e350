"""What a rehearsed call came to, counted from the words of both sides."""

from __future__ import annotations

import numpy as np
import pytest

from emulators.script import numbered_reply
from emulators.word_tones import encode
from server.rehearsal.call import CALLER_WORDS, ListeningTransport, outcome

pytestmark = pytest.mark.unit

TOLD = " ".join(CALLER_WORDS)
PROBE = "Say yes."


def heard(*texts: str) -> ListeningTransport:
    """A caller to whom each text was said, a second after the one before."""
    transport = ListeningTransport()
    at_s = 5.0
    for text in texts:
        samples = np.frombuffer(encode(text, 24_000), np.int16)
        transport.heard(at_s, samples)
        at_s += len(samples) / 24_000 + 1.0
    return transport


def test_a_whole_answer() -> None:
    """Every word of both sides once: answered, with its times from the caller's last word."""
    came = outcome(heard(numbered_reply(0)), 4.0, [TOLD, PROBE], ())
    assert came.is_answered
    assert (came.lost, came.repeated) == (0, 0)
    assert came.first_s == pytest.approx(1.0, abs=0.05)
    assert came.last_s is not None and came.last_s > 2.5


def test_words_that_were_cut_off_and_said_again() -> None:
    """A sentence that came twice is counted word by word, and so is one that never came."""
    first, second = "w1 w2 w3 w4.", "w5 w6 w7 w8."
    assert outcome(heard(first, first, second), 4.0, [TOLD], ()).repeated == 4
    cut = outcome(heard(first), 4.0, [TOLD], ())
    assert (cut.lost, cut.is_answered, cut.last_s) == (4, False, None)


def test_words_of_the_caller_that_no_model_was_told() -> None:
    """Lost by the ears, though the answer is whole."""
    told = TOLD.replace(CALLER_WORDS[2], "").replace(CALLER_WORDS[0], f"{CALLER_WORDS[0]} " * 2)
    came = outcome(heard(numbered_reply(0)), 4.0, [told], ())
    assert (came.lost, came.repeated, came.is_answered) == (1, 1, False)


def test_a_model_that_was_told_nothing_has_not_answered() -> None:
    """It asks the caller to say it again, in the words of its script."""
    came = outcome(heard(numbered_reply(0)), 4.0, ["Briefly ask them to repeat."], ())
    assert (came.last_s, came.is_answered) == (None, False)


def test_silence_and_a_line_of_another_kind() -> None:
    """Nothing at all has no first sound; a last resort is told apart from an answer."""
    assert outcome(ListeningTransport(), 4.0, [TOLD], ()).first_s is None
    came = outcome(heard("one moment please"), 4.0, [TOLD], ())
    assert came.first_s is not None and came.other == "one moment please"
