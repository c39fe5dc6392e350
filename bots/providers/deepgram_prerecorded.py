"""Deepgram's pre-recorded transcription as a Pipecat service: one HTTP request a stretch of speech.

Pipecat has Deepgram's WebSocket only. This one stands in a chain behind it: it needs no open
socket, so it answers when the streaming side of the vendor is what failed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, fields
from typing import Any

import aiohttp
from pipecat.frames.frames import ErrorFrame, Frame, TranscriptionFrame
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.time import time_now_iso8601
from pipecat.utils.tracing.service_decorators import traced_stt
from pipecat.utils.types import NOT_GIVEN, NotGiven, is_given

BASE_URL = "https://api.deepgram.com"
DEFAULT_MODEL = "nova-3-general"
TIMEOUT_S = 10.0
"""For the whole request; a chain gives up sooner (`ChainSettings.stt_s`)."""
TTFS_P99_S = 1.5
"""Speech end to transcript: the upload of an utterance and one pass. An estimate, not measured."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass
class DeepgramPrerecordedSettings(STTSettings):
    """Query parameters of `POST /v1/listen`, as
    https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded names them; those
    not given are not sent. `extra` sends parameters that have no field here.
    """

    detect_entities: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    detect_language: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    dictation: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    filler_words: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    keyterm: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    keywords: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    measurements: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    mip_opt_out: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    numerals: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    profanity_filter: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    punctuate: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    redact: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    replace: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    search: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    smart_format: bool | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    tag: list[str] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    version: str | NotGiven = field(default_factory=lambda: NOT_GIVEN)


class DeepgramPrerecordedSTTService(SegmentedSTTService):
    """Transcribes each stretch of speech between the VAD's start and stop with one request.

    Consumes InputAudioRawFrame and VADUserStarted/StoppedSpeakingFrame, all passed on; emits a
    finalized TranscriptionFrame for each stretch with words in it and nothing for one without. A
    refusal, a broken answer or TIMEOUT_S is an ErrorFrame upstream; nothing is asked twice. An
    interruption changes nothing.
    """

    Settings = DeepgramPrerecordedSettings

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = BASE_URL,
        settings: DeepgramPrerecordedSettings | None = None,
        timeout_s: float = TIMEOUT_S,
        ttfs_p99_latency: float | None = TTFS_P99_S,
        **kwargs: Any,
    ) -> None:
        """Args:
        base_url: root of Deepgram or of a self-hosted one; http, https, ws and wss are taken.
        """
        nothing = {entry.name: None for entry in fields(self.Settings) if entry.name != "extra"}
        given = self.Settings.from_mapping(nothing)
        given.model, given.language, given.punctuate = DEFAULT_MODEL, Language.EN, True
        if settings is not None:
            given.apply_update(settings)
        super().__init__(settings=given, ttfs_p99_latency=ttfs_p99_latency, **kwargs)
        self._url = f"{_as_http(base_url).rstrip('/')}/v1/listen"
        self._headers = {"Authorization": f"Token {api_key}", "Content-Type": "audio/wav"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None

    def can_generate_metrics(self) -> bool:
        return True

    async def cleanup(self) -> None:
        """Close the connection that is kept between requests."""
        await super().cleanup()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Transcribe one WAV file."""
        await self.start_processing_metrics()
        try:
            text, language = _best(await self._ask(audio))
        except _Refused as error:
            yield ErrorFrame(f"Deepgram refused to transcribe: {error.status}", exception=error)
            return
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            yield ErrorFrame(
                f"Deepgram could not be reached: {type(error).__name__}",
                exception=error,
                category=ErrorCategory.CONNECTIVITY,
            )
            return
        except (ValueError, KeyError, IndexError, TypeError) as error:
            yield ErrorFrame(
                "Deepgram's answer could not be read.",
                exception=error,
                category=ErrorCategory.SERVER,
            )
            return
        finally:
            await self.stop_processing_metrics()
        if text:
            await self._handle_transcription(text, True, language)
            yield TranscriptionFrame(text, self._user_id, time_now_iso8601(), language)

    async def _ask(self, audio: bytes) -> Any:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=self._timeout)
        async with self._http.post(
            self._url, params=self._query(), data=audio, headers=self._headers
        ) as response:
            if response.status >= 400:
                raise _Refused(response)
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise ValueError("the answer is too large")
            return json.loads(body)

    def _query(self) -> list[tuple[str, str]]:
        """The parameters; a list is a parameter sent once for each of its values."""
        given = {
            entry.name: getattr(self._settings, entry.name) for entry in fields(self._settings)
        }
        given |= given.pop("extra") or {}
        if given.get("detect_language") is True:
            given.pop("language", None)
        query: list[tuple[str, str]] = []
        for name, value in given.items():
            if not is_given(value) or value is None:
                continue
            query += [
                (name, _as_text(one)) for one in (value if isinstance(value, list) else [value])
            ]
        return query

    @traced_stt
    async def _handle_transcription(
        self, transcript: str, is_final: bool, language: Language | None = None
    ) -> None:
        """Where Pipecat's tracing reads a final transcript."""


class _Refused(Exception):
    """An answer with an error status; its body is not read, since it may repeat what was asked.

    Where Pipecat and the breakers look: `status` and `headers`.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        super().__init__(f"status {response.status}")
        self.status = response.status
        self.headers = response.headers


def _best(answer: Any) -> tuple[str, Language | None]:
    """Text and detected language of the likeliest transcript; '' when nothing was said."""
    channel = answer["results"]["channels"][0]
    text = channel["alternatives"][0]["transcript"]
    if not isinstance(text, str):
        raise TypeError("the transcript is no text")
    try:
        language = Language(channel["detected_language"])
    except (KeyError, ValueError):
        language = None
    return text.strip(), language


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_http(base_url: str) -> str:
    scheme, separator, rest = base_url.partition("://")
    if not separator:
        return f"https://{base_url}"
    return f"{({'ws': 'http', 'wss': 'https'}).get(scheme, scheme)}://{rest}"
