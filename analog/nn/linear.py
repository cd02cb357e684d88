"""A linear layer on crossbars."""

from __future__ import annotations

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.nn.matrix import AnalogMatrix

__all__ = ["AnalogLinear"]


class AnalogLinear(torch.nn.Module):
    """As `torch.nn.Linear`, with the weights on crossbars and a digital bias.

    Parameters
    ----------
    in_features, out_features : int
        Extents of the last axis of inputs and outputs.
    bias : bool, optional
        Whether a bias is added.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out.
    seed : int, optional
        As for `AnalogMatrix`.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.matrix = AnalogMatrix((out_features, in_features), rpu_config or SingleRPUConfig(), seed=seed)
        self.bias = torch.nn.Parameter(torch.empty(out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weights and bias as `torch.nn.Linear` draws them."""
        digital = torch.nn.Linear(self.in_features, self.out_features, self.bias is not None)
        self.matrix.set_weights(digital.weight.detach())
        if self.bias is not None:
            with torch.no_grad():
                self.bias.copy_(digital.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., in_features) to (..., out_features)."""
        y: torch.Tensor = self.matrix(x)
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        """As of `torch.nn.Linear`."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
