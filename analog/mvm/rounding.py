"""Rounding as converters do it. Functions of numbers; kernels call them on every target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["converter"]

Convert = Callable[[np.float32, np.float32, np.float32], np.float32]

ONE = np.float32(1)
HALF = np.float32(0.5)

#: Adding and taking it away leaves no room for fractions.
SHIFT = np.float32(1.5 * 2**23)
#: From here on the addition would cost whole numbers; nothing a converter distinguishes is that far.
LARGEST = np.float32(2**22)


def nearest(value: np.float32) -> np.float32:
    """The nearest whole number, of two the even one; `round` is no vector instruction everywhere."""
    rounded = (value + SHIFT) - SHIFT
    return rounded if abs(value) < LARGEST else value


def _exact(value: np.float32, step: np.float32, uniform: np.float32) -> np.float32:  # noqa: ARG001
    return value


def _rounded(value: np.float32, step: np.float32, uniform: np.float32) -> np.float32:  # noqa: ARG001
    return step * nearest(value * (ONE / step))


def _either(value: np.float32, step: np.float32, uniform: np.float32) -> np.float32:
    return step * nearest(value * (ONE / step) + (uniform - HALF))


def converter(*, quantised: bool, stochastic: bool) -> Convert:
    """``convert(value, step, uniform)``: the value, or the nearest multiple of a step.

    Parameters
    ----------
    quantised : bool
        Whether there are steps.
    stochastic : bool
        Whether it is one of the two next multiples, such that its mean is the value when `uniform` is uniform in
        (0, 1).
    """
    return (_either if stochastic else _rounded) if quantised else _exact
