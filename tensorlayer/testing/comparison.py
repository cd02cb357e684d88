"""When the results of two backends are the same."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["assert_same_elements"]

#: Relative error that is allowed, in units in the last place of the element type.
ULPS = 64


def assert_same_elements(actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], ulps: int = ULPS) -> None:
    """Assert equal shape, equal element type, and equal elements (up to rounding, if they are inexact).

    Parameters
    ----------
    actual, expected : numpy.ndarray
        What is tested, and what is right. NaN equals NaN.
    ulps : int
        Error allowed relative to the largest finite element expected, in units in the last place.
    """
    assert actual.dtype == expected.dtype, f"element type {actual.dtype}, expected {expected.dtype}"
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(actual, expected)
        return
    if expected.dtype.kind == "c":
        # What a product of complex infinities is, libraries see differently: only finite values are compared.
        finite = np.isfinite(expected)
        actual, expected = actual[finite], expected[finite]
    within = ulps * float(np.finfo(expected.dtype).eps)
    largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    np.testing.assert_allclose(actual, expected, rtol=within, atol=within * float(largest), equal_nan=True)
