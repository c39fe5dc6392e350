"""Piper: the second English voice (joe, male; 63 MB of weights, 22.05 kHz), and a bot's own ones.

Its package is optional."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import onnxruntime

from bots.errors import WeightsError
from bots.local.espeak import missing_extra
from bots.local.polish import Samples

if TYPE_CHECKING:
    from piper import PiperVoice


class PiperModel:
    """One Piper voice. Its noise is its own: the same words differ a little each time."""

    def __init__(self, voice: PiperVoice) -> None:
        self._voice = voice
        self.sample_rate_hz = voice.config.sample_rate

    @classmethod
    def load(cls, folder: Path | None, *, threads: int = 1) -> Self:
        """Load the one `*.onnx` and its `*.onnx.json` in `folder`.

        Raises:
            OffhookError: `extra_missing` without piper-tts.
            WeightsError: when the files are not there.
        """
        try:
            from piper import PiperVoice
            from piper.config import PiperConfig
        except ImportError as error:
            raise missing_extra("joe") from error
        model = find_model(folder)
        config = json.loads(model.with_name(f"{model.name}.json").read_text(encoding="utf-8"))
        return cls(
            # PiperVoice.load leaves onnxruntime as many threads as there are cores.
            PiperVoice(
                session=open_session(model, threads),
                config=PiperConfig.from_dict(config),
                download_dir=model.parent,
            )
        )

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """`words` as samples; ends between two sentences when told to."""
        from piper.config import SynthesisConfig

        parts: list[Samples] = []
        # Piper's own levelling is per sentence, which makes short words shout.
        for chunk in self._voice.synthesize(words, SynthesisConfig(normalize_audio=False)):
            if options.terminate:
                break
            parts.append(chunk.audio_float_array)
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def find_model(folder: Path | None) -> Path:
    """The one `*.onnx` file in `folder`, or `folder` itself where it is such a file.

    Raises:
        WeightsError: when there is none.
    """
    if folder and folder.suffix == ".onnx" and folder.is_file():
        return folder
    models = sorted(folder.glob("*.onnx")) if folder else []
    if not models:
        raise WeightsError(
            f"No voice model in {folder or 'the cache'}.", hint="Run: offhook models pull"
        )
    return models[0]


def open_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """An onnxruntime session on the CPU that uses `threads` threads and never spins idle."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
