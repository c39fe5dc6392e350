"""The local voice as a Pipecat TTS service: reply text in, clauses of audio and timed words out."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from pipecat.audio.utils import create_file_resampler
from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from pipecat.utils.errors import ErrorCategory

from bots.local.polish import pause_ms
from bots.local.speakable import speakable
from bots.local.voices import Voice
from processors.clauses import ClauseAggregator, ClauseCutter, ClausePolicy

_CHUNK_MS = 40
# A context without audio for so long is taken for over. A slow machine with a slow voice needs more
# than Pipecat's 3 s for a long clause, and three contexts that "end silent" write a service off.
_PATIENCE_S = 10.0
_BYTES_PER_SAMPLE = 2
# A slow voice must have the next clause ready before a short one has played.
_SLOW_CLAUSE_CHARS = 20
# A word takes along the marks that stand alone after it: "nine —".
_WORD = re.compile(r"\S*\w\S*(?:\s+[^\w\s]+(?=\s|$))*")
# The rests inside a clause, in characters of speech.
_COMMA_CHARS = 5


@dataclass
class LocalTTSSettings(TTSSettings):
    """Nothing to set at run time: a voice is chosen by the bot's file, before the call."""


class LocalTTSService(TTSService):
    """Speaks through a shared `Voice`, clause by clause, the first one as soon as it stands.

        LLMText "Yes, we are op" | "en on Saturday. Any" | "thing else?" LLMFullResponseEnd
        pieces   Yes,              we are open on Saturday.                Anything else?
        out      [audio, words]    [audio, words]                          [audio, words] Stopped

    Consumes what every Pipecat TTS service does. Emits `TTSAudioRawFrame`s of 40 ms at the
    pipeline's output rate and, through Pipecat's word clock, one `TTSTextFrame` a word, timed by
    its place in the audio, with the word as it was written: figures become words for the voice
    only. An interruption drops the clauses that wait, tells the voice to end the one under way and
    leaves the words not yet spoken out of the context.
    """

    Settings = LocalTTSSettings

    def __init__(self, voice: Voice, **kwargs: Any) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            push_text_frames=False,
            stop_frame_timeout_s=_PATIENCE_S,
            settings=LocalTTSSettings(
                model=type(voice).__name__, voice=voice.name, language=voice.language
            ),
            **kwargs,
        )
        self._voice = voice
        short = ClausePolicy(clause_chars=_SLOW_CLAUSE_CHARS)
        self._policy = short if voice.is_slow else ClausePolicy()
        self._text_aggregator = ClauseAggregator(voice.language, self._policy)
        self._one_shot = create_file_resampler()
        self._given_out_s: dict[str, float] = {}

    def can_generate_metrics(self) -> bool:
        """Time to first audio and processing time are reported."""
        return True

    async def _update_settings(self, delta: TTSSettings) -> dict[str, Any]:
        changed = await super()._update_settings(delta)
        self._warn_unhandled_updated_settings(changed)
        return changed

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Yield the audio of `text`, a clause at a time.

        `text` is one piece of a reply, or a whole greeting; a clause that cannot be spoken is an
        `ErrorFrame`, and the rest goes on.
        """
        await self.start_tts_usage_metrics(text)
        cutter = ClauseCutter(
            self._voice.language, self._policy, is_begun=context_id in self._given_out_s
        )
        for piece in [*cutter.feed(text), cutter.flush()]:
            if not piece.strip():
                continue
            try:
                audio = await self._voice.synthesize(piece)
            except Exception as error:
                # The text stays out of the message: it goes to the log.
                yield ErrorFrame(
                    f"The local voice failed on a clause: {type(error).__name__}",
                    exception=error,
                    category=ErrorCategory.UNKNOWN,
                )
                continue
            audio = await self._one_shot.resample(
                audio, self._voice.sample_rate_hz, self.sample_rate
            )
            await self._time_words(piece, len(audio), context_id)
            step = self.sample_rate * _CHUNK_MS // 1000 * _BYTES_PER_SAMPLE
            for start in range(0, len(audio), step):
                chunk = audio[start : start + step]
                yield TTSAudioRawFrame(chunk, self.sample_rate, 1, context_id=context_id)

    async def on_audio_context_completed(self, context_id: str) -> None:
        """Forget the context's length; a context that resumes begins anew."""
        self._given_out_s.pop(context_id, None)

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        """Forget the context's length."""
        self._given_out_s.pop(context_id, None)

    async def _time_words(self, piece: str, audio_bytes: int, context_id: str) -> None:
        start_s = self._given_out_s.get(context_id, 0.0)
        length_s = audio_bytes / (self.sample_rate * _BYTES_PER_SAMPLE)
        self._given_out_s[context_id] = start_s + length_s
        voiced_s = max(0.0, length_s - pause_ms(piece) / 1000)
        times = word_times(piece, voiced_s, self._voice.language)
        await self.add_word_timestamps(
            [(word, start_s + offset_s) for word, offset_s in times], context_id
        )


def word_times(text: str, voiced_s: float, language: str) -> list[tuple[str, float]]:
    """Each written word of `text` and when it begins, in seconds of `voiced_s`.

    An estimate: the models report no durations, so a word takes its share of the letters spoken
    ("AB-4471" is long), and a mark inside the clause a rest.
    """
    words = _WORD.findall(text)
    shares = []
    for word in words:
        rest = _COMMA_CHARS if word[-1] in ",;:.!?" else 0
        has_figures = any(char.isdigit() for char in word)
        letters = len(speakable(word, language)) if has_figures else len(word)
        shares.append(letters + 1 + rest)
    total = sum(shares)
    times, passed = [], 0
    for word, share in zip(words, shares, strict=True):
        times.append((word, voiced_s * passed / total))
        passed += share
    return times
