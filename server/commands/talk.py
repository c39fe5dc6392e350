"""`offhook talk`: a call without a server, typed or from one audio file into another."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bots.errors import OffhookError
from bots.folders import bot_folders, find_bot
from bots.load import load_bot
from bots.local import weights
from bots.local.models import LocalModels
from bots.record import SessionRecord
from bots.spec import BotSpec
from bots.talk import talk_audio, talk_text
from bots.wav import read_wav, write_wav
from server.commands.outfile import require_writable
from server.deadline import LAST_S, Deadline
from server.logs import set_up_logs

PROMPT = "you> "
CALLER_HZ = 16_000


def run(
    bot: str, *, text: bool, audio: Path | None, out: Path | None, folders: Sequence[Path]
) -> None:
    """Talk to `bot` until the caller's input ends.

    Raises:
        OffhookError: options that do not go together, no such bot, models that are not here, or a
            file that cannot be read or written.
    """
    if text and audio:
        raise OffhookError(
            "--text and --audio exclude each other.", hint="Leave one.", code="usage"
        )
    if (audio is None) != (out is None):
        hint = "Give both: --audio IN.wav --out OUT.wav."
        raise OffhookError("--audio and --out belong together.", hint=hint, code="usage")
    if out:
        require_writable(out)
    spec = load_bot(find_bot(bot, bot_folders(folders))).spec
    set_up_logs(form="text", level=os.environ.get("OFFHOOK_LOG_LEVEL", "WARNING"))
    if audio and out:
        asyncio.run(_in_audio(spec, audio, out))
    else:
        asyncio.run(_in_text(spec))


async def _in_text(spec: BotSpec) -> None:
    models = await _prepared(spec)
    try:
        _tell(await talk_text(spec, models, _typed(), _show))
    finally:
        await models.close()


async def _in_audio(spec: BotSpec, audio: Path, out: Path) -> None:
    caller = read_wav(audio, CALLER_HZ)
    models = await _prepared(spec)
    try:
        record, transport = await talk_audio(spec, models, caller)
    finally:
        await models.close()
    write_wav(out, *transport.recording())
    print(f"wrote {out}", file=sys.stderr)
    _tell(record)


async def _prepared(spec: BotSpec) -> LocalModels:
    """The models that `spec` needs, loaded and warm."""
    models = LocalModels(asks_vendors=True)
    for name in models.needs([spec]):
        weights.path(name)
    print("Loading the models ...", file=sys.stderr)
    await models.prepare(spec)
    return models


async def _typed() -> AsyncIterator[str]:
    """Lines from standard input, until its end."""
    while True:
        if sys.stdin.isatty():
            _show(PROMPT)
        line = await _line()
        if not line:
            return
        if line.strip():
            yield line.strip()


async def _line() -> str:
    """The next line from standard input; empty at its end.

    A thread of its own: one of the pool's would be waited for after Ctrl-C, until Enter is pressed.
    """
    loop = asyncio.get_running_loop()
    read: asyncio.Future[str] = loop.create_future()

    def take(line: str) -> None:
        if not read.done():
            read.set_result(line)

    def wait() -> None:
        line = sys.stdin.readline()
        with contextlib.suppress(RuntimeError):  # the call is over, and its loop with it
            loop.call_soon_threadsafe(take, line)

    threading.Thread(target=wait, name="typed", daemon=True).start()
    return await read


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _tell(record: SessionRecord) -> None:
    """The latency of each turn, and what went wrong."""
    if record.is_abandoned:
        Deadline().within(LAST_S)
    for turn in record.turns:
        stages = ", ".join(f"{stage} {ms:.0f}" for stage, ms in turn.stages_ms.items())
        print(f"answered in {turn.latency_ms:.0f} ms ({stages})", file=sys.stderr)
    if record.errors:
        raise OffhookError(
            f"The call had errors: {', '.join(record.errors)}.",
            hint="OFFHOOK_LOG_LEVEL=DEBUG says more; `offhook doctor` looks for the cause.",
            code="call_failed",
        )
