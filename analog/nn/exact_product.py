"""Products with a matrix on crossbars that is nothing but its numbers, as one step of torch's graph."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from analog.nn.derivatives import refuse_double_backward
from analog.nn.exact_operations import Operation
from analog.nn.finite import is_finite, require_finite
from analog.nn.parameter import AnalogParameter

__all__ = ["exact_product"]


def exact_product(
    operation: Operation,
    x: torch.Tensor,
    weight: AnalogParameter,
    scale: torch.Tensor | None,
    rate: float,
    bias: torch.Tensor | None,
) -> torch.Tensor | None:
    """``x @ (weights * scale).T + bias`` by torch's own operation on the memory of the crossbars.

    It counts vectors as the crossbars do, refuses what they refuse, and leaves pairs with the parameter.

    Parameters
    ----------
    operation : Operation
        What is multiplied, and how.
    x : Tensor
        Its input, float32.
    weight : AnalogParameter
        Crossbars that are exact.
    scale, rate
        As of `product`.
    bias : Tensor or None
        (outputs,).

    Returns
    -------
    Tensor or None
        None if the result is not finite: crossbars say what is wrong then.
    """
    weights = weight.exact_weights()
    if weights is None:
        return None
    matrix = weights if scale is None else weights * scale.reshape(-1, 1)
    offset = None if bias is None else bias.float()
    plan = _Plan(operation, matrix, scale, rate)
    result: torch.Tensor | None = _ExactProduct.apply(x, weight, offset, plan)  # type: ignore[no-untyped-call]
    return result


class _Plan(NamedTuple):
    """What nobody asks for gradients of: torch looks at every argument by itself."""

    operation: Operation
    matrix: torch.Tensor
    scale: torch.Tensor | None
    rate: float


class _ExactProduct(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: AnalogParameter, bias: torch.Tensor | None, plan: _Plan
    ) -> torch.Tensor | None:
        y = plan.operation.forward(x, plan.matrix, bias)
        # A vector with an element that is no number gives results of which none is.
        if not is_finite(x if x.numel() < y.numel() else y):
            return None
        weight.grid.count_(plan.operation.count(x))
        ctx.save_for_backward(x)
        ctx.weight, ctx.plan = weight, plan
        return y

    @staticmethod
    def backward(ctx: Any, d: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        refuse_double_backward("a product on crossbars")
        if torch.is_autocast_enabled(d.device.type):
            with torch.autocast(d.device.type, enabled=False):
                return _ExactProduct.backward(ctx, d)
        (x,), (of_x, of_weight, of_bias, _) = ctx.saved_tensors, ctx.needs_input_grad
        weight, (operation, matrix, scale, rate) = ctx.weight, ctx.plan
        if of_weight:
            pairs = operation.pairs(x.detach(), d)
            weight.wait(pairs if scale is None else pairs.times(rate / scale), 1 / rate, scale)
        else:
            require_finite(d)
        back = None
        if of_x:
            back = operation.backward(d, matrix, x.shape)
            weight.grid.count_(operation.count(x), transposed=True)
        offset = d.sum(tuple(range(d.ndim - 1))) if of_bias else None
        return back, None, offset, None
