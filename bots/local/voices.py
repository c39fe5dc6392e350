"""The voices of the embedded default: which there are for a language, and one loaded and ready.

find_voice("es") -> VoiceEntry -> load_voice(entry, folder) -> Voice -> LocalTTSService
"""

from __future__ import annotations

import asyncio
import difflib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast

import onnxruntime

from bots.errors import OffhookError
from bots.local.polish import Samples, gain_for, pause_ms, polish
from bots.local.speakable import speakable
from bots.providers.engines import is_path
from bots.spec import ProviderSpec

Engine = Literal["hibari", "piper", "kokoro", "silero"]


class Voice(Protocol):
    """One loaded voice, shared by the sessions of a process."""

    @property
    def name(self) -> str:
        """As `find_voice` takes it: `heart`."""
        ...

    @property
    def language(self) -> str:
        """The one language it speaks: `en`."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Of the bytes `synthesize` returns."""
        ...

    @property
    def is_slow(self) -> bool:
        """Whether it takes a good part of a clause's length to make it: short clauses then."""
        ...

    async def synthesize(self, text: str) -> bytes:
        """`text` spoken: PCM s16le mono, the pause after it included; empty if nothing is said."""
        ...


class SpeechModel(Protocol):
    """What a model file brings to a voice: words in, raw samples out, on the calling thread."""

    @property
    def sample_rate_hz(self) -> int:
        """Of the samples `render` returns."""
        ...

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """`words` (no figures, no markup) as samples.

        When another thread sets `options.terminate` nobody wants the samples any more: the model
        may return early with fewer, or raise.
        """
        ...


@dataclass(frozen=True, slots=True)
class VoiceEntry:
    """A voice that can be loaded. `weights` are names for `bots.local.weights`; may be empty."""

    name: str
    language: str
    engine: Engine
    weights: tuple[str, ...]
    description: str
    needs_extra: bool
    """Whether it needs the `voices` extra (piper-tts, GPL-3.0-or-later)."""
    path: Path | None = None
    """The bot's own model, in the place of `weights`: a folder for Kokoro, else a file."""


def _kokoro(language: str, *names: str) -> list[VoiceEntry]:
    kinds = {"f": "female", "m": "male"}
    regions = {"a": "US English", "b": "British English", "e": "Spanish", "f": "French",
               "i": "Italian", "p": "Brazilian Portuguese"}  # fmt: skip
    return [
        VoiceEntry(
            name=name,
            language=language,
            engine="kokoro",
            weights=("kokoro",),
            description=f"{regions[name[0]]}, {kinds[name[1]]}",
            needs_extra=language != "en",
        )
        for name in names
    ]


_ENTRIES = [
    VoiceEntry("heart", "en", "hibari", (), "US English, female", needs_extra=False),
    VoiceEntry("joe", "en", "piper", ("piper-joe",), "US English, male", needs_extra=True),
    *_kokoro("en", "af_heart", "af_bella", "am_michael", "bf_emma", "bm_george"),
    *_kokoro("es", "ef_dora", "em_alex"),
    *_kokoro("fr", "ff_siwis"),
    *_kokoro("it", "if_sara", "im_nicola"),
    *_kokoro("pt", "pf_dora", "pm_alex"),
]

VOICES: dict[str, VoiceEntry] = {entry.name: entry for entry in _ENTRIES}
"""By name; the first of a language is its default."""


def languages() -> tuple[str, ...]:
    """The languages with a local voice, English first."""
    return tuple(dict.fromkeys(entry.language for entry in VOICES.values()))


def find_voice(language: str, name: str | None = None) -> VoiceEntry:
    """The voice called `name`, or the default one of `language` (`en`, `pt-BR`).

    A model's name (`hibari`, `piper-joe`, `kokoro`) is its first voice in the language.

    Raises:
        OffhookError: `no_local_voice` when the language has none, `unknown_voice` when no voice
            has that name, `voice_language` when it speaks another language; the hint is the fix.
    """
    code = language.replace("_", "-").split("-")[0].lower()
    of_language = [entry for entry in VOICES.values() if entry.language == code]
    if not of_language:
        raise OffhookError(
            f"There is no local voice for the language {language!r}.",
            hint=f"Choose one of {', '.join(languages())}, or another tts provider.",
            code="no_local_voice",
        )
    if name is None:
        return of_language[0]
    entry = VOICES.get(name) or next(
        (entry for entry in of_language if name in (entry.engine, *entry.weights)), None
    )
    names = ", ".join(entry.name for entry in of_language)
    if entry is None:
        near = difflib.get_close_matches(name, [entry.name for entry in of_language], n=1)
        hint = f"Did you mean {near[0]}?" if near else f"For {code} there are: {names}."
        raise OffhookError(
            f"There is no local voice called {name!r}.", hint=hint, code="unknown_voice"
        )
    if entry.language != code:
        raise OffhookError(
            f"The voice {name} speaks {entry.language}, not {code}.",
            hint=f"For {code} there are: {names}.",
            code="voice_language",
        )
    return entry


