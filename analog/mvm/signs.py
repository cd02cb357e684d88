"""Positive and negative inputs apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel
from analog.mvm.workspace import scratch

__all__ = ["signs"]

ZERO = np.float32(0)


def _signs(row: int, first: int, last: int, u: Any, positive: Any, negative: Any) -> None:
    for column in range(first, last):
        positive[row, column] = max(u[row, column], ZERO)
        negative[row, column] = min(u[row, column], ZERO)


_SIGNS = Kernel(_signs)


def signs(site: Site, u: Any) -> tuple[Any, Any]:
    """The positive and the negative part of an array; their sum is the array."""
    positive, negative = (scratch(site.storage, name, u.shape) for name in ("positive", "negative"))
    site.target.launch(_SIGNS, *u.shape, u, positive, negative)
    return positive, negative
