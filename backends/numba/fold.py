"""How kernels fold: the neutral element, and how a value is taken in."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.codegen import PYTHON
from tensorlayer.graph import DType

__all__ = ["combined", "neutral"]

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
