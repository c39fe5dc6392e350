"""The torch twin of bots/local/sentences.py and told.py: the same scores, and it can be trained.

Torch is no dependency of Offhook: `uv pip install torch`.

All-MiniLM-L6-v2 tells what texts are about; a caller's question and the fact that answers it are
often about the same and share no word, and a near miss shares them all. So the upper layers are
trained on who answers whom. Not their weights, which would forget what they know from a billion
sentences and make a file of 20 MB: differences of low rank to them, and all biases and norms.
"""

# Torch is not there when the project is checked.
# pyright: reportMissingImports=false

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bots.local.sentences import Side
from bots.local.tensors import Array
from bots.local.told import SPREAD, UNKNOWN_MEAN, UNKNOWN_SPREAD
from bots.local.transformer import EPSILON, PADDED

PROJECTED = 128
"""Width of the vectors by which tokens are compared."""
HIDDEN = 32
"""Width of what stands between the signs and how likely it is that no fact answers."""
SCALES = (12.0, 8.0, 12.0, 8.0)
TAU = 3.0
"""Where tuning starts; see Scales in bots/local/sentences.py."""
DROPPED = 0.1
"""Share of what a layer adds that is left out at random while training."""
SINGLE = 400
"""An array up to this size is kept in single precision: scales are few, and weigh much."""
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "u": "intermediate.dense",
    "d": "output.dense",
    "n1": "attention.output.LayerNorm",
    "n2": "output.LayerNorm",
}
"""Parts of a layer, by their names here and in matching.npz, and in a BERT."""


class Texts(NamedTuple):
    """Texts as the model reads them; see Read in bots/local/sentences.py."""

    pooled: Tensor
    """(texts, width)."""
    tokens: Tensor
    """(texts, tokens, PROJECTED), 0 where a token only fills the batch."""
    is_own: Tensor
    """(texts, tokens), false at those."""
    weights: Tensor
    """(texts, tokens)."""


