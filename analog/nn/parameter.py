"""What an optimizer sees of a matrix on crossbars."""

from __future__ import annotations

from typing import Any, Self

import torch

from analog.grid import CrossbarGrid

__all__ = ["AnalogParameter"]


class AnalogParameter(torch.nn.Parameter):
    """A matrix that is conductances: it has a shape, and no elements to look at or to write.

    A backward pass does not leave a gradient here but pairs of vectors, inputs and errors, as the array gets them;
    an optimizer of `analog.optim` sends them through the devices. Elements read as NaN: the weights are
    ``parameter.grid.weights``.

    Parameters
    ----------
    grid : CrossbarGrid
        The crossbars.

    Attributes
    ----------
    pending : list of tuple of Tensor
        Pairs (x, d) that wait for a step of the optimizer, oldest first.
    """

    grid: CrossbarGrid
    pending: list[tuple[torch.Tensor, torch.Tensor]]

    def __new__(cls, grid: CrossbarGrid) -> Self:
        """One element in memory, whatever the shape."""
        made = super().__new__(cls, torch.full((), torch.nan).expand(grid.shape))
        made.grid, made.pending = grid, []
        return made

    def update_(self, lr: float) -> None:
        """Send all pending pairs through the devices, as one batch, and forget them."""
        if self.pending:
            x, d = (torch.cat(parts) for parts in zip(*self.pending, strict=True))
            self.pending.clear()
            self.grid.update_(x, d, lr)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self)(self.grid.copy()).requires_grad_(self.requires_grad)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.grid,)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        del tensor_contents
        return f"AnalogParameter({self.grid!r}, {len(self.pending)} pending)"
