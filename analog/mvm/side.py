"""One side of an array: its converters as a kernel and numbers, made once for some parameters."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel

__all__ = ["Side", "singles"]


class Side(NamedTuple):
    """A kernel, and what to call it with.

    Parameters
    ----------
    kernel : Kernel
        Composed of the stages that are on.
    numbers : tuple
        Its last arguments, float32 or tuples of them. Changing them compiles nothing.
    noisy : bool
        Whether it needs normal numbers.
    stochastic : bool
        Whether it needs uniform numbers.
    """

    kernel: Kernel
    numbers: tuple[Any, ...]
    noisy: bool = False
    stochastic: bool = False


def singles(*values: float) -> tuple[np.float32, ...]:
    """Numbers as kernels take them."""
    return tuple(np.float32(value) for value in values)
