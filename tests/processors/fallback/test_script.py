"""What is to be said keeps its order, and text finds its utterance."""

from __future__ import annotations

import pytest
from pipecat.frames.frames import (
    AggregatedTextFrame,
    EndFrame,
    Frame,
    FunctionCallResultFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
)
from pipecat.utils.text.base_text_aggregator import TextType

from processors.fallback.script import Script
from processors.fallback.utterance import Utterance

pytestmark = pytest.mark.unit


def told(script: Script) -> list[object]:
    """What comes out, utterances by their text."""
    told: list[object] = []
    while (item := script.pop()) is not None:
        told.append(item.text if isinstance(item, Utterance) else type(item))
    return told


def test_a_reply_is_one_utterance_between_its_frames() -> None:
    """Tokens grow one utterance, which the reply's end closes."""
    script = Script()
    script.add(LLMFullResponseStartFrame())
    script.add(LLMTextFrame("one "))
    script.add(LLMTextFrame("two."))
    closed = script.add(LLMFullResponseEndFrame())
    assert closed is not None and closed.is_closed and closed.is_reply
    assert told(script) == [LLMFullResponseStartFrame, "one two.", LLMFullResponseEndFrame]


def test_an_utterance_that_was_handed_out_still_grows() -> None:
    """A voice begins with the first token."""
    script = Script()
    script.add(LLMTextFrame("one "))
    utterance = script.pop()
    script.add(LLMTextFrame("two."))
    assert isinstance(utterance, Utterance) and utterance.text == "one two."
    assert script.pop() is None


def test_a_line_in_the_middle_of_a_reply_splits_it() -> None:
    """What was said before stays before; the line does not commit itself."""
    script = Script()
    script.add(LLMFullResponseStartFrame())
    script.add(LLMTextFrame("one."))
    assert script.add(TTSSpeakFrame("wait.")) is not None
    script.add(LLMTextFrame("two."))
    script.add(LLMFullResponseEndFrame())
    first, *rest = told(script)
    assert first is LLMFullResponseStartFrame
    assert rest == ["one.", "wait.", "two.", LLMFullResponseEndFrame]


@pytest.mark.parametrize("frame", [FunctionCallResultFrame("f", "1", {}, None), EndFrame()])
def test_other_frames_keep_their_place(frame: Frame) -> None:
    """A frame between two lines comes out between them."""
    script = Script()
    for item in (TTSSpeakFrame("one."), frame, TTSSpeakFrame("two.")):
        script.add(item)
    assert told(script) == ["one.", type(frame), "two."]


def test_sentences_from_a_text_processor_are_kept_apart() -> None:
    """Whole sentences come without the space between them."""
    script = Script()
    script.add(AggregatedTextFrame("One.", TextType.SENTENCE))
    script.add(AggregatedTextFrame("Two.", TextType.SENTENCE))
    assert told(script) == ["One. Two. "]


def test_what_is_not_for_the_voice_passes() -> None:
    """A transcript and text that skips the voice are other frames."""
    script = Script()
    silent = LLMTextFrame("code")
    silent.skip_tts = True
    script.add(silent)
    script.add(TranscriptionFrame("hello", "caller", "now"))
    assert told(script) == [LLMTextFrame, TranscriptionFrame]


def test_an_interruption_leaves_what_it_may_not_take() -> None:
    """Lines and frames that are not interruptible stay, in order."""
    script = Script()
    kept = TTSSpeakFrame("goodbye.")
    kept.interruptible = False
    script.add(LLMTextFrame("one "))
    script.add(kept)
    script.add(EndFrame())
    script.interrupt()
    script.add(LLMTextFrame("new."))
    assert told(script) == ["goodbye.", EndFrame, "new."]
