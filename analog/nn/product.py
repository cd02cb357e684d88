"""Products of crossbars in torch's graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from analog.nn.derivatives import refuse_double_backward
from analog.nn.finite import require_finite
from analog.nn.parameter import AnalogParameter
from analog.nn.pending import RowPairs

__all__ = ["OutputClipping", "product"]


@dataclass(frozen=True)
class OutputClipping:
    """What clipped outputs do to errors and to the input range.

    Parameters
    ----------
    bound : float
        Outputs of the crossbars from here on count as clipped.
    least : float
        Share of outputs that are not, below which the input range grows.
    """

    bound: float
    least: float


def product(  # noqa: PLR0917
    x: torch.Tensor,
    weight: AnalogParameter,
    reach: torch.Tensor | None = None,
    scale: torch.Tensor | None = None,
    rate: float = 1.0,
    clipping: OutputClipping | None = None,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """Vectors through the crossbars: ``(x / reach @ weights.T) * reach * scale + bias``, with all that is analog there.

    The gradient by `x` goes back through the crossbars. Instead of a gradient by the weights, pairs of vectors are left
    with the parameter, such that an update by them changes ``weights * scale`` as gradient descent does.

    Parameters
    ----------
    x : Tensor
        (batch, inputs), float32.
    weight : AnalogParameter
        The crossbars.
    reach : Tensor, optional
        One number: the input that the largest voltage stands for.
    scale : Tensor, optional
        One factor, or one for each output: what a unit of the crossbars' weights stands for.
    rate : float, optional
        The part of `scale` by which an update divides the learning rate instead of the errors.
    clipping : OutputClipping, optional
        Whether outputs at the bound of the converter pass no errors.
    bias : Tensor, optional
        (outputs,), float32.

    Returns
    -------
    Tensor
        (batch, outputs).

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
        If `x`, or an error on its way back, is no such array; nothing has changed then.
    UnsupportedOperationError
        In a backward pass that is to be differentiated itself.
    """
    plan = _Plan(weight, scale, rate, clipping)
    result: torch.Tensor = _Product.apply(x, weight, bias, reach, plan)  # type: ignore[no-untyped-call]
    return result


class _Plan(NamedTuple):
    """What nobody asks for gradients of: torch looks at every argument by itself."""

    weight: AnalogParameter
    scale: torch.Tensor | None
    rate: float
    clipping: OutputClipping | None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: AnalogParameter,
        bias: torch.Tensor | None,
        reach: torch.Tensor | None,
        plan: _Plan,
    ) -> torch.Tensor:
        given = x if reach is None else x / reach
        y = weight.mvm(given)
        clipped = None if plan.clipping is None else y.abs() >= plan.clipping.bound
        ctx.save_for_backward(given if weight.requires_grad else None, clipped, reach)
        ctx.plan = plan
        back = _times(reach, plan.scale)
        y = y if back is None else y.mul_(back)
        return y if bias is None else y.add_(bias)

    @staticmethod
    def backward(ctx: Any, d: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        refuse_double_backward("a product on crossbars")
        (given, clipped, reach), (weight, scale, rate, clipping) = ctx.saved_tensors, ctx.plan
        of_x, of_weight, of_bias, of_reach, _ = ctx.needs_input_grad
        offset = d.sum(0) if of_bias else None
        if clipped is not None:
            d = d.masked_fill(clipped, 0.0)
        back = None
        if of_x:
            back = weight.mvm_transposed(d if scale is None else d * scale)
        else:
            require_finite(d)
        if of_weight:
            unit = _over(reach, scale, rate)
            pairs = RowPairs(given, d, known_finite=True)
            weight.wait(pairs if unit is None else pairs.times(unit), 1 / rate, scale)
        growth = None
        if of_reach and clipped is not None and clipping is not None:
            passed = 1 - clipped.float().mean()
            growth = (passed < clipping.least) * (passed - 1) * reach
        return back, None, offset, growth, None


def _times(reach: torch.Tensor | None, scale: torch.Tensor | None) -> torch.Tensor | None:
    if reach is None or scale is None:
        return scale if reach is None else reach
    return reach * scale


def _over(reach: torch.Tensor | None, scale: torch.Tensor | None, rate: float) -> torch.Tensor | None:
    """What errors are multiplied by, so that an update by them changes what the user sees as it should."""
    if scale is None:
        return reach
    return rate / scale if reach is None else reach * rate / scale
