"""A linear layer on crossbars."""

from __future__ import annotations

from typing import Any, Self

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.crossbar.arguments import as_shape
from analog.nn.layer import AnalogLayer, as_bias, give_weights, require_float32, take_weights, unwritten
from analog.nn.matrix import AnalogMatrix

__all__ = ["AnalogLinear"]


class AnalogLinear(AnalogLayer):
    """As `torch.nn.Linear`, with the weights on crossbars.

    Parameters
    ----------
    in_features, out_features : int
        Extents of the last axis of inputs and outputs.
    bias : bool, optional
        Whether a bias is added: digitally, or without ``mapping.digital_bias`` by a column of devices.
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
    matrix : AnalogMatrix
        The crossbars, and what is digital around them.

    Raises
    ------
    ShapeError
        If an extent is no integer, or less than 1.

    Examples
    --------
    >>> import torch
    >>> from analog.config import FloatingPointRPUConfig
    >>> layer = AnalogLinear(3, 2, rpu_config=FloatingPointRPUConfig(), seed=1)
    >>> layer.set_weights(torch.eye(2, 3), torch.tensor([1.0, 2.0]))
    >>> layer(torch.ones(3))
    tensor([2., 3.], grad_fn=...)
    """

    digital_class = torch.nn.Linear

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_float32(dtype)
        super().__init__()
        self.out_features, self.in_features = as_shape((out_features, in_features))
        config = SingleRPUConfig() if rpu_config is None else rpu_config
        # Weights before seeds, so that torch's generator gives those that torch's own layer would get.
        digital = torch.nn.Linear(in_features, out_features, as_bias(bias))
        self.matrix = AnalogMatrix((out_features, in_features), config, bias=bias, seed=seed)
        self._take(digital)
        self.to(device)

    @property
    def bias(self) -> torch.Tensor | None:
        """The digital bias, (out_features,); None if it is analog or there is none."""
        return self.matrix.bias

    def reset_parameters(self) -> None:
        """Weights and bias as `torch.nn.Linear` draws them."""
        self._take(torch.nn.Linear(self.in_features, self.out_features, self.matrix.has_bias))

    def _take(self, digital: torch.nn.Linear) -> None:
        self.matrix.set_weights(digital.weight, digital.bias)

    @classmethod
    def from_digital(
        cls, digital: torch.nn.Linear, rpu_config: RPUConfig | None = None, *, seed: int | None = None
    ) -> Self:
        """See `AnalogLayer.from_digital`."""
        made = cls(digital.in_features, digital.out_features, digital.bias is not None, rpu_config, seed=seed)
        take_weights(made.matrix, digital.weight, digital.bias)
        return made.to(digital.weight.device).train(digital.training)

    def to_digital(self) -> torch.nn.Linear:
        """See `AnalogLayer.to_digital`."""
        sizes = (self.in_features, self.out_features, self.matrix.has_bias)
        digital: torch.nn.Linear = unwritten(torch.nn.Linear, *sizes, device=self.matrix.analog.device)
        give_weights(self.matrix, digital.weight, digital.bias)
        return digital.train(self.training)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., in_features) to (..., out_features): see `AnalogMatrix.forward`."""
        # A module's attribute is found in the third place where it is looked for, which small layers feel.
        y: torch.Tensor = self._modules["matrix"](x)  # type: ignore[misc]  # there always is one
        return y

    def get_weights(self, *, realistic: bool = False) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Weights and bias as users see them: see `AnalogMatrix.get_weights`."""
        return self.matrix.get_weights(realistic=realistic), self.matrix.get_bias(realistic=realistic)

    def set_weights(self, weights: Any, bias: Any = None, *, realistic: bool = False) -> None:
        """Write weights and bias: see `AnalogMatrix.set_weights`."""
        self.matrix.set_weights(weights, bias, realistic=realistic)

    def extra_repr(self) -> str:
        """As of `torch.nn.Linear`."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.matrix.has_bias}"
