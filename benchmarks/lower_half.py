"""What the layers that are not tuned make of a text; used by benchmarks/tuner.py.

They never change, so each text goes through them once and not in every step: by the runtime's own
layers (bots/local/transformer.py), which need no torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from tokenizers import BertWordPieceTokenizer

from bots.local.sentences import MAX_TOKENS
from bots.local.tensors import Array
from bots.local.transformer import batch_of, read_embedding, read_layer

BATCH = 64


class LowerHalf:
    """The first layers of a BERT, and the states of the texts that they have read."""

    def __init__(
        self, vocabulary: Path, tensors: Mapping[str, Array], layers: int, heads: int
    ) -> None:
        """Use the first `layers` of the model that `tensors` are of."""
        self._tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        self._embedding = read_embedding(tensors)
        self._layers = [read_layer(tensors, place, heads, {}) for place in range(layers)]
        self._states: dict[str, Array] = {}

    def __getitem__(self, text: str) -> Array:
        """The states (tokens, width) of a text that was read."""
        return self._states[text]

    def read(self, texts: Iterable[str]) -> None:
        """Read what is not read yet; a minute or two for ten thousand texts."""
        ids = {
            text: self._tokenizer.encode(text).ids[:MAX_TOKENS]
            for text in dict.fromkeys(texts)
            if text not in self._states
        }
        order = sorted(ids, key=lambda text: len(ids[text]))
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            batch, mask = batch_of([ids[text] for text in part])
            states = self._embedding(batch)
            for layer in self._layers:
                states = layer(states, mask[:, None, None, :])
            # Halves, because a hundred businesses are six hundred megabytes in whole floats.
            self._states |= {
                text: state[: len(ids[text])].astype(np.float16)
                for text, state in zip(part, states, strict=True)
            }