class LowRank(nn.Module):
    """A linear map that stays as it is, a trained difference of low rank, and a trained bias."""

    def __init__(self, weight: Array, bias: Array, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.register_buffer("weight", torch.tensor(weight))
        self.a = nn.Parameter(torch.zeros(outputs, rank))
        self.b = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(self, x: Tensor) -> Tensor:
        """Cheaper than adding the product of `a` and `b` to the weight in each step."""
        difference = functional.linear(functional.linear(x, self.b), self.a)
        return functional.linear(x, self.weight, self.bias) + difference


class Layer(nn.Module):
    """A layer as in bots/local/transformer.py."""

    def __init__(self, tensors: Mapping[str, Array], place: int, heads: int, rank: int) -> None:
        super().__init__()
        self._heads = heads
        for short, name in PARTS.items():
            setattr(self, short, _part(tensors, f"encoder.layer.{place}.{name}", rank))

    def forward(self, x: Tensor, heeding: Tensor) -> Tensor:
        """The states (texts, tokens, width) after this layer; `heeding` is added to how much each
        token heeds each."""
        texts, tokens, width = x.shape
        query, key, value = (
            part(x).view(texts, tokens, self._heads, -1).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        seen = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=heeding.to(query.dtype)
        )
        seen = seen.transpose(1, 2).reshape(texts, tokens, width)
        x = self.n1(x + functional.dropout(self.o(seen), DROPPED, self.training))
        settled = self.d(functional.gelu(self.u(x)))
        return self.n2(x + functional.dropout(settled, DROPPED, self.training))


class TunedModel(nn.Module):
    """The upper layers, and what turns their states into scores."""

    def __init__(
        self, tensors: Mapping[str, Array], first: int, last: int, heads: int, rank: int
    ) -> None:
        """Start from the layers `first` to `last` of the model that `tensors` are of."""
        super().__init__()
        self._first = first
        self.layers = nn.ModuleList(
            Layer(tensors, place, heads, rank) for place in range(first, last + 1)
        )
        width = len(tensors["embeddings.LayerNorm.weight"])
        self.side = nn.Parameter(torch.zeros(len(Side), width))
        self.project = nn.Linear(width, PROJECTED, bias=False)
        self.token_weight = nn.Linear(width, 1)
        self.scale = nn.Parameter(torch.tensor(SCALES))
        self.tau = nn.Parameter(torch.tensor(TAU))
        self.hidden = nn.Linear(width + 4, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)

    def read(self, states: Sequence[Array], side: Side) -> Texts:
        """Texts by their states after the lower half."""
        lengths = torch.tensor([len(state) for state in states])
        is_own = torch.arange(int(lengths.max())) < lengths[:, None]
        x = nn.utils.rnn.pad_sequence(
            [torch.from_numpy(state).float() for state in states], batch_first=True
        )
        mask = torch.where(is_own, 0.0, float(PADDED))
        x = x + self.side[side]
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        own = is_own.float()[:, :, None]
        pooled = functional.normalize((x * own).sum(1) / own.sum(1), dim=-1)
        tokens = functional.normalize(self.project(x).float(), dim=-1) * own
        weights = torch.softmax(self.token_weight(x).float().squeeze(-1) + mask, -1)
        return Texts(pooled, tokens, is_own, weights)

    def forward(
        self,
        questions: Texts,
        facts: Texts,
        phrasings: Texts | None,
        owners: Tensor | None,
        is_other: Tensor | None,
    ) -> Tensor:
        """How well each fact answers each question, and at the end "I do not know".

        `owners` has the place of the fact that each phrasing stands under, and `is_other`
        (questions, phrasings) is false where it is not to be compared. Two facts or more.
        """
        whole, late = _likeness(questions, facts)
        scores = self.scale[0] * whole + self.scale[1] * late
        if phrasings is not None and owners is not None and is_other is not None:
            under_whole, under_late = _likeness(questions, phrasings)
            under = self.scale[2] * under_whole + self.scale[3] * under_late
            best = torch.full_like(scores, float(PADDED)).scatter_reduce(
                1, owners.expand(len(scores), -1), under.masked_fill(~is_other, PADDED), "amax"
            )
            scores = self.tau * torch.logaddexp(scores / self.tau, best / self.tau)
        first, second = scores.topk(2, -1).values.unbind(-1)
        signs = [first / SPREAD, (first - second) / SPREAD, whole.amax(-1), late.amax(-1)]
        # The signs are taken as they are: the facts are not to be moved so that they tell more.
        seen = torch.cat([questions.pooled, torch.stack(signs, -1).detach()], -1)
        unknown = self.out(torch.tanh(self.hidden(seen))) * UNKNOWN_SPREAD + UNKNOWN_MEAN
        return torch.cat([scores, unknown], -1)

    def arrays(self) -> dict[str, Array]:
        """What bots/local/sentences.py loads."""
        tuned: dict[str, Any] = {
            "side": self.side,
            "proj": self.project.weight,
            "token_weight": self.token_weight.weight[0],
            "token_weight_bias": self.token_weight.bias[0],
            "scale": self.scale,
            "tau": self.tau,
            "none.hidden.weight": self.hidden.weight,
            "none.hidden.bias": self.hidden.bias,
            "none.out.weight": self.out.weight[0],
            "none.out.bias": self.out.bias[0],
        }
        for place, layer in enumerate(self.layers, self._first):
            tuned |= {f"layer{place}.{name}": value for name, value in layer.named_parameters()}
        return packed(tuned)


def packed(tuned: Mapping[str, Any]) -> dict[str, Array]:
    """Tensors as arrays, in half precision where that shows nowhere."""
    return {
        name: value.detach().numpy().astype(np.float16 if value.numel() > SINGLE else np.float32)
        for name, value in tuned.items()
    }


def save(file: Path, arrays: Mapping[str, Array]) -> None:
    """Write the .npz that bots/local/sentences.py and reranker.py load."""
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]


def _part(tensors: Mapping[str, Array], name: str, rank: int) -> nn.Module:
    """A part of a layer: a linear map, else a norm, whose weight is a vector."""
    weight, bias = (np.array(tensors[f"{name}.{kind}"], np.float32) for kind in ("weight", "bias"))
    if weight.ndim > 1:
        return LowRank(weight, bias, rank)
    norm = nn.LayerNorm(len(weight), eps=EPSILON)
    norm.weight.data, norm.bias.data = torch.tensor(weight), torch.tensor(bias)
    return norm


def _likeness(questions: Texts, texts: Texts) -> tuple[Tensor, Tensor]:
    """Of each question to each text: as wholes, and by the nearest of its tokens to each token."""
    near = torch.einsum("qie,tje->qtij", questions.tokens, texts.tokens)
    near = near.masked_fill(~texts.is_own[None, :, None, :], -1.0).amax(-1)
    late = (near * questions.weights[:, None, :]).sum(-1)
    return questions.pooled @ texts.pooled.T, late
