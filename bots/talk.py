"""Talk to a bot without a server: in text, or with a WAV file for a caller.

The session and the pipeline are those of every other call; only the transport is another.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterable, Callable

from bots.local.models import LocalModels
from bots.record import EndReason, SessionRecord
from bots.session import BotSession
from bots.spec import BotSpec
from bots.text import TextTransport
from bots.wav import Samples, WavTransport

QUIET_S = 4.0
"""A bot that has been silent for this long after the caller's last word has answered."""
ANSWER_S = 30.0
"""What an answer may take to begin before the caller gives up."""


async def talk_text(
    spec: BotSpec, models: LocalModels, lines: AsyncIterable[str], show: Callable[[str], None]
) -> SessionRecord:
    """Ask each line, in one call; `show` gets the bot's words as they come, then a newline.

    Raises:
        OffhookError: the call cannot start.
    """
    transport = TextTransport(show)
    session = BotSession(
        session_id=secrets.token_hex(8),
        spec=spec.model_copy(update={"greeting": None}),
        transport=transport,
        transport_name="text",
        models=models,
    )
    if spec.opening():  # shown, not spoken
        show(f"{spec.opening()}\n")
    running = asyncio.create_task(session.run())
    connected = asyncio.create_task(transport.is_connected.wait())
    try:
        await asyncio.wait({running, connected}, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()
        if not running.done():
            async for line in lines:
                asking = asyncio.create_task(transport.ask(line))
                await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
                asking.cancel()
                if running.done():
                    break
                show("\n")
    finally:
        await session.stop(EndReason.CALLER_HUNG_UP)
        # Not `await running`: a cancelled talk still lets its call close, which is bounded.
        await asyncio.wait({running})
    return running.result()


async def talk_audio(
    spec: BotSpec, models: LocalModels, caller: Samples
) -> tuple[SessionRecord, WavTransport]:
    """One call in which the caller says `caller` (PCM s16le mono, 16 kHz) once it was greeted.

    Returns the record, and the transport with what both sides said. It takes as long as the call.

    Raises:
        OffhookError: the call cannot start.
    """
    transport = WavTransport()
    session = BotSession(
        session_id=secrets.token_hex(8),
        spec=spec,
        transport=transport,
        transport_name="wav",
        models=models,
    )
    running = asyncio.create_task(session.run())
    speaking = asyncio.create_task(_speak(transport, caller, is_greeted=bool(spec.opening())))
    try:
        await asyncio.wait({running, speaking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        speaking.cancel()
        await session.stop(EndReason.CALLER_HUNG_UP)
        await asyncio.wait({running})
    return running.result(), transport


async def _speak(transport: WavTransport, caller: Samples, *, is_greeted: bool) -> None:
    if is_greeted:
        await _quiet(transport, since_s=0.0)
    transport.say(caller)
    await asyncio.sleep(len(caller) / transport.in_sample_rate_hz)
    await _quiet(transport, since_s=transport.clock.now_s)


async def _quiet(transport: WavTransport, *, since_s: float) -> None:
    """Until the bot has said something after `since_s` and then nothing for QUIET_S."""
    while True:
        await asyncio.sleep(0.05)
        now_s, heard_s = transport.clock.now_s, transport.last_heard_s
        has_spoken = heard_s > since_s
        if now_s - (heard_s if has_spoken else since_s) > (QUIET_S if has_spoken else ANSWER_S):
            return
