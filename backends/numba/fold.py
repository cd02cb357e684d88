"""How kernels fold: the neutral element, how a value is taken in, and how partial results are joined."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.codegen import PYTHON
from tensorlayer.graph import DType

__all__ = ["combined", "joined", "neutral"]

_JOINING = {
    "sum": np.add,
    "prod": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "any": np.logical_or,
    "all": np.logical_and,
}
_REAL = {"sum": "fadd", "prod": "fmul", "max": "fmaximum", "min": "fminimum"}
_SYMBOLS = {"sum": "+", "prod": "*", "any": "|", "all": "&"}


def neutral(kind: str, dtype: DType) -> str:
    """Text of the element that changes nothing."""
    # As in NumPy, a sum of minus zeros is zero.
    value: Any = {"sum": 0, "prod": 1, "any": False, "all": True}.get(kind)
    if value is None:
        lowest, highest = _range(dtype)
        value = lowest if kind == "max" else highest
    return PYTHON.constant(np.asarray(value, dtype)[()], dtype)


def _range(dtype: DType) -> tuple[Any, Any]:
    if dtype.kind == "f":
        return -np.inf, np.inf
    return (False, True) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)


def combined(kind: str, total: str, value: str, dtype: DType) -> str:
    """Text that takes `value` into `total`; both have elements of `dtype`."""
    if dtype.kind == "f":
        return f"{_REAL[kind]}({total}, {value})"
    if dtype.kind == "c" and kind == "sum":
        return PYTHON.typed(f"complex(fadd({total}.real, {value}.real), fadd({total}.imag, {value}.imag))", dtype)
    if kind in ("max", "min"):
        if dtype.kind == "b":
            return f"{total} {'|' if kind == 'max' else '&'} {value}"
        return f"{value} if {value} {'>' if kind == 'max' else '<'} {total} else {total}"
    return PYTHON.typed(f"{total} {_SYMBOLS[kind]} {value}", dtype)


def joined(kind: str, parts: np.ndarray[Any, Any]) -> Any:
    """Fold the first axis of `parts` pairwise; the parts are given up."""
    join = _JOINING[kind]
    if parts.ndim == 1:
        # Along contiguous memory NumPy adds pairwise itself.
        return join.reduce(parts)
    while len(parts) > 1:
        half = len(parts) // 2
        join(parts[:half], parts[-half:], out=parts[:half])
        parts = parts[: len(parts) - half]
    return parts[0]
