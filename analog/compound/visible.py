"""The weight that several cells make together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analog.kernels import Kernel, Target

__all__ = ["chopped_sum", "weighted_sum"]


def _scaled(row: int, first: int, last: int, total: Any, part: Any, factor: float) -> None:
    for column in range(first, last):
        total[row, column] = factor * part[row, column]


def _added(row: int, first: int, last: int, total: Any, part: Any, factor: float) -> None:
    for column in range(first, last):
        total[row, column] += factor * part[row, column]


SCALED = Kernel(_scaled)
ADDED = Kernel(_added)


def weighted_sum(target: Target, total: Any, parts: Sequence[Any], factors: Sequence[Any]) -> None:
    """``total = sum(factor * part)`` in place, in the order given; factors are float32, and zeros cost nothing."""
    kernel = SCALED
    for part, factor in zip(parts, factors, strict=True):
        if factor or kernel is SCALED:
            target.launch(kernel, *total.shape, total, part, factor)
            kernel = ADDED


def chopped_sum(target: Target, total: Any, parts: tuple[Any, Any], factors: tuple[Any, Any], signs: Any) -> None:
    """``total = factor * signs * part + factor * part`` in place; `signs` of the outputs and of the inputs."""
    target.launch(CHOPPED, *total.shape, total, parts, (*factors, *signs))


def _chopped(row: int, first: int, last: int, total: Any, parts: Any, rule: Any) -> None:
    fast, slow = parts
    fast_factor, slow_factor, row_signs, column_signs = rule
    for column in range(first, last):
        sign = row_signs[row] * column_signs[column]
        total[row, column] = fast_factor * sign * fast[row, column] + slow_factor * slow[row, column]


CHOPPED = Kernel(_chopped)
