"""`offhook turns`: what a bot would have taken for the end of each turn of a recording, drawn."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer
from pipecat.audio.vad.vad_analyzer import VADState

from bots.errors import OffhookError
from bots.folders import bot_folders, find_bot
from bots.load import load_bot
from bots.local.ears import EarsEntry, LoadedEars, find_ears, load_ears
from bots.local.models import model_threads
from bots.spec_turns import TurnsSpec
from bots.wav import read_wav
from processors.end_of_turn import EndOfTurn
from processors.speech_models import SpeechModels
from processors.turn_timeline import Samples, Timeline, trace_turns
from server.commands.outfile import require_writable
from server.timeline_picture import draw_timeline, save_picture

FORMATS = (".svg", ".png")
RATE_HZ, TELEPHONE_HZ = 16_000, 8_000
LONGEST_S = 600.0


def run(call: Path, *, bot: str | None, out: Path | None, folders: Sequence[Path]) -> None:
    """Draw `call` (the caller alone, or the left channel) to `out`, and print each turn's end.

    Raises:
        OffhookError: no such bot, not a WAV, too long, or a format that cannot be drawn.
    """
    out = out or call.with_suffix(".turns.svg")
    if out.suffix not in FORMATS:
        raise OffhookError(
            f"`{out.name}` is no picture that can be drawn.",
            hint="End it in .svg or .png.",
            code="usage",
        )
    require_writable(out)
    language, turns, entry = "en", TurnsSpec(), find_ears(None, "en")
    if bot is not None:
        spec = load_bot(find_bot(bot, bot_folders(folders))).spec
        language, turns = spec.language[0], spec.turns
        entry = find_ears(spec.local("stt"), language)
    rate_hz = TELEPHONE_HZ if rate_of(call) <= TELEPHONE_HZ else RATE_HZ
    samples = read_wav(call, rate_hz, channel=0)
    if len(samples) > LONGEST_S * rate_hz:
        raise OffhookError(
            f"{call} is longer than {LONGEST_S:.0f} s.", hint="Cut it.", code="usage"
        )
    ears = _ears(entry) if turns.words else None
    try:
        found = asyncio.run(_traced(samples, rate_hz, turns, language, ears))
    finally:
        if ears:
            ears.close()
    try:
        save_picture(draw_timeline(found, has_words=ears is not None), out)
    except OSError as error:
        raise OffhookError(
            f"{out} cannot be written ({error.strerror}).", hint="Give another --out.", code="usage"
        ) from None
    for mark in found.of("end"):
        typer.echo(
            f"{mark.at_s:8.2f} s  turn ended by {mark.text} after {mark.value * 1000:.0f} ms"
        )
    typer.echo(f"wrote {out}")


def rate_of(path: Path) -> int:
    """The file's sample rate, 16 kHz for what is no WAV: reading it says why."""
    try:
        with wave.open(str(path), "rb") as file:
            return file.getframerate()
    except (OSError, EOFError, wave.Error):
        return RATE_HZ


def _ears(entry: EarsEntry) -> LoadedEars | None:
    """The local ears if they are here; without them the words have no say in the picture."""
    try:
        return load_ears(entry, threads=model_threads())
    except OffhookError:
        typer.echo("The local ears are not here: drawn without words.", err=True)
        return None


async def _traced(
    samples: Samples, rate_hz: int, turns: TurnsSpec, language: str, ears: LoadedEars | None
) -> Timeline:
    models = SpeechModels()
    vad = models.vad_analyzer()
    vad.set_sample_rate(rate_hz)
    heard = VADState.QUIET

    def hears(chunk: bytes) -> tuple[bool, bool]:
        nonlocal heard
        state = vad._run_analyzer(chunk)
        if state in (VADState.SPEAKING, VADState.QUIET):
            heard = state
        return heard is VADState.SPEAKING, state is VADState.QUIET

    async def scores(turn: Samples) -> float:
        return await models.smart_turn.score(np.asarray(turn), rate_hz)

    async def reads(turn: Samples) -> str:
        return await ears.transcribe(turn, rate_hz) if ears else ""

    policy = EndOfTurn(
        patience=turns.resolved(),
        speculates=turns.speculate,
        language=language if turns.words else "",
        is_telephone=rate_hz == TELEPHONE_HZ,
    )
    try:
        return await trace_turns(
            samples,
            rate_hz,
            policy,
            hears=hears,
            scores=scores,
            reads=reads,
            start_s=vad.params.start_secs,
            stop_s=vad.params.stop_secs,
        )
    finally:
        models.close()
