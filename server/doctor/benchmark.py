"""The doctor's boot benchmark: a sentence through this machine's own voice, ears and brain.

The voice says a question, the ears hear it, and the brain begins to answer: what a turn costs here,
measured, next to how long the models take to load.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from openai import AsyncOpenAI

from bots.errors import OffhookError
from bots.local.llama import LlamaServer
from bots.local.models import LocalModels, brief
from bots.spec import KINDS, BotSpec
from server.doctor.finding import Finding, fail, ok, warn

QUESTION = "When are you open on Saturday?"
Result = TypeVar("Result")

SLOW_MS = 1000.0
"""Ears, first token and voice together beyond this make a caller wait noticeably."""


def measure(specs: Sequence[BotSpec]) -> Iterator[Finding]:
    """Time the local parts of the first bot that has all three of them in English."""
    for spec in specs:
        is_local = all(spec.local(kind) for kind in KINDS)
        if is_local and spec.language[0] == "en":
            try:
                yield from asyncio.run(_measure(spec))
            except OffhookError as error:
                yield fail("models", f"{spec.name}: {error.message}", error.hint)
            return


async def _measure(spec: BotSpec) -> list[Finding]:
    models = LocalModels()
    try:
        began_s = time.monotonic()
        await models.prepare(spec)
        load_s = time.monotonic() - began_s
        voice, ears, brain = models.voice(spec), models.ears(spec), models.brain(spec)
        spoken, voice_ms = await _timed(voice.synthesize(QUESTION))
        samples = np.frombuffer(spoken, dtype=np.int16)
        heard, ears_ms = await _timed(ears.transcribe(samples, voice.sample_rate_hz))
        _, brain_ms = await _timed(_first_token(brain, brief(spec).messages()))
    finally:
        await models.close()
    total_ms = ears_ms + brain_ms + voice_ms
    text = (
        f"Loaded in {load_s:.1f} s. Ears {ears_ms:.0f} ms, first token {brain_ms:.0f} ms, "
        f"voice {voice_ms:.0f} ms."
    )
    findings = [ok("models", text)]
    if total_ms > SLOW_MS:
        fix = "Close other programs, use the smaller brain, or a provider with a key."
        findings = [warn("models", text, fix)]
    if "saturday" not in heard.lower():
        fix = "`offhook models verify` checks the weights."
        findings.append(warn("models", "The ears did not hear what the voice said.", fix))
    return findings


async def _timed(work: Awaitable[Result]) -> tuple[Result, float]:
    began_s = time.monotonic()
    result = await work
    return result, (time.monotonic() - began_s) * 1000


async def _first_token(brain: LlamaServer, prefix: Sequence[dict[str, str]]) -> None:
    """Ask the brain as a session does, with the bot's prefix in its cache, and stop at a token."""
    lease = brain.lease(prefix)
    await lease.prepare()
    async with AsyncOpenAI(base_url=brain.base_url, api_key=brain.api_key) as client:
        stream = await client.chat.completions.create(
            model=brain.model_name,
            messages=cast(Any, [*prefix, {"role": "user", "content": QUESTION}]),
            stream=True,
            extra_body={"id_slot": lease.slot, "cache_prompt": True},
        )
        async with stream:
            async for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    break
    await lease.release()
