"""The query parameters of Deepgram's transcription, and the words of its results.

Parameters: https://developers.deepgram.com/reference/speech-to-text/listen-streaming and
https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded. Deepgram ignores some
parameters it does not know; here they are refused, so that a misspelt one is found.
"""

from typing import Any, Literal

from multidict import MultiMapping
from pydantic import Field

from emulators.problems import Problem, Request, Wrong
from emulators.word_tones import ToneWord

Flag = Literal["true", "false"]


class ListenQuery(Request):
    """What both kinds of transcription take; a list is a parameter that may be sent again."""

    model: str = "base"
    version: str | None = None
    language: str = Field(default="en", pattern=r"^(multi|[a-z]{2,3}(-[A-Za-z0-9]+)*)$")
    encoding: Literal["linear16", "mulaw"] | None = None
    sample_rate: int | None = Field(default=None, ge=8000, le=48000)
    channels: int = Field(default=1, ge=1, le=1)
    multichannel: Flag = "false"
    callback: str | None = None
    callback_method: Literal["POST", "PUT", "post", "put"] | None = None
    detect_entities: Flag = "false"
    diarize: Flag = "false"
    diarize_model: str | None = None
    dictation: Flag = "false"
    extra: list[str] | None = None
    keyterm: list[str] | None = None
    keywords: list[str] | None = None
    mip_opt_out: Flag = "false"
    numerals: Flag = "false"
    profanity_filter: Flag = "false"
    punctuate: Flag = "false"
    redact: list[str] | None = None
    replace: list[str] | None = None
    search: list[str] | None = None
    smart_format: Flag = "false"
    tag: list[str] | None = None


class LiveQuery(ListenQuery):
    endpointing: Literal["false"] | int = Field(default=10, union_mode="left_to_right")
    interim_results: Flag = "false"
    language_hint: list[str] | None = None
    utterance_end_ms: int | None = Field(default=None, ge=1000, le=5000)
    vad_events: Flag = "false"


class PrerecordedQuery(ListenQuery):
    detect_language: Flag | list[str] = "false"
    filler_words: Flag = "false"
    measurements: Flag = "false"
    paragraphs: Flag = "false"
    sentiment: Flag = "false"
    summarize: str | None = None
    topics: Flag = "false"
    utterances: Flag = "false"
    utt_split: float | None = None


def read_query(query: MultiMapping[str], shape: type[Request]) -> dict[str, Any]:
    """Gather parameters that may come more than once into lists."""
    data: dict[str, Any] = {}
    for name in query:
        values = query.getall(name)
        field = shape.model_fields.get(name)
        is_list = field is not None and "list" in str(field.annotation)
        if len(values) > 1 and not is_list:
            raise Problem(Wrong.VALUE, "the parameter was sent twice", param=name)
        data[name] = values if is_list else values[0]
    return data


def word_fields(word: ToneWord) -> dict[str, Any]:
    return {
        "word": word.text.strip(".,?!").lower(),
        "punctuated_word": word.text,
        "start": word.start_s,
        "end": word.end_s,
        "confidence": 0.99,
    }
