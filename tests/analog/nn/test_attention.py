"""Attention against a formula in float64; torch itself leaves it where a causal mask meets keys that are added."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from analog.nn import AnalogMultiheadAttention
from tests.analog.nn.configs import exact


def attended(layer: torch.nn.MultiheadAttention, x: torch.Tensor, *, causal: bool) -> np.ndarray:
    """Self-attention as Vaswani et al. (2017) write it; keys that are added are seen by all queries."""
    p = {name: value.detach().double().numpy() for name, value in layer.named_parameters()}
    size, heads, given = layer.embed_dim, layer.num_heads, x.double().numpy()
    q, k, v = np.split(given @ p["in_proj_weight"].T + p["in_proj_bias"], 3, -1)
    mask = np.triu(np.full((x.shape[1], x.shape[1]), -np.inf), 1) if causal else np.zeros((x.shape[1],) * 2)
    added = [np.concatenate((p["bias_k"], p["bias_v"]))] if layer.bias_k is not None else []
    added += [np.zeros((2, 1, size))] if layer.add_zero_attn else []
    for key, value in added:
        k = np.concatenate((k, np.broadcast_to(key, (len(k), 1, size))), 1)
        v = np.concatenate((v, np.broadcast_to(value, (len(v), 1, size))), 1)
        mask = np.pad(mask, ((0, 0), (0, 1)))
    parts = []
    for columns in np.split(np.arange(size), heads):
        logits = q[..., columns] @ k[..., columns].swapaxes(1, 2) / np.sqrt(len(columns)) + mask
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        parts.append(weights / weights.sum(-1, keepdims=True) @ v[..., columns])
    return np.concatenate(parts, -1) @ p["out_proj.weight"].T + p["out_proj.bias"]


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("bias_kv", "zero"), [(False, False), (True, False), (False, True), (True, True)])
def test_keys_that_are_added_are_seen_by_all(bias_kv: bool, zero: bool, causal: bool, need_weights: bool) -> None:
    torch.manual_seed(1)
    digital = torch.nn.MultiheadAttention(8, 2, add_bias_kv=bias_kv, add_zero_attn=zero, batch_first=True)
    for parameter in digital.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    analog = AnalogMultiheadAttention.from_digital(digital, exact())
    x = torch.randn(3, 5, 8)
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
    expected = attended(digital, x, causal=causal)
    options = {"attn_mask": mask, "is_causal": causal, "need_weights": need_weights}
    np.testing.assert_allclose(analog(x, x, x, **options)[0].detach(), expected, rtol=1e-4, atol=1e-5)
    if need_weights or not causal or not (bias_kv or zero):
        torchs = digital(x, x, x, **options)[0].detach().numpy()
        np.testing.assert_allclose(torchs, expected, rtol=1e-4, atol=1e-5)
