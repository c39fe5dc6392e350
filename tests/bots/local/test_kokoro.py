"""Kokoro: the voices of Spanish, French, Italian and Portuguese."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bots.errors import OffhookError, WeightsError
from bots.local import espeak
from bots.local.voices import find_voice, load_voice
from tests.bots.local import readback


@pytest.mark.unit
def test_a_missing_voice_file_is_said(tmp_path: Path) -> None:
    """The model alone is not a voice."""
    (tmp_path / "model.onnx").touch()
    with pytest.raises(WeightsError, match="No voice ef_dora"):
        load_voice(find_voice("es"), tmp_path)


@pytest.mark.unit
def test_a_voice_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    """Bytes that are no style table do not reach the model."""
    (tmp_path / "voices").mkdir()
    (tmp_path / "model.onnx").touch()
    np.zeros(7, "<f4").tofile(tmp_path / "voices" / "ef_dora.bin")
    with pytest.raises(WeightsError, match="not a Kokoro voice"):
        load_voice(find_voice("es"), tmp_path)


@pytest.mark.unit
def test_phonemes_without_the_package_name_the_install_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Spanish needs espeak-ng, which comes with the optional piper-tts."""
    monkeypatch.setitem(sys.modules, "piper.phonemize_espeak", None)
    espeak._phonemizer.cache_clear()
    with pytest.raises(OffhookError) as caught:
        espeak.phonemes("hola", "es")
    assert caught.value.code == "extra_missing"
    assert "offhook[voices]" in caught.value.hint


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Abrimos el sábado a las diez.", {"abrimos", "sábado", "diez"}),
        ("fr", "Nous sommes ouverts le samedi.", {"nous", "sommes", "samedi"}),
        ("it", "Siamo aperti il sabato mattina.", {"siamo", "sabato", "mattina"}),
        ("pt", "Abrimos no sábado de manhã.", {"sábado", "manhã"}),
    ],
)
async def test_each_language_is_understood(language: str, text: str, wanted: set[str]) -> None:
    """Whisper base hears the words in their language."""
    (said,) = await readback.heard(readback.load("kokoro", language), [text])
    # "10" is as good as "diez".
    words = set(said.lower().replace("10", "diez").replace(".", " ").replace(",", " ").split())
    assert len(wanted & words) >= len(wanted) - 1, said


@pytest.mark.alone
@pytest.mark.call
async def test_an_interruption_ends_a_long_run() -> None:
    """The slow model gives its core back at once, not at the end of the clause."""
    voice = readback.load("kokoro", "es")
    long = "Abrimos de lunes a viernes de nueve de la mañana a seis de la tarde " * 4
    job = asyncio.create_task(voice.synthesize(long))
    await asyncio.wait({job}, timeout=0.5)
    assert not job.done()
    job.cancel()
    started = time.perf_counter()
    assert await voice.synthesize("Sí.")
    assert time.perf_counter() - started < 3
