"""What torch computes with a matrix that is nothing but its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch

from analog.nn.finite import require_finite
from analog.nn.lowering import Lowering
from analog.nn.pending import GradientPairs, Summand, SumPairs, is_narrow

__all__ = ["Images", "Operation", "Vectors"]


class Operation(Protocol):
    """A product of inputs with a matrix (outputs, inputs), and what becomes of errors on their way back."""

    def count(self, x: torch.Tensor) -> int:
        """How many vectors are multiplied with an input."""
        ...

    def forward(self, x: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """The product, plus a bias (outputs,) along the last axis, if there is one."""
        ...

    def backward(self, d: torch.Tensor, matrix: torch.Tensor, extents: torch.Size) -> torch.Tensor:
        """The gradient by an input of those extents."""
        ...

    def pairs(self, x: torch.Tensor, d: torch.Tensor) -> Summand:
        """What the gradient by the matrix is made of.

        Raises
        ------
        NotFiniteError
            If an error is NaN or infinite.
        """
        ...


class Vectors:
    """Inputs are rows, (batch, inputs)."""

    def count(self, x: torch.Tensor) -> int:
        """One for each row."""
        return x.shape[0]

    def forward(self, x: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """One product."""
        return torch.nn.functional.linear(x, matrix, bias)

    def backward(self, d: torch.Tensor, matrix: torch.Tensor, extents: torch.Size) -> torch.Tensor:  # noqa: ARG002
        """One product."""
        return d @ matrix

    def pairs(self, x: torch.Tensor, d: torch.Tensor) -> Summand:
        """The rows, from which an update goes straight into the matrix; their gradient where that is smaller."""
        if not is_narrow(x, d):
            return _checked(d.T @ x)
        require_finite(d)
        return SumPairs(x, d)


@dataclass(frozen=True)
class Images:
    """Inputs are what a `Lowering` makes vectors of, which are never made."""

    lowering: Lowering
    reach: float | None

    def count(self, x: torch.Tensor) -> int:  # noqa: ARG002
        """How many vectors there would be."""
        return self.lowering.count

    def forward(self, x: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """One convolution."""
        return self.lowering.exact_forward(x, matrix, bias, reach=self.reach)

    def backward(self, d: torch.Tensor, matrix: torch.Tensor, extents: torch.Size) -> torch.Tensor:
        """One convolution."""
        return self.lowering.exact_backward(d, matrix, extents)

    def pairs(self, x: torch.Tensor, d: torch.Tensor) -> Summand:
        """The gradient, which is one convolution: images are larger."""
        return _checked(self.lowering.exact_gradient(x, d, self.reach))


def _checked(gradient: torch.Tensor) -> GradientPairs:
    """An error that is no number leaves no row of a gradient that is."""
    require_finite(gradient)
    return GradientPairs(gradient)
