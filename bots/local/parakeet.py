"""NVIDIA's Parakeet as ears, on onnxruntime alone through onnx-asr (the `parakeet` extra)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Self

import onnxruntime

from bots.errors import WeightsError
from bots.local.recogniser import Samples
from bots.providers.engines import parakeet_languages

_BROKEN = "Fetch them anew: `hf download istupakov/parakeet-tdt-0.6b-v3-onnx --local-dir FOLDER`."


class ParakeetModel:
    """A folder of NeMo's ONNX files, whose name says what it knows."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self.languages = parakeet_languages(name)
        self._model = model

    @classmethod
    def load(cls, folder: Path, *, threads: int = 2) -> Self:
        """Load the int8 files where they are, else the full ones; blocks for seconds.

        Raises:
            WeightsError: the files are not there, or are no Parakeet.
        """
        onnx_asr = importlib.import_module("onnx_asr")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            model = onnx_asr.load_model(
                _type_of(folder),
                folder,
                quantization="int8" if any(folder.glob("*.int8.onnx")) else None,
                sess_options=options,
                providers=["CPUExecutionProvider"],
            )
        except Exception as error:  # onnxruntime's and onnx-asr's own share no parent
            raise WeightsError(
                f"{folder.name} does not load as a Parakeet: {type(error).__name__}.",
                hint=_BROKEN,
                code="weights_broken",
            ) from error
        return cls(folder.name, model)

    def hear(self, samples: Samples) -> str:
        """The words of `samples`."""
        return str(self._model.recognize(samples, sample_rate=16_000))


def _type_of(folder: Path) -> str:
    """What onnx-asr calls the architecture of the files in `folder`."""
    if any(folder.glob("decoder_joint-model*.onnx")):
        return "nemo-conformer-rnnt" if "rnnt" in folder.name else "nemo-conformer-tdt"
    return "nemo-conformer-ctc"
