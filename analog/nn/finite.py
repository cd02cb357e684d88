"""Whether all elements of a tensor are numbers."""

from __future__ import annotations

import math

import torch

from analog.errors import NotFiniteError

__all__ = ["is_finite", "require_finite"]


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether no element is NaN or infinite.

    A sum is not finite if one of them is not, and no other look at them is as fast; one by one they are looked at
    where the sum is not, as it may be too large alone.
    """
    return math.isfinite(tensor.sum().item()) or bool(tensor.isfinite().all())


def require_finite(errors: torch.Tensor) -> None:
    """Refuse errors, or a gradient that was made from them, that are no numbers.

    Raises
    ------
    NotFiniteError
        If one is NaN or infinite.
    """
    if not is_finite(errors):
        raise NotFiniteError("errors that reach a matrix on crossbars are NaN or infinite: no update is made from them")
