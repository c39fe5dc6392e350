"""Ears that hear what they are told to, and remember what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bots.errors import WeightsError


def loud_s(pcm: NDArray[np.int16], rate_hz: int) -> float:
    """Seconds of `pcm` that are not digital silence."""
    return round(int((pcm != 0).sum()) / rate_hz, 2)


@dataclass
class FakeEars:
    """`hear` maps (samples, rate) to text and may raise; `calls` are the seconds of each pass."""

    hear: Callable[[NDArray[np.int16], int], str] = lambda pcm, rate: f"{loud_s(pcm, rate)} s"
    name: str = "fake"
    language: str = "en"
    typical_s: float = 0.1
    is_busy: bool = False
    calls: list[float] = field(default_factory=list)
    rates_hz: list[int] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """Passes wait for it, when there is one."""

    async def transcribe(self, pcm: NDArray[np.int16], rate_hz: int) -> str:
        self.calls.append(round(len(pcm) / rate_hz, 2))
        self.rates_hz.append(rate_hz)
        if self.gate:
            await self.gate.wait()
        return self.hear(pcm, rate_hz)

    def for_language(self, language: str) -> Self:
        if language == "xx":
            raise WeightsError("The ears fake do not know the language 'xx'.")
        self.language = language
        return self
