"""The weights of a matrix on crossbars as users see them."""

from __future__ import annotations

from typing import Any

import torch

from analog.config import RPUConfig
from analog.crossbar.arguments import as_number
from analog.errors import ConfigError, NotFiniteError
from analog.grid import CrossbarGrid
from analog.nn.copies import as_tensor
from analog.nn.parameter import AnalogParameter
from analog.nn.scales import mapping_scales
from tensorlayer.errors import ShapeError

__all__ = ["VisibleWeights"]


class VisibleWeights(torch.nn.Module):
    """Weights of the devices times all scales; the last column of an analog bias apart."""

    mapping_scales: torch.Tensor | None
    out_scaling: torch.Tensor | None
    bias: torch.Tensor | None
    _shape: tuple[int, int]
    _has_bias_column: bool
    _config: RPUConfig
    analog: AnalogParameter

    @property
    def grid(self) -> CrossbarGrid:
        """The crossbars; their weights are those of the devices, with the column of an analog bias."""
        return self.analog.grid

    def get_weights(self, *, realistic: bool = False) -> torch.Tensor:
        """The present weights, (outputs, inputs): a copy on the device of the crossbars.

        Parameters
        ----------
        realistic : bool, optional
            Whether they are estimated from noisy products, as hardware would have to; see `Crossbar.read_weights`.
        """
        return self._seen(realistic)[:, : self._shape[1]].clone()

    def get_bias(self, *, realistic: bool = False) -> torch.Tensor | None:
        """The present bias, (outputs,): a copy; None if there is none.

        Parameters
        ----------
        realistic : bool, optional
            As for weights, if the bias is analog.
        """
        if self._has_bias_column:
            return self._seen(realistic)[:, -1].clone()
        return None if self.bias is None else self.bias.detach().clone()

    @torch.no_grad()
    def set_weights(self, weights: Any, bias: Any = None, *, realistic: bool = False) -> None:
        """Write weights, as far as the devices can hold them; trained output scales begin at 1 again.

        Parameters
        ----------
        weights : Tensor or array
            (outputs, inputs), as users see them; of the devices the largest becomes ``mapping.weight_scaling_omega``.
        bias : Tensor or array, optional
            (outputs,); the present one when left out.
        realistic : bool, optional
            Whether they are written as hardware would have to; see `Crossbar.program_weights_`.

        Raises
        ------
        ShapeError, NotFiniteError
            If they do not fit; nothing has changed then.
        """
        whole = self._numbers(weights, self._shape, "weights")
        column = self.get_bias() if bias is None else self._numbers(bias, self._shape[:1], "bias")
        if bias is not None and column is not None and not self._has_bias_column and self.bias is None:
            raise ShapeError("this layer has no bias: leave it out, or make the layer with bias=True")
        if self._has_bias_column and column is not None:
            whole = torch.cat((whole, column.reshape(-1, 1)), 1)
        self._write(whole, self._config.mapping.weight_scaling_omega, realistic)
        if self.out_scaling is not None:
            self.out_scaling.fill_(1.0)
        if self.bias is not None and column is not None:
            self.bias.copy_(column)

    @torch.no_grad()
    def remap_weights(self, omega: float = 1.0) -> None:
        """Choose the mapping scales anew: the largest weight of the devices becomes `omega`; what users see stays.

        Parameters
        ----------
        omega : float, optional
            Above zero.

        Raises
        ------
        ConfigError
            If there are no mapping scales, or `omega` is no such number; nothing has changed then.
        """
        if self.mapping_scales is None:
            raise ConfigError("weights are mapped without scales: set mapping.weight_scaling_omega in the config")
        largest = as_number("omega", omega, least=1e-30)
        self._write(as_tensor(self.grid.weights) * self.mapping_scales.reshape(-1, 1), largest, False)

    def program_weights(self, **options: Any) -> None:
        """Write the present weights as hardware does; options as of `Crossbar.program_weights_`."""
        self.grid.program_weights_(**options)

    def drift_weights(self, duration: float) -> None:
        """Let the conductances drift for `duration` seconds; nothing else makes them drift."""
        self.grid.each_(lambda crossbar: crossbar.drift_weights_(duration))

    def _seen(self, realistic: bool) -> torch.Tensor:
        """Weights of the devices times all scales."""
        weights = as_tensor(self.grid.read_weights() if realistic else self.grid.weights)
        for factors in (self.mapping_scales, self.out_scaling):
            if factors is not None:
                weights = weights * factors.detach().reshape(-1, 1)
        return weights

    def _write(self, mapped: torch.Tensor, omega: float, realistic: bool) -> None:
        """Weights times mapping scales onto the devices."""
        scales = None
        if self.mapping_scales is not None:
            scales = mapping_scales(mapped, self._config.mapping.replace(weight_scaling_omega=omega))
            mapped = mapped / scales.reshape(-1, 1)
        if realistic:
            self.grid.program_weights_(mapped)
        else:
            self.grid.set_weights(mapped)
        if self.mapping_scales is not None and scales is not None:
            self.mapping_scales.copy_(scales)

    def _numbers(self, value: Any, shape: tuple[int, ...], name: str) -> torch.Tensor:
        """A copy in float32 on the device of the crossbars."""
        taken = as_tensor(value).to(self.analog.device, torch.float32)
        if tuple(taken.shape) != shape:
            raise ShapeError(f"{name} is {list(taken.shape)}: this layer takes {list(shape)}")
        if not bool(taken.isfinite().all()):
            raise NotFiniteError(f"{name} has NaN or infinite elements, or some too large for float32")
        return taken
