"""Whether factors are a decomposition: by their properties, because signs, phases and orders are free."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlayer.testing.case import Array
from tensorlayer.testing.comparison import assert_same_elements

__all__ = ["assert_decomposes"]

#: Error allowed, in units in the last place of the largest element: eigenvalues are sensitive.
ULPS = 2**12


def assert_decomposes(
    name: str, results: Sequence[Array], operands: Sequence[Array], expected: Sequence[Array]
) -> None:
    """Assert that `results` are the decomposition `name` of `operands`.

    Parameters
    ----------
    name : str
        One of `tensorlayer.graph.LINALG`.
    results, expected : sequence of numpy.ndarray
        What is tested, and what the reference backend gives. They must agree in shape and element type; in
        their elements only where the decomposition is unique.
    operands : sequence of numpy.ndarray
        The matrices.
    """
    for result, right in zip(results, expected, strict=True):
        assert (result.shape, result.dtype) == (right.shape, right.dtype)
    check = _CHECKS.get(name)
    if check is None:
        assert_same_elements(results[0], expected[0], ULPS)
    else:
        check(operands[0].astype(results[-1].dtype), results, expected)


def _adjoint(a: Array) -> Array:
    return a.conj().swapaxes(-1, -2)


def _assert_isometry(q: Array) -> None:
    identity = np.broadcast_to(np.eye(q.shape[-1], dtype=q.dtype), (*q.shape[:-2], q.shape[-1], q.shape[-1]))
    assert_same_elements(_adjoint(q) @ q, identity, ULPS)


def _qr(a: Array, results: Sequence[Array], expected: Sequence[Array]) -> None:
    del expected
    q, r = results
    _assert_isometry(q)
    assert_same_elements(np.triu(r), r)
    assert_same_elements(q @ r, a, ULPS)


def _eigh(a: Array, results: Sequence[Array], expected: Sequence[Array]) -> None:
    values, vectors = results
    assert_same_elements(values, expected[0], ULPS)
    _assert_isometry(vectors)
    assert_same_elements(a @ vectors, vectors * values[..., None, :], ULPS)


def _eig(a: Array, results: Sequence[Array], expected: Sequence[Array]) -> None:
    values, vectors = results
    assert_same_elements(a @ vectors, vectors * values[..., None, :], ULPS)
    within = ULPS * np.finfo(values.dtype).eps * np.max(np.abs(values), initial=1)
    distance = np.abs(values[..., :, None] - expected[0][..., None, :])
    assert (distance.min(axis=-1) <= within).all()
    assert (distance.min(axis=-2) <= within).all()


def _svd(a: Array, results: Sequence[Array], expected: Sequence[Array]) -> None:
    u, s, vh = results
    assert_same_elements(s, expected[1], ULPS)
    _assert_isometry(u)
    _assert_isometry(_adjoint(vh))
    assert_same_elements((u * s[..., None, :]) @ vh, a, ULPS)


_CHECKS: dict[str, Callable[[Array, Sequence[Array], Sequence[Array]], None]] = {
    "eig": _eig,
    "eigh": _eigh,
    "qr": _qr,
    "svd": _svd,
}
