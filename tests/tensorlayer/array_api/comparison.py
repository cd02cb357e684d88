"""Tensors against what NumPy says: shape, element type, elements."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.testing import assert_allclose

import tensorlayer as tl


def assert_same(result: Any, expected: Any, tolerance: float | None = None) -> None:
    """`result` is a tensor with the shape, type and elements of `expected`; of sequences, part by part."""
    if isinstance(expected, tuple | list):
        assert isinstance(result, tuple | list)
        for one, other in zip(result, expected, strict=True):
            assert_same(one, other, tolerance)
        return
    array = np.asarray(expected)
    assert isinstance(result, tl.Tensor)
    assert result.shape == array.shape
    assert result.dtype == array.dtype
    with np.errstate(all="ignore"):
        found = np.asarray(result)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    if array.dtype.kind in "fc":
        bound = tolerance or (1e-4 if array.dtype.itemsize // (1 + (array.dtype.kind == "c")) < 8 else 1e-11)
        assert_allclose(found, array, rtol=bound, atol=bound)
    else:
        assert np.array_equal(found, array)
