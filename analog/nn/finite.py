"""Whether all elements of a tensor are numbers."""

from __future__ import annotations

import math

import torch

__all__ = ["is_finite"]


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether no element is NaN or infinite.

    A sum is not finite if one of them is not, and no other look at them is as fast; one by one they are looked at
    where the sum is not, as it may be too large alone.
    """
    given = tensor.detach()
    return math.isfinite(given.sum()) or bool(given.isfinite().all())
