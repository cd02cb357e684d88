"""Products that torch differentiates itself, where a matrix on crossbars is nothing but its numbers."""

from __future__ import annotations

from collections.abc import Callable

import torch

from analog.nn.derivatives import refuse_double_backward
from analog.nn.finite import is_finite, require_finite
from analog.nn.parameter import AnalogParameter
from analog.nn.pending import GradientPairs

__all__ = ["exact_product"]

#: A product of inputs with a matrix (outputs, inputs), plus an offset (outputs,).
Multiply = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]


def exact_product(  # noqa: PLR0917
    multiply: Multiply,
    x: torch.Tensor,
    weight: AnalogParameter,
    scale: torch.Tensor | None,
    rate: float,
    bias: torch.Tensor | None,
    vectors: int,
) -> torch.Tensor | None:
    """``x @ (weights * scale).T + bias`` by torch's own operation on the memory of the crossbars, or on a copy.

    It counts vectors as the crossbars do, refuses what they refuse, and leaves a gradient with the parameter.

    Parameters
    ----------
    multiply : callable
        The operation.
    x : Tensor
        Its input, float32.
    weight : AnalogParameter
        Crossbars that are exact.
    scale, rate
        As of `product`.
    bias : Tensor or None
        (outputs,).
    vectors : int
        How many are multiplied.

    Returns
    -------
    Tensor or None
        None if the result is not finite: crossbars say what is wrong then.
    """
    weights = weight.exact_weights()
    if weights is None:
        return None
    matrix = weights.detach() if scale is None else weights * scale.reshape(-1, 1)
    matrix.requires_grad_(weight.requires_grad)
    y = multiply(x, matrix, None if bias is None else bias.float())
    # A vector with an element that is no number gives results of which none is.
    if not is_finite(x if x.numel() < y.numel() else y):
        return None
    weight.grid.count_(vectors)
    returning = vectors if x.requires_grad else 0

    def look(d: torch.Tensor) -> None:
        refuse_double_backward("a product on crossbars")
        if not matrix.requires_grad:
            require_finite(d)
        weight.grid.count_(returning, transposed=True)

    def keep(done: torch.Tensor) -> None:
        gradient, done.grad = done.grad, None
        if gradient is not None:
            # An error that is no number leaves no row that is.
            require_finite(gradient)
            unit = gradient if scale is None else gradient * (rate / scale).reshape(-1, 1)
            weight.wait(GradientPairs(unit), 1 / rate, scale)

    if y.requires_grad:
        y.register_hook(look)  # type: ignore[no-untyped-call]
        if matrix.requires_grad:
            matrix.register_post_accumulate_grad_hook(keep)  # type: ignore[no-untyped-call]
    return y
