"""Elements in and out: DLPack, ``np.asarray``, `to`, copies, and arrays that are laid out strangely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl

BACKENDS = ["numpy", "torch", "dask", "reference"]
X = np.arange(12.0).reshape(3, 4)


def misaligned() -> np.ndarray[Any, Any]:
    array = np.ndarray((3, 4), float, bytearray(1 + X.nbytes), offset=1)
    array[...] = X
    assert not array.flags.aligned
    return array


def read_only() -> np.ndarray[Any, Any]:
    array = X.copy()
    array.flags.writeable = False
    return array


#: Arrays that no two libraries agree on.
STRANGE: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
    "backwards": lambda: X[::-1, ::-1],
    "every other": lambda: X[::2, 1::2],
    "transposed": lambda: X.T,
    "stretched": lambda: np.broadcast_to(X[0], (3, 4)),
    "read-only": read_only,
    "big-endian": lambda: X.astype(">f8"),
    "big-endian integers": lambda: X.astype(">i4"),
    "misaligned": misaligned,
    "between fields": lambda: np.rec.fromarrays([X, X + 1], names="a,b").view(np.ndarray)["b"],
    "of no elements": lambda: X[:0],
    "of rank zero": lambda: np.array(3.0),
    "a NumPy scalar": lambda: np.float64(3.0),  # type: ignore[return-value]
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", STRANGE)
def test_strange_arrays_give_the_right_numbers(name: str, backend: str) -> None:
    array = STRANGE[name]()
    x = tl.tensor(array, backend=backend)
    assert x.shape == np.shape(array)
    np.testing.assert_array_equal(np.asarray(x), array)
    np.testing.assert_array_equal(np.asarray(x * 2 + 1), array * 2 + 1)
    np.testing.assert_array_equal(np.asarray(x.T), array.T)
    np.testing.assert_array_equal(np.asarray(tl.tensor(array).to(backend) - 1), array - 1)
    assert (x * 2).dtype.isnative


@pytest.mark.parametrize("name", STRANGE)
def test_strange_arrays_through_dlpack(name: str) -> None:
    array = STRANGE[name]()
    np.testing.assert_array_equal(torch.from_dlpack(tl.tensor(array)).numpy(), array)
    np.testing.assert_array_equal(np.from_dlpack(tl.tensor(array)), array)


def test_memory_maps(tmp_path: Any) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    x = tl.tensor(mapped)
    assert x.backend == "numpy"
    assert np.shares_memory(np.asarray(x), mapped)
    np.testing.assert_array_equal(np.asarray(x["i,j"]["j,i"]), X.T)


# -- shared memory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", BACKENDS)
@pytest.mark.parametrize("source", BACKENDS)
def test_conversions_share_memory_on_the_host(source: str, target: str) -> None:
    array = X.copy()
    x = tl.tensor(array, backend=source).to(target)
    assert (x.backend, x.device, x.is_computed) == (target, "cpu", False)
    np.testing.assert_array_equal(np.asarray(x), X)
    assert np.shares_memory(np.asarray(x), array)
    np.testing.assert_array_equal(np.asarray(x + 1), X + 1)


def test_conversions_take_options() -> None:
    x = tl.tensor(X).to("dask", chunks=(2, 2))
    assert x.unwrap().chunks == ((2, 1), (2, 2))
    with pytest.raises(tl.errors.OptionError, match="'numpy' takes no option chunks"):
        x.to("numpy", chunks=2)
    with pytest.raises(tl.errors.BackendNotFoundError, match="nowhere"):
        x.to("nowhere").compute()


def test_torch_shares_with_numpy_through_dlpack() -> None:
    array, theirs = X.copy(), torch.arange(3.0)
    torch.from_dlpack(tl.tensor(array))[0, 0] = 9.0
    assert array[0, 0] == 9.0
    np.from_dlpack(tl.tensor(theirs))
    assert torch.from_dlpack(tl.tensor(theirs)).data_ptr() == theirs.data_ptr()
    assert np.from_dlpack(tl.tensor(theirs)).ctypes.data == theirs.data_ptr()
    assert tl.tensor(X).__dlpack_device__() == X.__dlpack_device__()


def test_dlpack_computes_what_is_recorded() -> None:
    np.testing.assert_array_equal(torch.from_dlpack((tl.tensor(X) * 2).T), 2 * X.T)
    np.testing.assert_array_equal(torch.from_dlpack((tl.tensor(X)["i,j"] * 2)["j,i"]), 2 * X.T)


def test_views_are_read_only_through_dlpack_too() -> None:
    array = X.copy()
    view = tl.tensor(array)[1:]
    taken = np.from_dlpack(view)
    assert np.shares_memory(taken, array)
    assert not taken.flags.writeable
    copied = np.from_dlpack(view, copy=True)
    assert not np.shares_memory(copied, array)


def test_a_copy_that_is_forbidden_and_needed_is_refused_through_dlpack() -> None:
    for array in (X[::-1], X.astype(">f8")):
        with pytest.raises(BufferError, match="copy=False"):
            np.from_dlpack(tl.tensor(array), copy=False)
    assert np.shares_memory(np.from_dlpack(tl.tensor(X), copy=False), X)


def test_tensors_that_need_gradients() -> None:
    theirs = torch.ones(3, requires_grad=True)
    x = tl.tensor(theirs)
    assert x.unwrap() is theirs
    np.testing.assert_array_equal(np.asarray(x), np.ones(3))
    with pytest.raises(BufferError, match="require gradient"):
        torch.from_dlpack(x)
    (x * 2).unwrap().sum().backward()
    np.testing.assert_array_equal(theirs.grad, np.full(3, 2.0))


def test_backends_that_do_not_speak_dlpack_say_so() -> None:
    with pytest.raises(tl.errors.ConversionError, match=r"'reference'.*\.to\('numpy'\)"):
        np.from_dlpack(tl.tensor(X, backend="reference"))


# -- np.asarray --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_arrays_share_memory_unless_a_copy_is_asked_for(backend: str) -> None:
    array = X.copy()
    x = tl.tensor(array, backend=backend)
    assert np.shares_memory(np.asarray(x), array)
    assert np.shares_memory(np.asarray(x, copy=False), array)
    assert not np.shares_memory(np.array(x), array)
    assert not np.shares_memory(np.asarray(x, copy=True), array)
    assert np.asarray(x, dtype="float32").dtype == np.float32
    with pytest.raises(ValueError, match=r"copy=False.*float32"):
        np.asarray(x, dtype="float32", copy=False)


def test_copies_that_are_needed_are_refused_with_copy_false() -> None:
    with pytest.raises(ValueError, match=r"copy=False.*dask"):
        np.asarray(tl.tensor(X, backend="dask", chunks=2), copy=False)


def test_a_copy_of_a_view_may_be_written_to() -> None:
    view = tl.tensor(X.copy()).T
    assert not np.asarray(view).flags.writeable
    np.array(view)[0, 0] = 5.0
    np.testing.assert_array_equal(np.asarray(view), X.T)


# -- tl.tensor(copy=) --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_copies_on_construction(backend: str) -> None:
    array = X.copy()
    held = tl.tensor(array, backend=backend).unwrap()
    assert not np.shares_memory(np.asarray(tl.tensor(held, copy=True)), array)
    assert tl.tensor(held, copy=True).backend == backend
    assert np.shares_memory(np.asarray(tl.tensor(held, copy=False)), array)
    assert tl.tensor(held).unwrap() is held


def test_copies_that_are_needed_on_construction_are_refused() -> None:
    for data, options in (([1.0], {}), (X, {"dtype": "float32"}), (X[::-1], {"backend": "torch"})):
        with pytest.raises(tl.errors.ConversionError, match="copy"):
            tl.tensor(data, copy=False, **options)


def test_later_changes_show_through_unless_it_was_copied() -> None:
    array = X.copy()
    shared, copied = tl.tensor(array), tl.tensor(array, copy=True)
    array[0, 0] = 7.0
    assert float(shared[0, 0]) == 7.0
    assert float(copied[0, 0]) == 0.0


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask", "reference"])
def test_another_element_type_is_made_where_the_elements_are(backend: str) -> None:
    held = tl.tensor(X, backend=backend).unwrap()
    x = tl.tensor(held, dtype="float32")
    assert (x.backend, x.dtype, x.is_computed) == (backend, np.float32, True)
    np.testing.assert_array_equal(np.asarray(x), X.astype("float32"))


def test_another_element_type_keeps_gradients() -> None:
    theirs = torch.ones(3, requires_grad=True)
    tl.tensor(theirs, dtype="float64").unwrap().sum().backward()
    np.testing.assert_array_equal(theirs.grad, np.ones(3))
