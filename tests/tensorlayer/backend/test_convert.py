"""Elements between any two backends: equal, shared where that is safe, copied where it is not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tensorlayer.backend import convert_kernel, get_backend
from tensorlayer.errors import ConversionError, DtypeError

NAMES = ("reference", "numpy", "torch", "dask")
PAIRS = list(itertools.product(NAMES, NAMES))
DTYPES = ("bool", "int8", "uint8", "int64", "float32", "float64", "complex64", "complex128")


def converted(array: np.ndarray, source: str, target: str) -> np.ndarray:
    held = get_backend(source).from_numpy(array)
    return get_backend(target).to_numpy(convert_kernel((source, "cpu"), (target, "cpu"))(held))


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_element_arrives(source: str, target: str, dtype: str) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype)
    np.testing.assert_array_equal(converted(array, source, target), array, strict=True)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3)])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_scalars_and_empty_tensors_arrive(source: str, target: str, shape: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(converted(np.ones(shape), source, target), np.ones(shape), strict=True)


@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=5)), st.data())
def test_any_view_arrives(array: np.ndarray, data: st.DataObject) -> None:
    axes = data.draw(st.permutations(range(array.ndim)))
    steps = data.draw(st.tuples(*[st.sampled_from([1, 2, -1, -2])] * array.ndim))
    view = array.transpose(axes)[tuple(slice(None, None, step) for step in steps)]
    for source, target in itertools.permutations(("reference", "numpy", "torch"), 2):
        np.testing.assert_array_equal(converted(view, source, target), view, strict=True)


# -- sharing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if "dask" not in pair])
def test_memory_is_shared(source: str, target: str) -> None:
    array = np.arange(12.0).reshape(3, 4)
    there = converted(array, source, target)
    assert np.shares_memory(there, array)
    array[1, 2] = -1
    assert there[1, 2] == -1


@pytest.mark.parametrize(("source", "target"), [("numpy", "torch"), ("torch", "numpy"), ("numpy", "numpy")])
def test_a_copy_that_is_asked_for_is_one(source: str, target: str) -> None:
    array = np.arange(3.0)
    giver, taker = get_backend(source), get_backend(target)
    there = taker.adopt(giver.from_numpy(array), giver, copy=True)
    assert not np.shares_memory(taker.to_numpy(there), array)


def test_an_array_of_the_same_backend_is_itself() -> None:
    array = np.zeros(3)
    assert get_backend("numpy").adopt(array, get_backend("numpy"), copy=False) is array


# -- traps -----------------------------------------------------------------------------------------------------

TRAPS = {
    "negative strides": np.arange(6.0)[::-1],
    "another byte order": np.arange(6.0).astype(np.dtype(">f8")),
    "read-only": np.broadcast_to(np.arange(6.0), (2, 6)),
    "unaligned": np.frombuffer(bytearray(b"x" + np.arange(6.0).tobytes()), np.float64, offset=1),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_torch_cannot_share_is_copied(trap: str) -> None:
    array = TRAPS[trap]
    there = converted(array, "numpy", "torch")
    np.testing.assert_array_equal(there, array)
    assert not np.shares_memory(there, array)


@pytest.mark.parametrize("trap", TRAPS)
def test_and_refused_where_a_copy_is_forbidden(trap: str) -> None:
    with pytest.raises(ConversionError, match=r"cannot share the memory.*allow a copy with copy=None"):
        get_backend("torch").adopt(TRAPS[trap], get_backend("numpy"), copy=False)


def test_a_read_only_array_never_becomes_writable() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    there = convert_kernel(("numpy", "cpu"), ("torch", "cpu"))(array)
    there[0] = 7.0
    assert array[0] == 0.0


def test_gradients_end_where_elements_leave_torch() -> None:
    import torch

    tensor = torch.arange(3.0, dtype=torch.float64, requires_grad=True)
    there = convert_kernel(("torch", "cpu"), ("numpy", "cpu"))(tensor)
    np.testing.assert_array_equal(there, [0.0, 1.0, 2.0])
    assert tensor.requires_grad


def test_conjugated_views_arrive_conjugated() -> None:
    import torch

    tensor = torch.tensor([1 + 2j]).conj()
    assert convert_kernel(("torch", "cpu"), ("numpy", "cpu"))(tensor)[0] == 1 - 2j


def test_what_has_no_counterpart_is_refused() -> None:
    import torch

    with pytest.raises(DtypeError, match="bfloat16 has no NumPy counterpart"):
        convert_kernel(("torch", "cpu"), ("numpy", "cpu"))(torch.zeros(2, dtype=torch.bfloat16))
    with pytest.raises(ConversionError, match=r"torch.sparse_coo"):
        convert_kernel(("torch", "cpu"), ("numpy", "cpu"))(torch.zeros(2).to_sparse())
    with pytest.raises(DtypeError, match="'torch' has no element type"):
        convert_kernel(("numpy", "cpu"), ("torch", "cpu"))(np.zeros(2, np.longdouble))


def test_an_error_of_a_library_says_what_was_moved_where() -> None:
    giver = get_backend("numpy")

    class Odd(type(giver)):  # type: ignore[misc]
        def from_numpy(self, *_: object, **__: object) -> None:
            raise BufferError("exports nothing")

    with pytest.raises(
        ConversionError, match=r"cannot move \[2\] elements from 'numpy' on cpu to 'numpy' on cpu.*exports"
    ):
        Odd().adopt(np.zeros(2), giver)


@pytest.mark.gpu
def test_elements_on_a_gpu_come_and_go() -> None:
    array = np.arange(12.0).reshape(3, 4)
    there = convert_kernel(("numpy", "cpu"), ("torch", "cuda:0"))(array)
    assert get_backend("torch").device_of(there) == "cuda:0"
    np.testing.assert_array_equal(convert_kernel(("torch", "cuda:0"), ("numpy", "cpu"))(there), array)
