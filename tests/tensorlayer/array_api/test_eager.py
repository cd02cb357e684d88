"""What is computed at once - sorting, searching, sets, indices, running sums, Fourier - against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat.numpy as standard
import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer import array_api as xp
from tests.tensorlayer.array_api.comparison import assert_same

X = np.random.default_rng(3).integers(-4, 5, (3, 4)).astype(float)

#: name -> the function of any standard namespace and arrays made by `a`.
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "argmax": lambda p, a: p.argmax(a(X)),
    "argmax along": lambda p, a: p.argmax(a(X), axis=-1, keepdims=True),
    "argmin": lambda p, a: p.argmin(a(X), axis=0),
    "argmin kept": lambda p, a: p.argmin(a(X[0]), keepdims=True),
    "argsort": lambda p, a: p.argsort(a(X)),
    "argsort down": lambda p, a: p.argsort(a(X), axis=0, descending=True),
    "sort": lambda p, a: p.sort(a(X)),
    "sort down": lambda p, a: p.sort(a(X), axis=0, descending=True),
    "nonzero": lambda p, a: p.nonzero(a(X)),
    "searchsorted": lambda p, a: p.searchsorted(a(np.array([0.0, 1, 1, 3])), a(X)),
    "searchsorted right": lambda p, a: p.searchsorted(a(np.array([0.0, 1, 1, 3])), a(X), side="right"),
    "take": lambda p, a: p.take(a(X), a(np.array([2, 0, 2])), axis=0),
    "take of a vector": lambda p, a: p.take(a(X[0]), a(np.array([3, 0]))),
    "take nothing": lambda p, a: p.take(a(X), a(np.zeros(0, int)), axis=-1),
    "take_along_axis": lambda p, a: p.take_along_axis(a(X), a(np.argsort(X, axis=0)), axis=0),
    "take_along_axis last": lambda p, a: p.take_along_axis(a(X), a(np.argsort(X))),
    "cumulative_sum": lambda p, a: p.cumulative_sum(a(X), axis=1),
    "cumulative_sum of a vector": lambda p, a: p.cumulative_sum(a(X[0])),
    "cumulative_sum from zero": lambda p, a: p.cumulative_sum(a(X), axis=0, include_initial=True),
    "cumulative_sum of a type": lambda p, a: p.cumulative_sum(a(X), axis=-1, dtype=p.float32),
    "cumulative_prod": lambda p, a: p.cumulative_prod(a(X), axis=-1, include_initial=True),
    "tril": lambda p, a: p.tril(a(X)),
    "tril below": lambda p, a: p.tril(a(X), k=-1),
    "triu": lambda p, a: p.triu(a(X[None]), k=1),
    "unique_values": lambda p, a: p.sort(p.unique_values(a(X))),
    "unique_counts": lambda p, a: tuple(p.unique_counts(a(X))),
    "unique_inverse": lambda p, a: tuple(p.unique_inverse(a(X))),
    "repeat each": lambda p, a: p.repeat(a(X), a(np.array([0, 2, 1])), axis=0),
    "isin": lambda p, a: p.isin(a(X), a(np.array([1.0, 3.0]))),
    "isin not": lambda p, a: p.isin(a(X), a(np.array([1.0, 3.0])), invert=True),
    "fft": lambda p, a: p.fft.fft(a(X + 0j)),
    "fft padded": lambda p, a: p.fft.fft(a(X + 0j), n=6, axis=0, norm="ortho"),
    "ifft": lambda p, a: p.fft.ifft(a(X + 1j), norm="forward"),
    "fftn": lambda p, a: p.fft.fftn(a(X + 1j)),
    "fftn of two": lambda p, a: p.fft.fftn(a((X + 1j)[None]), s=(2, 5), axes=(1, 2)),
    "ifftn": lambda p, a: p.fft.ifftn(a(X + 1j), axes=(0,)),
    "rfft": lambda p, a: p.fft.rfft(a(X)),
    "irfft": lambda p, a: p.fft.irfft(a(X + 1j), n=7),
    "rfftn": lambda p, a: p.fft.rfftn(a(X)),
    "irfftn": lambda p, a: p.fft.irfftn(a(X + 1j), s=(3, 7), axes=(0, 1)),
    "hfft": lambda p, a: p.fft.hfft(a(X + 1j)),
    "ihfft": lambda p, a: p.fft.ihfft(a(X)),
    "fftshift": lambda p, a: p.fft.fftshift(a(X)),
    "fftshift one": lambda p, a: p.fft.fftshift(a(X), axes=0),
    "ifftshift": lambda p, a: p.fft.ifftshift(a(X), axes=(0, -1)),
    "fftfreq": lambda p, a: p.fft.fftfreq(5, d=0.5),
    "rfftfreq": lambda p, a: p.fft.rfftfreq(6),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_numpy_does(name: str, wrap: Any) -> None:
    assert_same(CALLS[name](xp, wrap), CALLS[name](standard, np.asarray))


def test_unique_all() -> None:
    found = xp.unique_all(tl.tensor(X))
    assert_same(tuple(found), tuple(standard.unique_all(X)))
    assert found._fields == ("values", "indices", "inverse_indices", "counts")
    with pytest.raises(tl.errors.UnsupportedOperationError, match=r"unique_all.*pytorch"):
        xp.unique_all(tl.tensor(X, backend="torch"))


def test_searching_in_an_order_that_is_given(wrap: Any) -> None:
    x = X[0]
    order = np.argsort(x)
    assert_same(xp.searchsorted(wrap(x), wrap(X), sorter=wrap(order)), np.searchsorted(x, X, sorter=order))


def test_recorded_operands_are_computed_first(wrap: Any) -> None:
    assert_same(xp.sort(wrap(X) * -1), np.sort(-X))
    assert_same(xp.sort(wrap(X)) + 1, np.sort(X) + 1)


def test_operands_go_to_the_backend_of_the_first() -> None:
    x, places = tl.tensor(X, backend="torch"), tl.tensor(np.array([1, 0]))
    assert xp.take(x, places, axis=0).backend == "torch"


REFUSED: dict[str, tuple[type[Exception], Callable[[tl.Tensor], Any]]] = {
    "argmax axis": (ValueError, lambda x: xp.argmax(x, axis=2)),
    "argmax of nothing": (ValueError, lambda x: xp.argmax(x[:0])),
    "argmin of nothing": (ValueError, lambda x: xp.argmin(x[:0], axis=0)),
    "sort axis": (ValueError, lambda x: xp.sort(x, axis=-3)),
    "sort complex": (TypeError, lambda x: xp.sort(x * 1j)),
    "argsort complex": (TypeError, lambda x: xp.argsort(x * 1j)),
    "nonzero of a scalar": (ValueError, lambda x: xp.nonzero(x[0, 0])),
    "searchsorted in a matrix": (ValueError, lambda x: xp.searchsorted(x, x)),
    "take without axis": (ValueError, lambda x: xp.take(x, tl.tensor([0]))),
    "take by numbers": (TypeError, lambda x: xp.take(x, tl.tensor([0.0]), axis=0)),
    "take outside": (RuntimeError, lambda x: xp.take(x, tl.tensor([9]), axis=0)),
    "take axis": (ValueError, lambda x: xp.take(x, tl.tensor([0]), axis=2)),
    "take_along_axis rank": (ValueError, lambda x: xp.take_along_axis(x, tl.tensor([0]))),
    "cumulative_sum without axis": (ValueError, xp.cumulative_sum),
    "cumulative_prod axis": (ValueError, lambda x: xp.cumulative_prod(x, axis=2)),
    "tril of a vector": (ValueError, lambda x: xp.tril(x[0])),
    "repeat": (ValueError, lambda x: xp.repeat(x, tl.tensor([1, 2]), axis=0)),
    "fft of reals": (TypeError, xp.fft.fft),
    "rfft of complex": (TypeError, lambda x: xp.fft.rfft(x * 1j)),
    "fft norm": (ValueError, lambda x: xp.fft.fft(x * 1j, norm="none")),
    "fft axis": (ValueError, lambda x: xp.fft.fft(x * 1j, axis=2)),
    "fftshift axis": (ValueError, lambda x: xp.fft.fftshift(x, axes=2)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    error, call = REFUSED[name]
    with pytest.raises(tl.errors.TensorlayerError) as caught:
        call(tl.tensor(X))
    assert isinstance(caught.value, error)


def test_backends_without_them_say_so() -> None:
    with pytest.raises(tl.errors.UnsupportedOperationError, match=r"'reference'.*'sort'.*\.to\('numpy'\)"):
        xp.sort(tl.tensor(X, backend="reference"))
    with pytest.raises(tl.errors.UnsupportedOperationError, match=r"\.to\('numpy'\)"):
        xp.unique_values(tl.tensor(X, backend="dask"))
    assert_same(xp.argmax(tl.tensor(X, backend="dask"), axis=0), np.argmax(X, axis=0))
