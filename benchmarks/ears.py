"""How well and how fast the local ears hear: word error rate and time an utterance, as a table.

    python -m benchmarks.ears [--models whisper-tiny.en whisper-base] [--threads 2]

Twenty sentences of calls, spoken by both English voices of the embedded default, at 16 kHz and as
8 kHz mu-law. Synthetic voices are clear: people on bad lines are harder.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import soxr
from hibari import Hibari
from numpy.typing import NDArray
from piper import PiperVoice
from rich.console import Console
from rich.table import Table

from bots.local.weights import ensure
from bots.local.whisper import WhisperEars
from processors.edit_distance import edit_distance

RATE_HZ = 16_000
SENTENCES = (
    "What time do you open on Saturday?",
    "I would like to book a table for four people tonight.",
    "Can you tell me how much a haircut costs?",
    "My order number is four four seven one.",
    "Do you accept credit cards or only cash?",
    "Please cancel my appointment for tomorrow morning.",
    "Where exactly are you located?",
    "I need to speak with someone about my invoice.",
    "Is there any parking near the clinic?",
    "Yes.",
    "No, thank you.",
    "My name is Margaret Johnson and I live in Boston.",
    "How long does the delivery usually take?",
    "Could you repeat that a little more slowly, please?",
    "I think I left my umbrella there yesterday afternoon.",
    "Are dogs allowed in the restaurant?",
    "What is your refund policy for damaged items?",
    "Can I bring my daughter with me, she is seven years old?",
    "The phone number is five five five, one two three, nine eight seven six.",
    "Okay, that sounds good, let's do Thursday at half past three.",
)
DIGITS = dict(
    zip(
        "0123456789",
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        strict=True,
    )
)
Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said and its sound, PCM s16 mono at RATE_HZ, as a VAD would cut it."""

    voice: str
    text: str
    pcm: Pcm


def spoken() -> Iterator[Utterance]:
    """Every sentence by every voice, 0.3 s of silence before and 0.2 s after."""
    hibari = Hibari()
    folder = ensure(["piper-joe"])["piper-joe"]
    joe = PiperVoice.load(str(folder / "en_US-joe-medium.onnx"))
    for text in SENTENCES:
        yield Utterance("hibari", text, cut(np.asarray(hibari(text)), hibari.sample_rate))
        chunks = [chunk.audio_float_array for chunk in joe.synthesize(text)]
        yield Utterance("joe", text, cut(np.concatenate(chunks), joe.config.sample_rate))


def cut(samples: NDArray[np.float32], rate_hz: int) -> Pcm:
    sound = soxr.resample(samples, rate_hz, RATE_HZ) * 0.6
    padded = np.pad(sound, (RATE_HZ * 3 // 10, RATE_HZ // 5))
    return (np.clip(padded, -1, 1) * 32767).astype(np.int16)


def telephone(pcm: Pcm) -> Pcm:
    """8 kHz, through 8-bit mu-law and back."""
    narrow = np.clip(soxr.resample(pcm.astype(np.float32) / 32768, RATE_HZ, 8000), -1, 1)
    coded = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coded = np.round((coded + 1) / 2 * 255) / 255 * 2 - 1
    decoded = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    return (decoded * 32767).astype(np.int16)


def words(text: str) -> list[str]:
    """The words compared: digits spelled out, so that "4 4" is "four four"."""
    text = text.lower().replace("ok.", "okay").replace("ok,", "okay").replace("'", "")
    text = text.replace("3:30", "half past three")
    return re.findall(r"[a-z]+", re.sub(r"\d", lambda found: f" {DIGITS[found[0]]} ", text))


async def measure(ears: WhisperEars, utterances: list[Utterance], table: Table) -> None:
    for band, rate_hz in (("16 kHz", RATE_HZ), ("8 kHz mu-law", 8000)):
        for voice in sorted({utterance.voice for utterance in utterances}):
            wrong = total = 0
            taken_ms: list[float] = []
            for utterance in utterances:
                if utterance.voice != voice:
                    continue
                pcm = utterance.pcm if rate_hz == RATE_HZ else telephone(utterance.pcm)
                began_s = time.perf_counter()
                heard = await ears.transcribe(pcm, rate_hz)
                taken_ms.append((time.perf_counter() - began_s) * 1000)
                wrong += edit_distance(words(utterance.text), words(heard))
                total += len(words(utterance.text))
            p95_ms = statistics.quantiles(taken_ms, n=20)[-1]
            table.add_row(
                ears.name,
                voice,
                band,
                f"{wrong / total:.1%}",
                f"{statistics.median(taken_ms):.0f}",
                f"{p95_ms:.0f}",
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Word error rate and speed of the local ears.")
    parser.add_argument("--models", nargs="+", default=["whisper-tiny.en", "whisper-base"])
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    utterances = list(spoken())
    length_s = statistics.mean(len(utterance.pcm) for utterance in utterances) / RATE_HZ
    table = Table("ears", "voice", "band", "words wrong", "median ms", "p95 ms", box=None)
    for path in ensure(arguments.models).values():
        ears = WhisperEars.load(path, "en", arguments.threads)
        asyncio.run(measure(ears, utterances, table))
        ears.close()
    console = Console()
    console.print(table)
    machine = platform.processor() or platform.machine()
    console.print(f"{len(utterances)} utterances of {length_s:.1f} s on average")
    console.print(f"{arguments.threads} threads on {os.cpu_count()} cores, {machine}")


if __name__ == "__main__":
    main()
