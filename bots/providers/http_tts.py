"""A voice of your own house behind plain HTTP, as a Pipecat service: `tts: {provider: http, url}`.

The contract, for whoever writes the other side: POST JSON `{"text", "voice", "language",
"sample_rate_hz"}` and whatever the bot's `fields` add, with `Authorization: Bearer KEY` when the
bot names a key. Answer 200 with `audio/pcm` (s16le mono at `sample_rate_hz`), or with `audio/wav`
of any rate, streamed as it is made; anything else is a failure.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.tracing.service_decorators import traced_tts
from pipecat.utils.types import NOT_GIVEN, NotGiven, is_given

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
"""Between two pieces of an answer; a chain gives up sooner (`ChainSettings.first_audio_s`)."""
WAV_HEADER_BYTES = 44
RESAMPLER_TAIL_BYTES = 4_800
"""Silence behind a file: the streaming resampler keeps the last samples until more come."""


@dataclass
class HouseTTSSettings(TTSSettings):
    """What a bot's `settings` may hold beside `voice`."""

    fields: dict[str, Any] | NotGiven = field(default_factory=lambda: NOT_GIVEN)
    """More fields of the request's JSON, as they are; none of the contract's own is replaced."""


class HouseTTSService(TTSService):
    """Speaks each sentence with one request, its audio pushed on as it comes.

    Consumes and emits what every Pipecat TTS service does. A status other than 200, a type of
    content that is no audio, and a connection that fails or falls silent for READ_TIMEOUT_S are an
    ErrorFrame upstream; nothing is asked twice. An interruption ends the request under way.
    """

    Settings = HouseTTSSettings

    def __init__(
        self,
        *,
        url: str,
        api_key: str | None = None,
        settings: HouseTTSSettings | None = None,
        **kwargs: Any,
    ) -> None:
        """Args:
        url: where the text is posted, path included.
        """
        given = self.Settings(model=None, voice=None, language=None, fields={})
        if settings is not None:
            given.apply_update(settings)
        super().__init__(push_start_frame=True, push_stop_frames=True, settings=given, **kwargs)
        self._url = url
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S
        )
        self._http: aiohttp.ClientSession | None = None

    def can_generate_metrics(self) -> bool:
        """Time to first audio and processing time are reported."""
        return True

    def language_to_service_language(self, language: Language) -> str:
        """Two letters, as in a bot's `language`."""
        return str(language.value).split("-")[0]

    async def cleanup(self) -> None:
        """Close the connection that is kept between sentences."""
        await super().cleanup()
        if self._http is not None:
            await self._http.close()
            self._http = None

    @traced_tts
    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Yield the audio of `text` as it arrives, at the pipeline's rate."""
        await self.start_tts_usage_metrics(text)
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._http.post(
                self._url, json=self._body(text), headers=self._headers
            ) as response:
                if response.status != 200:
                    yield _refusal(response)
                    return
                is_wav = _is_wav(response.content_type)
                async for frame in self._stream_audio_frames_from_iterator(
                    _wav(response.content) if is_wav else response.content.iter_any(),
                    strip_wav_header=is_wav,
                    in_sample_rate=None if is_wav else self.sample_rate,
                    context_id=context_id,
                ):
                    await self.stop_ttfb_metrics()
                    yield frame
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            yield ErrorFrame(
                f"The house voice could not be reached: {type(error).__name__}",
                exception=error,
                category=ErrorCategory.CONNECTIVITY,
            )
        except ValueError as error:
            yield ErrorFrame(
                f"The house voice's answer is no audio: {error}",
                exception=error,
                category=ErrorCategory.SERVER,
            )

    def _body(self, text: str) -> Mapping[str, Any]:
        given = self._settings
        more = given.fields if isinstance(given, HouseTTSSettings) else {}
        own = {"voice": given.voice, "language": given.language}
        return {
            **(more if is_given(more) else {}),
            "text": text,
            **{name: value for name, value in own.items() if is_given(value) and value},
            "sample_rate_hz": self.sample_rate,
        }


def _refusal(response: aiohttp.ClientResponse) -> ErrorFrame:
    """The status and its headers, as Retry-After; not the body, which may repeat the text."""
    error = aiohttp.ClientResponseError(
        response.request_info, (), status=response.status, headers=response.headers
    )
    return ErrorFrame(f"The house voice refused to speak: {response.status}", exception=error)


def _is_wav(content_type: str) -> bool:
    if content_type in ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"):
        return True
    if content_type in ("audio/pcm", "audio/l16", "application/octet-stream"):
        return False
    raise ValueError(f"its type is {content_type}")


async def _wav(content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    """The chunks of a WAV file, its header never cut in two."""
    header: bytes | None = b""
    async for chunk in content.iter_any():
        if header is not None:
            header += chunk
            if len(header) < WAV_HEADER_BYTES:
                continue
            chunk, header = header, None
        yield chunk
    if header is not None:
        raise ValueError("it ends inside its WAV header")
    yield bytes(RESAMPLER_TAIL_BYTES)
