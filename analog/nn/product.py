"""Products of crossbars in torch's graph."""

from __future__ import annotations

from typing import Any

import torch
from torch.autograd.function import once_differentiable

from analog.nn.parameter import AnalogParameter

__all__ = ["product"]


def product(x: torch.Tensor, weight: AnalogParameter, scale: torch.Tensor | None = None) -> torch.Tensor:
    """Vectors through the crossbars, ``(x @ weights.T) * scale`` with all that is analog about it.

    The gradient by `x` goes back through the crossbars; instead of a gradient by the weights, pairs of vectors are left
    with the parameter, such that an update by them changes ``weights * scale`` as gradient descent would.

    Parameters
    ----------
    x : Tensor
        (batch, inputs).
    weight : AnalogParameter
        The crossbars.
    scale : Tensor, optional
        One factor, or one for each output: what a unit of the crossbars' weights stands for.

    Returns
    -------
    Tensor
        (batch, outputs).

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
        If `x`, or an error on its way back, is no such array; nothing has changed then.
    """
    result: torch.Tensor = _Product.apply(x, weight, scale)  # type: ignore[no-untyped-call]
    return result


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: AnalogParameter, scale: torch.Tensor | None) -> torch.Tensor:
        ctx.weight, ctx.scale = weight, scale
        ctx.save_for_backward(x if weight.requires_grad else None)
        y: torch.Tensor = weight.grid.mvm(x.detach())
        return y if scale is None else y * scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d: torch.Tensor) -> tuple[torch.Tensor | None, None, None]:
        (x,) = ctx.saved_tensors
        weight, scale = ctx.weight, ctx.scale
        back = None
        if ctx.needs_input_grad[0]:
            back = weight.grid.mvm_transposed(d if scale is None else d * scale)
        if ctx.needs_input_grad[1]:
            weight.pending.append((x.detach(), d if scale is None else d / scale))
        return back, None, None
