"""Measures the local voices: time to the first audio, real-time factor, edges and loudness.

    python -m benchmarks.voices [--rounds 5] [--threads 1] [heart joe ef_dora ...]

Without names: the default voice of every language, and joe. First audio is what a caller waits
for: the first clause of an answer, spoken and ready to play, the leading silence included.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from bots.errors import OffhookError
from bots.local import weights
from bots.local.polish import TARGET_DBFS, Samples, gain_for
from bots.local.voices import VOICES, Voice, VoiceEntry, find_voice, languages, load_voice

ANSWERS = {
    "en": ("Yes,", "we are open on Saturday from ten in the morning to four in the afternoon."),
    "es": ("Sí,", "abrimos el sábado de diez de la mañana a cuatro de la tarde."),
    "fr": ("Oui,", "nous sommes ouverts le samedi de dix heures à seize heures."),
    "it": ("Sì,", "siamo aperti il sabato dalle dieci del mattino alle quattro."),
    "pt": ("Sim,", "abrimos no sábado das dez da manhã às quatro da tarde."),
}
_HEARD = 0.02
"""Of full scale: where a clause can be said to have begun."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one voice. Times in ms, medians over the rounds; `factor` is synthesis over sound."""

    load_s: float
    first_ms: float
    slowest_ms: float
    silent_ms: float
    factor: float
    loudness_dbfs: float


async def measure(voice: Voice, load_s: float, rounds: int) -> Figures:
    """Speak an answer of two clauses `rounds` times."""
    clause, sentence = ANSWERS[voice.language]
    first: list[float] = []
    factors: list[float] = []
    pcm = long = b""
    for _ in range(rounds):
        started = time.perf_counter()
        pcm = await voice.synthesize(clause)
        first.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        long = await voice.synthesize(sentence)
        factors.append((time.perf_counter() - started) / (len(long) / 2 / voice.sample_rate_hz))
    begins = int(np.flatnonzero(np.abs(_samples(pcm)) > _HEARD)[0])
    gain = gain_for(_samples(long), voice.sample_rate_hz)
    return Figures(
        load_s=load_s,
        first_ms=statistics.median(first),
        slowest_ms=max(first),
        silent_ms=begins / voice.sample_rate_hz * 1000,
        factor=statistics.median(factors),
        loudness_dbfs=TARGET_DBFS - 20 * float(np.log10(gain)),
    )


def _samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def load(entry: VoiceEntry, threads: int) -> tuple[Voice, float]:
    """The voice of `entry`, and the seconds until it was warm."""
    folder = weights.path(entry.weights[0]) if entry.weights else None
    started = time.perf_counter()
    return load_voice(entry, folder, threads=threads), time.perf_counter() - started


def main() -> None:
    """Print one line a voice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    defaults = [*(find_voice(language).name for language in languages()), "joe"]
    parser.add_argument("voices", nargs="*", metavar="VOICE", help="as in a bot's file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    table = Table("voice", "load s", "first ms", "worst", "silence ms", "RTF", "dBFS")
    for name in options.voices or defaults:
        try:
            voice, load_s = load(VOICES[name], options.threads)
        except KeyError:
            parser.error(f"no voice {name!r}; there are {', '.join(VOICES)}")
        except OffhookError as error:
            table.add_row(name, str(error))
            continue
        figures = asyncio.run(measure(voice, load_s, options.rounds))
        table.add_row(
            name,
            f"{figures.load_s:.1f}",
            f"{figures.first_ms:.0f}",
            f"{figures.slowest_ms:.0f}",
            f"{figures.silent_ms:.0f}",
            f"{figures.factor:.3f}",
            f"{figures.loudness_dbfs:.1f}",
        )
    console = Console()
    console.print(table)
    console.print(
        f"{os.cpu_count()} cores, load average {load_before:.1f} before, "
        f"{options.threads} thread(s) a voice, {options.rounds} rounds"
    )


if __name__ == "__main__":
    main()
