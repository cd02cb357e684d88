"""The range that inputs of an analog matrix are clipped to, learned."""

from __future__ import annotations

from typing import Any

import torch

from analog.nn.derivatives import refuse_double_backward
from analog.parameters import InputRangeParameter

__all__ = ["InputRange"]


class InputRange(torch.nn.Module):
    """A bound of the inputs: it follows their spread in the first batches, then it is trained.

    With errors z of clipped inputs, the gradient of the bound r is the sum of ``min(z, 0)`` over inputs from r on minus
    the sum of ``max(z, 0)`` over inputs up to -r, which only makes it larger. It becomes smaller by its decay, while
    enough inputs are inside. Errors pass clipped inputs unchanged: the array does not know of them.

    Parameters
    ----------
    parameters : InputRangeParameter
        How it is found.

    Attributes
    ----------
    value : Parameter or Tensor
        The bound, one number; a buffer if it is not learned.
    batches : Tensor
        How many batches it has followed.
    """

    value: torch.Tensor
    batches: torch.Tensor

    def __init__(self, parameters: InputRangeParameter) -> None:
        super().__init__()
        self.options = parameters
        start = torch.tensor(parameters.init_value)
        if parameters.learn_input_range:
            self.value = torch.nn.Parameter(start)
        else:
            self.register_buffer("value", start)
        self.register_buffer("batches", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """`x`, clipped, and the bound, which passes gradients on if it is trained by now."""
        follows = int(self.batches) < self.options.init_from_data
        if follows and self.training:
            self._follow(x.detach())
        value = self.value.detach() if follows else self.value
        clipped: torch.Tensor = _Clip.apply(x, value, self.options)  # type: ignore[no-untyped-call]
        return clipped, value

    @torch.no_grad()
    def _follow(self, x: torch.Tensor) -> None:
        """The mean over batches of some standard deviations; a batch of zeros does not count."""
        spread = self.options.init_std_alpha * x.std() if x.numel() > 1 else x.abs().max()
        if bool(spread > 0):
            self.batches += 1
            self.value += (spread - self.value) / self.batches

    def extra_repr(self) -> str:
        """The bound."""
        return f"{float(self.value.detach()):.4g}"


class _Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, bound: torch.Tensor, parameters: InputRangeParameter) -> torch.Tensor:
        ctx.save_for_backward(x, bound)
        ctx.parameters = parameters
        return x.clamp(-bound, bound)

    @staticmethod
    def backward(ctx: Any, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None, None]:
        refuse_double_backward("an input range")
        if not ctx.needs_input_grad[1]:
            return z, None, None
        (x, bound), parameters = ctx.saved_tensors, ctx.parameters
        above, below = z.clamp(max=0.0)[x >= bound].sum(), z.clamp(min=0.0)[x <= -bound].sum()
        gradient = above - below
        if parameters.gradient_relative:
            gradient = gradient * bound * parameters.gradient_scale
        inside = (x.abs() < bound).float().mean()
        return z, gradient + (inside > parameters.input_min_percentage) * parameters.decay * bound, None
