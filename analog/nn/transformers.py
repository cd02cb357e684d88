"""Encoders of torch with analog layers inside."""

from __future__ import annotations

import torch

from analog.nn.matrix import AnalogMatrix

__all__ = ["keep_from_fused_kernels"]


def keep_from_fused_kernels(model: torch.nn.Module) -> None:
    """Tell encoders to call their layers.

    In evaluation, `torch.nn.TransformerEncoder` and its layers hand the weights of their parts to one fused kernel;
    analog parts have no such weights.
    """
    for module in model.modules():
        if any(isinstance(part, AnalogMatrix) for part in module.modules()):
            if isinstance(module, torch.nn.TransformerEncoder):
                module.use_nested_tensor = False
            elif isinstance(module, torch.nn.TransformerEncoderLayer):
                module.activation_relu_or_gelu = 0
