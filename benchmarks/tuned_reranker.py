"""The torch twin of bots/local/reranker.py: the same scores, and it can be trained.

Torch is no dependency of Offhook: `uv pip install torch`.

It starts from what the first stage was tuned to, which knows already who answers whom, and learns
a difference of low rank to that.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.tuned_model import PARTS, Layer, LowRank, packed
from bots.local.reranker import UNKNOWN_LIKENESS
from bots.local.tensors import Array
from bots.local.transformer import PADDED, tuned_places

HIDDEN = 64
"""Width of what stands between a text as it was read and how well it answers."""
RELATIONS = (0.0, 0.0, -1.0, -3.0)
"""Where tuning starts: how much less a token heeds one of its own text, a fact's the question's,
the question's a fact's, and a fact's another fact's. So it starts near to texts read apart, and a
fact with a clear eye for the question."""
LIKENESS = 8.0
"""Where tuning starts: what likeness to the question is worth, so that it is all that counts."""


class TunedReranker(nn.Module):
    """The upper layers that read question and facts together, and what makes scores of it."""

    def __init__(
        self, tensors: Mapping[str, Array], first_stage: Mapping[str, Array], heads: int, rank: int
    ) -> None:
        """Start from what is in the file of the first stage, on top of the model that `tensors`
        are of."""
        super().__init__()
        self._first_stage = first_stage
        self._first = min(tuned_places(first_stage))
        merged = _merged(tensors, first_stage)
        self.layers = nn.ModuleList(
            Layer(merged, place, heads, rank) for place in tuned_places(first_stage)
        )
        self.relations = nn.Parameter(torch.tensor(RELATIONS).repeat(len(self.layers), heads, 1))
        self.side = nn.Parameter(torch.tensor(first_stage["side"][:2]))
        width = self.side.shape[1]
        self.fit_hidden = nn.Linear(2 * width, HIDDEN)
        self.fit_out = nn.Linear(HIDDEN, 1)
        self.none_hidden = nn.Linear(width, HIDDEN)
        self.none_out = nn.Linear(HIDDEN, 1)
        self.likeness = nn.Parameter(torch.tensor(LIKENESS))
        nn.init.zeros_(self.fit_out.weight)
        nn.init.zeros_(self.none_out.weight)

    def forward(self, texts: Sequence[Sequence[Array]]) -> Tensor:
        """How well each fact answers its question, and at the end "I do not know".

        `texts` has rows of a question and its facts, as states of the lower half; where a row has
        fewer facts than others, what stands there is PADDED.
        """
        rows = [torch.from_numpy(np.concatenate(row)).float() for row in texts]
        x = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        text_of = nn.utils.rnn.pad_sequence(
            [_text_of(row) for row in texts], batch_first=True, padding_value=-1
        )
        is_fact = text_of > 0
        related = _related(text_of, is_fact)
        mask = torch.where(text_of >= 0, 0.0, float(PADDED))[:, None, None, :]
        # Half the work in bfloat16 while training.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            x = x + self.side[is_fact.long()]
            for layer, worth in zip(self.layers, self.relations, strict=True):
                x = layer(x, torch.einsum("hr,brij->bhij", worth, related) + mask)
        most = max(map(len, texts))
        own = (text_of[:, None, :] == torch.arange(most)[None, :, None]).float()
        counts = own.sum(-1, keepdim=True)
        pooled = own @ x.float() / counts.clamp(min=1)
        asked, facts = pooled[:, :1], pooled[:, 1:]
        fit = self.fit_out(torch.tanh(self.fit_hidden(torch.cat([facts, facts * asked], -1))))
        likeness = functional.cosine_similarity(asked, facts, dim=-1)
        scores = fit.squeeze(-1) + self.likeness * likeness
        scores = scores.masked_fill(counts[:, 1:, 0] == 0, float(PADDED))
        unknown = self.none_out(torch.tanh(self.none_hidden(asked[:, 0])))
        return torch.cat([scores, unknown + self.likeness * UNKNOWN_LIKENESS], -1)

    def arrays(self) -> dict[str, Array]:
        """What bots/local/reranker.py loads: its differences are to the model that nobody tuned,
        so those of the first stage stand before its own."""
        tuned = {
            "side": self.side,
            "likeness": self.likeness,
            "fit.hidden.weight": self.fit_hidden.weight,
            "fit.hidden.bias": self.fit_hidden.bias,
            "fit.out.weight": self.fit_out.weight,
            "fit.out.bias": self.fit_out.bias,
            "none.hidden.weight": self.none_hidden.weight,
            "none.hidden.bias": self.none_hidden.bias,
            "none.out.weight": self.none_out.weight,
            "none.out.bias": self.none_out.bias,
        }
        for place, layer in enumerate(self.layers, self._first):
            own = f"layer{place}"
            tuned |= {f"{own}.{name}": value for name, value in layer.named_parameters()}
            tuned[f"{own}.relations"] = self.relations[place - self._first]
            for short in (name for name in PARTS if isinstance(getattr(layer, name), LowRank)):
                for name, axis in ((f"{own}.{short}.a", 1), (f"{own}.{short}.b", 0)):
                    before = torch.tensor(self._first_stage[name])
                    tuned[name] = torch.cat([before, tuned[name]], axis)
        return packed(tuned)


def _merged(tensors: Mapping[str, Array], tuned: Mapping[str, Array]) -> dict[str, Array]:
    """The model's tensors as tuning has left them."""
    merged = dict(tensors)
    for place in tuned_places(tuned):
        for short, name in PARTS.items():
            before, own = f"encoder.layer.{place}.{name}", f"layer{place}.{short}"
            merged[f"{before}.bias"] = tuned[f"{own}.bias"]
            merged[f"{before}.weight"] = (
                tuned[f"{own}.weight"]
                if f"{own}.weight" in tuned
                else tensors[f"{before}.weight"] + tuned[f"{own}.a"] @ tuned[f"{own}.b"]
            )
    return merged


def _text_of(row: Sequence[Array]) -> Tensor:
    """Of each token in a row the place of its text; 0 is the question."""
    own = ([place] * len(states) for place, states in enumerate(row))
    return torch.tensor(list(chain.from_iterable(own)))


def _related(text_of: Tensor, is_fact: Tensor) -> Tensor:
    """(rows, 4, tokens, tokens): 1 in the relation in which each token stands to each; the four are
    those of `_relations` in bots/local/reranker.py."""
    by_kind = torch.where(is_fact[:, :, None], torch.where(is_fact[:, None, :], 3, 1), 2)
    relation = torch.where(text_of[:, :, None] == text_of[:, None, :], 0, by_kind)
    return torch.stack([relation == kind for kind in range(4)], 1).float()
