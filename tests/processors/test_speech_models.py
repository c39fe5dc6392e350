"""The shared VAD: what it believes, and how soon, next to Pipecat's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADState

from bots.wav import read_wav
from processors.speech_models import SpeechModels

pytestmark = pytest.mark.unit

RATE_HZ = 16_000
SAID = Path(__file__).parents[1] / "audio" / "open_on_saturday.wav"

Samples = NDArray[np.int16]


@pytest.fixture(scope="module")
def models() -> SpeechModels:
    return SpeechModels()


def room(seconds: float, level_dbfs: float) -> Samples:
    """Noise at a level, or digital silence at -inf."""
    noise = np.random.default_rng(1).normal(
        0, 32768 * 10 ** (level_dbfs / 20), int(seconds * RATE_HZ)
    )
    return noise.astype(np.int16)


def after(level_dbfs: float) -> Samples:
    """A question after 1 s in a room of that level, which goes on behind it."""
    said = read_wav(SAID, RATE_HZ)
    sound = room(1 + len(said) / RATE_HZ, level_dbfs)
    sound[RATE_HZ : RATE_HZ + len(said)] += said
    return sound


def speaking(vad: VADAnalyzer, samples: Samples) -> list[bool]:
    """What the VAD holds for speech, window by window."""
    vad.set_sample_rate(RATE_HZ)
    pcm, width = samples.tobytes(), vad.num_frames_required() * 2
    states = [vad._run_analyzer(pcm[at : at + width]) for at in range(0, len(pcm), width)]
    return [state in (VADState.SPEAKING, VADState.STOPPING) for state in states]


def test_it_hears_what_pipecats_own_hears(models: SpeechModels) -> None:
    """In a quiet room the cheaper gate changes no decision by more than a window or two."""
    sound = after(-60)
    own = speaking(models.vad_analyzer(), sound)
    stock = speaking(SileroVADAnalyzer(), sound)
    assert any(stock)
    assert sum(one != other for one, other in zip(own, stock, strict=True)) <= 2


def test_digital_silence_delays_no_word(models: SpeechModels) -> None:
    """From a muted microphone a word is believed as soon as from a quiet room."""
    quiet = speaking(models.vad_analyzer(), after(-60)).index(True)
    muted = speaking(models.vad_analyzer(), after(float("-inf"))).index(True)
    assert muted <= quiet + 1


def test_a_whisper_from_afar_is_not_heard(models: SpeechModels) -> None:
    """Speech far below the gate is none, however sure the model is."""
    whispered = (read_wav(SAID, RATE_HZ) / 200).astype(np.int16)
    assert not any(speaking(models.vad_analyzer(), whispered))
