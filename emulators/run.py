"""Runs every emulator at once and says how to point bots at them: what `offhook emulate` does.

    python -m emulators.run

prints a line to export for each vendor, then answers until it is interrupted.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from emulators.anthropic import AnthropicEmulator
from emulators.assemblyai import AssemblyAIEmulator
from emulators.cartesia import CartesiaEmulator
from emulators.cerebras import CerebrasEmulator
from emulators.deepgram import DeepgramEmulator
from emulators.deepgram_flux import DeepgramFluxEmulator
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.gemini import GeminiEmulator
from emulators.gemini_live import GeminiLiveEmulator
from emulators.groq import GroqEmulator
from emulators.house import HouseEmulator
from emulators.openai import OpenAIEmulator
from emulators.openai_realtime import OpenAIRealtimeEmulator
from emulators.server import Emulator

EMULATORS: dict[str, type[Emulator]] = {
    emulator.vendor: emulator
    for emulator in (
        DeepgramEmulator,
        DeepgramFluxEmulator,
        AssemblyAIEmulator,
        CerebrasEmulator,
        OpenAIEmulator,
        OpenAIRealtimeEmulator,
        GroqEmulator,
        AnthropicEmulator,
        GeminiEmulator,
        GeminiLiveEmulator,
        ElevenLabsEmulator,
        CartesiaEmulator,
        HouseEmulator,
    )
}
"""Every emulator, by its vendor's name."""


@asynccontextmanager
async def run_emulators(
    ports: Mapping[str, int] | None = None,
) -> AsyncIterator[dict[str, Emulator]]:
    """Run the emulators named in `ports`, all on free ports without it; by vendor's name.

    Raises:
        KeyError: a name that is no vendor's.
        OSError: a port is taken.
    """
    wanted = dict.fromkeys(EMULATORS, 0) if ports is None else ports
    running: dict[str, Emulator] = {}
    async with AsyncExitStack() as stack:
        for vendor, port in wanted.items():
            emulator = EMULATORS[vendor](port=port)
            running[vendor] = await stack.enter_async_context(emulator)
        yield running


def environ_lines(emulators: Mapping[str, Emulator]) -> list[str]:
    """Lines to export: each vendor's URL, a key that it takes, and the URL that controls it."""
    lines = []
    for vendor, emulator in emulators.items():
        name = vendor.upper().replace("-", "_")
        lines += [
            f"{name}_BASE_URL={emulator.base_url}",
            f"{name}_API_KEY=emulated",
            f"{name}_CONTROL_URL={emulator.control_url}",
        ]
    return lines


async def _run_until_interrupted() -> None:
    async with run_emulators() as emulators:
        print("\n".join(environ_lines(emulators)), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    # An interrupt is how it is meant to end.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run_until_interrupted())
