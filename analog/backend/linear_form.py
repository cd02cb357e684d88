"""Scalar expressions as sums of their arguments with constant factors."""

from __future__ import annotations

import math

from tensorlayer.scalar import Body

__all__ = ["as_product", "coefficients"]


def coefficients(body: Body) -> dict[int, float] | None:
    """The factor of every argument; None if the expression is no such sum.

    Examples
    --------
    >>> from tensorlayer.scalar import argument, call, constant
    >>> coefficients(call("subtract", argument(0), call("multiply", constant(0.5), argument(1))))
    {0: 1.0, 1: -0.5}
    """
    kind, *parts = body
    if kind == "x":
        return {parts[0]: 1.0}
    if kind == "astype":
        return coefficients(parts[0])
    if kind == "negative":
        return _scaled(coefficients(parts[0]), -1.0)
    if kind in ("add", "subtract"):
        left, right = coefficients(parts[0]), _scaled(coefficients(parts[1]), 1.0 if kind == "add" else -1.0)
        if left is None or right is None:
            return None
        return {i: left.get(i, 0.0) + right.get(i, 0.0) for i in sorted({*left, *right})}
    return _multiple(kind, parts)


def _multiple(kind: str, parts: list[Body]) -> dict[int, float] | None:
    if kind == "multiply" and _is_number(parts[0]):
        return _scaled(coefficients(parts[1]), float(parts[0][2]))
    if kind == "multiply" and _is_number(parts[1]):
        return _scaled(coefficients(parts[0]), float(parts[1][2]))
    if kind == "divide" and _is_number(parts[1]) and parts[1][2] != 0:
        return _scaled(coefficients(parts[0]), 1.0 / float(parts[1][2]))
    return None


def _scaled(terms: dict[int, float] | None, factor: float) -> dict[int, float] | None:
    return None if terms is None else {i: factor * value for i, value in terms.items()}


def _is_number(body: Body) -> bool:
    return bool(body[0] == "c" and isinstance(body[2], int | float) and math.isfinite(body[2]))


def as_product(body: Body) -> tuple[float, tuple[int, ...]] | None:
    """The constant and the arguments of a product; None if the expression is none.

    Examples
    --------
    >>> from tensorlayer.scalar import argument, call, constant
    >>> as_product(call("multiply", call("multiply", constant(2), argument(1)), call("negative", argument(0))))
    (-2.0, (1, 0))
    """
    kind, *parts = body
    if kind == "x":
        return 1.0, (parts[0],)
    if _is_number(body):
        return float(body[2]), ()
    if kind == "astype":
        return as_product(parts[0])
    if kind == "negative":
        found = as_product(parts[0])
        return None if found is None else (-found[0], found[1])
    if kind == "multiply":
        left, right = as_product(parts[0]), as_product(parts[1])
        return None if left is None or right is None else (left[0] * right[0], left[1] + right[1])
    return None
