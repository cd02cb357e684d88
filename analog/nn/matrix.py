"""A matrix on crossbars as a module, with what is digital around it."""

from __future__ import annotations

import torch

from analog.config import RPUConfig
from analog.grid import CrossbarGrid
from analog.nn.parameter import AnalogParameter
from analog.nn.product import product

__all__ = ["AnalogMatrix"]


class AnalogMatrix(torch.nn.Module):
    """A matrix on a grid of crossbars: the part that all analog layers are made of.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs).
    config : RPUConfig
        Of the crossbars.
    seed : int, optional
        Of everything that these crossbars draw; from torch's generator when left out, so that ``torch.manual_seed``
        makes a model reproducible.
    """

    def __init__(self, shape: tuple[int, int], config: RPUConfig, *, seed: int | None = None) -> None:
        super().__init__()
        number = int(torch.randint(1 << 32, ()).item()) if seed is None else seed
        self.analog = AnalogParameter(CrossbarGrid(shape, config, seed=number))

    @property
    def grid(self) -> CrossbarGrid:
        """The crossbars."""
        return self.analog.grid

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Vectors through the matrix, (..., inputs) to (..., outputs)."""
        rows = product(x.reshape(-1, x.shape[-1]), self.analog)
        return rows.reshape(*x.shape[:-1], rows.shape[-1])

    def get_weights(self) -> torch.Tensor:
        """The present weights, (outputs, inputs): a copy."""
        return torch.as_tensor(self.grid.weights)

    def set_weights(self, weights: torch.Tensor) -> None:
        """Write the weights, as far as the devices can hold them."""
        self.grid.set_weights(weights)

    def extra_repr(self) -> str:
        """The grid."""
        return repr(self.grid)