def engine_voice(spec: ProviderSpec, language: str) -> VoiceEntry:
    """The voice of a bot that names its engine: `{provider: piper, model: en_US-ryan-high.onnx}`.

    `spec` has its defaults filled in. Raises as `find_voice` does.
    """
    model = spec.model or ""
    if not is_path("tts", spec.provider, model):
        return find_voice(language, spec.voice or spec.provider)
    path = Path(model)
    name = spec.voice or path.name.removesuffix(".onnx")
    engine = cast(Engine, spec.provider)
    return VoiceEntry(name, language, engine, (), path.name, needs_extra=False, path=path)


def load_voice(entry: VoiceEntry, folder: Path | None = None, *, threads: int = 1) -> Voice:
    """Load `entry` from its weights' `folder` (hibari needs none), warm, ready to speak. Blocks.

    `threads` is what one synthesis may use; a voice speaks one clause at a time.

    Raises:
        OffhookError: `extra_missing` when a package is not installed.
        WeightsError: when `folder` does not hold the model.
    """
    model = _load_model(entry, folder, threads)
    return LoadedVoice(entry.name, entry.language, model)


def _load_model(entry: VoiceEntry, folder: Path | None, threads: int) -> SpeechModel:
    if entry.engine == "hibari":
        from bots.local.hibari import HibariModel

        return HibariModel.load(threads=threads)
    folder = entry.path or folder
    if entry.engine == "piper":
        from bots.local.piper import PiperModel

        return PiperModel.load(folder, threads=threads)
    if entry.engine == "silero":
        from bots.local.silero import SileroModel

        return SileroModel.load(entry.path or Path(), voice=entry.name, threads=threads)
    from bots.local.kokoro import KokoroModel

    return KokoroModel.load(folder, voice=entry.name, threads=threads)


_WARM_UP = {
    "en": "Hello, good morning. I can help you with that today.",
    "es": "Hola, buenos días. Puedo ayudarle con eso hoy.",
    "fr": "Bonjour et bienvenue. Je peux vous aider aujourd'hui.",
    "it": "Salve, buongiorno. Posso aiutarla con questo oggi.",
    "pt": "Olá, bom dia. Posso ajudar com isso hoje.",
    "de": "Hallo, guten Tag. Dabei kann ich Ihnen helfen.",
    "hi": "नमस्ते, मैं आज आपकी मदद कर सकता हूँ।",
    "ru": "Здравствуйте, добрый день. Я могу вам помочь.",
    "uk": "Вітаю, добрий день. Я можу вам допомогти.",
}


_SLOW_FACTOR = 0.2


class LoadedVoice:
    """A `Voice` over a `SpeechModel`: its own worker thread, one clause at a time, level measured.

    A call that is cancelled frees the worker: a clause that waits is dropped, one under way is
    told to end.
    """

    def __init__(self, name: str, language: str, model: SpeechModel) -> None:
        self.name = name
        self.language = language
        self.sample_rate_hz = model.sample_rate_hz
        self._model = model
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"voice-{name}")
        words = _WARM_UP.get(language, _WARM_UP["en"])
        model.render(words, onnxruntime.RunOptions())
        started = time.perf_counter()
        sample = model.render(words, onnxruntime.RunOptions())
        length_s = len(sample) / model.sample_rate_hz
        self.is_slow = time.perf_counter() - started > _SLOW_FACTOR * length_s
        self._gain = gain_for(sample, model.sample_rate_hz)

    async def synthesize(self, text: str) -> bytes:
        """`text` spoken: PCM s16le mono with its pause; empty when nothing in it can be said."""
        options = onnxruntime.RunOptions()
        job = self._worker.submit(self._speak, text, options)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            options.terminate = True
            raise

    def _speak(self, text: str, options: onnxruntime.RunOptions) -> bytes:
        words = speakable(text, self.language)
        if not words:
            return b""
        samples = self._model.render(words, options)
        return polish(samples, self.sample_rate_hz, gain=self._gain, after_ms=pause_ms(text))
