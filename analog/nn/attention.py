"""Attention with its projections on crossbars."""

from __future__ import annotations

import copy
import math
from typing import Any, Self

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.nn.layer import AnalogLayer, give_weights, require_float32, take_weights, unwritten
from analog.nn.matrix import AnalogMatrix
from analog.nn.seeds import seeds
from tensorlayer.errors import ShapeError

__all__ = ["AnalogMultiheadAttention"]


class AnalogMultiheadAttention(AnalogLayer):
    """As `torch.nn.MultiheadAttention`: the four projections are crossbars, what is between them is digital.

    Attention multiplies activations with activations: arrays of devices, which hold weights, do not do that.

    Parameters
    ----------
    embed_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim, batch_first
        As in torch.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out.
    seed : int, optional
        As for `AnalogMatrix`.
    device : torch.device or str, optional
        Where the layer is; the CPU when left out.
    dtype : torch.dtype, optional
        As in torch, but float32, which crossbars compute in, is the only one: for inputs of others see `AnalogMatrix`.

    Attributes
    ----------
    query, key, value, output : AnalogMatrix
        The projections.
    bias_k, bias_v : Parameter or None
        With `add_bias_kv`, one more key and value, digital.
    """

    digital_class = torch.nn.MultiheadAttention

    def __init__(  # noqa: PLR0913, PLR0917  # as torch's
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_float32(dtype)
        sizes = (embed_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim, batch_first)
        self._build(torch.nn.MultiheadAttention(*sizes), rpu_config, seed)
        self.to(device)

    def _build(self, digital: torch.nn.MultiheadAttention, rpu_config: RPUConfig | None, seed: int | None) -> None:
        super().__init__()
        self.embed_dim, self.num_heads, self.dropout = digital.embed_dim, digital.num_heads, digital.dropout
        self.kdim, self.vdim = digital.kdim, digital.vdim
        self.add_zero_attn, self.batch_first = digital.add_zero_attn, digital.batch_first
        has_bias, config = digital.in_proj_bias is not None, rpu_config or SingleRPUConfig()
        sizes = (self.embed_dim, self.kdim, self.vdim, self.embed_dim)
        self.query, self.key, self.value, self.output = (
            AnalogMatrix((self.embed_dim, size), config, bias=has_bias, seed=number)
            for size, number in zip(sizes, seeds(seed, 4), strict=True)
        )
        # What the encoder layers of torch ask for before they hand digital weights to a fused kernel.
        self.in_proj_bias, self._qkv_same_embed_dim = None, False
        self._read(digital)

    # -- from and to torch ---------------------------------------------------------------------------------

    @classmethod
    def from_digital(
        cls, digital: torch.nn.MultiheadAttention, rpu_config: RPUConfig | None = None, *, seed: int | None = None
    ) -> Self:
        """See `AnalogLayer.from_digital`."""
        made = cls.__new__(cls)
        made._build(digital, rpu_config, seed)
        return made.to(digital.out_proj.weight.device).train(digital.training)

    def to_digital(self) -> torch.nn.MultiheadAttention:
        """See `AnalogLayer.to_digital`."""
        digital: torch.nn.MultiheadAttention = unwritten(
            torch.nn.MultiheadAttention, *self._sizes, device=self.output.analog.device
        )
        for name, (weight, bias) in _projections(digital).items():
            give_weights(getattr(self, name), weight, bias)
        with torch.no_grad():
            for given, taken in ((self.bias_k, digital.bias_k), (self.bias_v, digital.bias_v)):
                if given is not None and taken is not None:
                    taken.copy_(given)
        return digital.train(self.training)

    def reset_parameters(self) -> None:
        """Weights and biases as torch draws them."""
        self._read(torch.nn.MultiheadAttention(*self._sizes))

    @property
    def _sizes(self) -> tuple[Any, ...]:
        """What torch makes a layer of."""
        biases = (self.output.has_bias, self.bias_k is not None, self.add_zero_attn)
        return (self.embed_dim, self.num_heads, self.dropout, *biases, self.kdim, self.vdim, self.batch_first)

    def _read(self, digital: torch.nn.MultiheadAttention) -> None:
        for name, (weight, bias) in _projections(digital).items():
            take_weights(getattr(self, name), weight, bias)
        self.bias_k, self.bias_v = copy.deepcopy(digital.bias_k), copy.deepcopy(digital.bias_v)

    # -- what it computes ----------------------------------------------------------------------------------

    def forward(  # noqa: PLR0917  # as torch's
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        key_padding_mask: torch.Tensor | None = None,
        need_weights: bool = True,
        attn_mask: torch.Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Outputs, and attention weights if they are needed: parameters and results as in torch.

        With `is_causal` and no `attn_mask`, later keys are masked. Keys of `bias_k` and of zeros are never, whereas
        torch 2.13 hides them too if weights are not needed: it does not extend the mask then.

        Raises
        ------
        ShapeError
            If extents of the inputs or masks do not go together.
        """
        batched = query.ndim == 3
        q, k, v = (self._batch(x, batched) for x in (query, key, value))
        mask = self._mask(q, k, key_padding_mask, attn_mask, is_causal)
        q, k, v = self.query(q), self.key(k), self.value(v)
        k, v, mask = self._extended(k, v, mask)
        heads, weights = self._attend(q, k, v, mask, need_weights)
        y = self.output(heads.transpose(1, 2).flatten(2))
        if weights is not None:
            weights = weights.mean(1) if average_attn_weights else weights
            weights = weights if batched else weights.squeeze(0)
        if not batched:
            return y.squeeze(0), weights
        return y if self.batch_first else y.transpose(0, 1), weights

    def _batch(self, x: torch.Tensor, batched: bool) -> torch.Tensor:
        """(batch, length, features)."""
        if x.ndim != (3 if batched else 2):
            raise ShapeError(
                f"query, key and value must all be (length, features), or all have a batch: {list(x.shape)}"
            )
        if not batched:
            return x.unsqueeze(0)
        return x if self.batch_first else x.transpose(0, 1)

    def _mask(
        self,
        q: torch.Tensor,
        k: torch.Tensor,
        padding: torch.Tensor | None,
        mask: torch.Tensor | None,
        is_causal: bool,
    ) -> torch.Tensor | None:
        """What is added to the logits, (batch, heads, queries, keys), or extents of 1 where all are alike."""
        batch, queries, keys = len(q), q.shape[1], k.shape[1]
        if mask is None and is_causal:
            mask = torch.ones(queries, keys, dtype=torch.bool, device=q.device).triu(1)
        total = None
        if mask is not None:
            if tuple(mask.shape) not in ((queries, keys), (batch * self.num_heads, queries, keys)):
                raise ShapeError(
                    f"attn_mask is {list(mask.shape)}: it must be {[queries, keys]}, or that for every head"
                )
            heads = (1, 1) if mask.ndim == 2 else (batch, self.num_heads)
            total = _additive(mask, q.dtype).reshape(*heads, queries, keys)
        if padding is not None:
            padding = padding.unsqueeze(0) if padding.ndim == 1 else padding
            if tuple(padding.shape) != (batch, keys):
                raise ShapeError(f"key_padding_mask is {list(padding.shape)}: it must be {[batch, keys]}")
            more = _additive(padding, q.dtype)[:, None, None]
            total = more if total is None else total + more
        return total

    def _extended(
        self, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Keys and values with those of `bias_k` and `bias_v`, and of zeros, which no mask hides."""
        before = k.shape[1]
        if self.bias_k is not None and self.bias_v is not None:
            k = torch.cat((k, self.bias_k.expand(len(k), 1, -1)), 1)
            v = torch.cat((v, self.bias_v.expand(len(v), 1, -1)), 1)
        if self.add_zero_attn:
            k, v = (torch.nn.functional.pad(x, (0, 0, 0, 1)) for x in (k, v))
        return k, v, mask if mask is None else torch.nn.functional.pad(mask, (0, k.shape[1] - before))

    def _attend(
        self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None, need_weights: bool
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """(batch, heads, queries, features of a head), and weights (batch, heads, queries, keys)."""
        q, k, v = (torch.unflatten(x, -1, (self.num_heads, -1)).transpose(1, 2) for x in (q, k, v))
        dropout = self.dropout if self.training else 0.0
        if not need_weights:
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, mask, dropout), None
        logits = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        weights = torch.softmax(logits if mask is None else logits + mask, -1)
        weights = torch.nn.functional.dropout(weights, dropout, self.training)
        return weights @ v, weights

    def extra_repr(self) -> str:
        """Sizes."""
        return f"embed_dim={self.embed_dim}, num_heads={self.num_heads}, batch_first={self.batch_first}"


def _projections(digital: torch.nn.MultiheadAttention) -> dict[str, tuple[torch.Tensor, torch.Tensor | None]]:
    """Weights and biases of torch's layer by the names of the projections: views."""
    parts: Any = (digital.q_proj_weight, digital.k_proj_weight, digital.v_proj_weight)
    if digital.in_proj_weight is not None:
        parts = digital.in_proj_weight.chunk(3)
    biases: Any = (None,) * 3 if digital.in_proj_bias is None else digital.in_proj_bias.chunk(3)
    projections = dict(zip(("query", "key", "value"), zip(parts, biases, strict=True), strict=True))
    return projections | {"output": (digital.out_proj.weight, digital.out_proj.bias)}


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Minus infinity where a mask of booleans is true."""
    if mask.is_floating_point():
        return mask.to(dtype)
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(mask, -math.inf)
