"""Standard indexing, assignment of parts, chips in targets, and what shares memory: as NumPy has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlayer as tl
from tensorlayer.errors import ConversionError, LabelError, ShapeError

Wrap = Callable[[Any], tl.Tensor]
array = np.arange(24.0).reshape(2, 3, 4)

INDICES: list[Any] = [
    0,
    -1,
    (),
    ...,
    None,
    (0, 1, 2),
    (-1, -1, -1),
    slice(None),
    slice(None, None, -1),
    (slice(None), slice(None, None, -2)),
    (..., 1),
    (1, ...),
    (0, ..., slice(3, 0, -1)),
    (None, 0, None, ..., None),
    (slice(5, 9), 0),
    (slice(-2, None), slice(1, 1)),
    (..., slice(None, None, 3)),
    (slice(0, 2), slice(2, 0, -1), slice(-1, -5, -2)),
    np.int64(1),
    (np.int8(0), slice(np.int64(1), None)),
]


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_parts(index: Any, wrap: Wrap) -> None:
    part = wrap(array)[index]
    assert part.shape == array[index].shape
    np.testing.assert_array_equal(part, array[index])


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_assigned_parts(index: Any, wrap: Wrap) -> None:
    """The part takes a number, or what can be stretched to it; the rest stays."""
    for value in (-1.0, np.full(array[index].shape, -2.0), tl.tensor(np.full(array[index].shape[-1:], -3.0))):
        A, expected = wrap(array), array.copy()
        A[index] = value
        expected[index] = np.asarray(value)
        np.testing.assert_array_equal(A, expected)


def indices(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    slices = st.builds(slice, *[st.none() | st.integers(-5, 5)] * 2, st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))
    entries = [st.integers(-n, n - 1) | slices if n else slices for n in shape]
    return st.integers(0, len(shape)).flatmap(lambda n: st.tuples(*entries[:n]))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), shape=st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple))
def test_parts_of_parts(data: st.DataObject, shape: tuple[int, ...]) -> None:
    whole = np.arange(float(np.prod(shape))).reshape(shape)
    first = data.draw(indices(shape))
    second = data.draw(indices(whole[first].shape))
    part = tl.tensor(whole)[first][second]
    np.testing.assert_array_equal(part, whole[first][second])
    changed, expected = tl.tensor(whole), whole.copy()
    changed[first] = -1.0
    expected[first] = -1.0
    np.testing.assert_array_equal(changed, expected)


BAD: list[tuple[Any, str]] = [
    (2, "index 2 is out of range for mode 0 of extent 2, shape (2, 3, 4)"),
    ((0, -4), "index -4 is out of range for mode 1 of extent 3"),
    ((0, 0, 0, 0), "has 4 entries for a tensor of rank 3"),
    ((..., 0, ...), "more than one ..."),
    (slice(None, None, 0), "slice step 0 in mode 0"),
    (1.0, "index 1.0 in mode 0: use integers, slices, ... or None"),
    ([0, 1], "index [0, 1] in mode 0"),
    (np.array([0, 1]), "index of int64 and shape (2,) in mode 0"),
    (True, "index True in mode 0"),
    ((None, 5), "index 5 is out of range for mode 0"),
]


@pytest.mark.parametrize(("index", "message"), BAD, ids=[repr(index) for index, _ in BAD])
def test_bad_indices(index: Any, message: str) -> None:
    A = tl.tensor(array)
    with pytest.raises(ShapeError) as raised:
        A[index]
    assert message in str(raised.value)
    with pytest.raises(ShapeError):
        A[index] = 0.0
    np.testing.assert_array_equal(A, array)


@pytest.mark.parametrize(
    "value",
    [np.zeros(5), np.zeros((2, 4)), [1.0, 2.0], "x", None, object()],
    ids=["vector", "matrix", "list", "text", "none", "object"],
)
def test_bad_values(value: Any) -> None:
    A = tl.tensor(array)
    with pytest.raises((ShapeError, ConversionError)):
        A[0, :, 1] = value
    np.testing.assert_array_equal(A, array)


# -- with labels -----------------------------------------------------------------------------------------------


def test_chips_and_slices_among_labels(wrap: Wrap) -> None:
    A, C = wrap(array), tl.Tensor()
    C["k,i"] = A["i", 1, "k"]
    np.testing.assert_array_equal(C, array[:, 1, :].T)
    C["j"] = A[:, ::-1]["i,j,k"] * A[0, :, 2:]["j,l"]
    np.testing.assert_array_equal(C, np.einsum("ijk,jl->j", array[:, ::-1], array[0, :, 2:]))
    C[""] = A[1, 2, 3][""] * A["i", -1, 0]
    assert float(C) == array[1, 2, 3] * array[:, -1, 0].sum()


def test_chips_in_targets(wrap: Wrap) -> None:
    A, expected = wrap(array), array.copy()
    A["k", 1, "i"] = A["k", 0, "i"] * 2.0
    expected[:, 1, :] = expected[:, 0, :] * 2.0
    A[0, 0, "k"] += A[1, 0, "k"]
    expected[0, 0, :] += expected[1, 0, :]
    A["i", "j", -1] = 7.0
    expected[:, :, -1] = 7.0
    np.testing.assert_array_equal(A, expected)


def test_targets_that_do_not_fit() -> None:
    A = tl.tensor(array)
    for key in (("i", 0), ("i", 9, "k"), ("i", slice(2), "k")):
        with pytest.raises((LabelError, ShapeError)):
            A[key] = A["i,j,k"]
    with pytest.raises(ShapeError, match=r"a value of shape \(3,\) does not fit the part of shape \(2,\) that is"):
        A["i", 0, 0] = A[0, "i", 0]
    np.testing.assert_array_equal(A, array)


def test_numbers_as_right_sides() -> None:
    C, D = tl.tensor(np.zeros((2, 2))), tl.Tensor()
    C["i,j"] = 3
    D[""] = 2.5
    np.testing.assert_array_equal(C, [[3, 3], [3, 3]])
    assert C.dtype == np.float64
    assert float(D) == 2.5


# -- memory ----------------------------------------------------------------------------------------------------


VIEWS: dict[str, Callable[[tl.Tensor], tl.Tensor]] = {
    "slice": lambda A: A[:, ::-1],
    "chip": lambda A: A[0],
    "new mode": lambda A: A[None],
    "transpose": lambda A: A["i,j,k"]["k,i,j"],
    "diagonal": lambda A: A[:, :2, 0]["i,i"]["i"],
    "reversed modes": lambda A: A.T,
}


@pytest.mark.parametrize("view", VIEWS)
def test_what_shares_memory_is_read_only(view: str) -> None:
    data = array.copy()
    seen = VIEWS[view](tl.tensor(data)).numpy()
    assert np.shares_memory(seen, data) <= (not seen.flags.writeable)
    if seen.flags.writeable:
        seen[...] = -1.0
    else:
        with pytest.raises(ValueError, match="read-only"):
            seen[...] = -1.0
    np.testing.assert_array_equal(data, array)


def test_the_wrapped_array_itself_is_not_copied() -> None:
    data = array.copy()
    assert np.shares_memory(tl.tensor(data).numpy(), data)
    assert not np.shares_memory(tl.tensor(data, copy=True).numpy(), data)
    data[0, 0, 0] = 99.0
    assert float(tl.tensor(data)[0, 0, 0]) == 99.0


def test_array_protocol_with_copy() -> None:
    data = array.copy()
    A = tl.tensor(data)
    assert np.shares_memory(np.asarray(A), data)
    assert np.shares_memory(np.asarray(A, copy=False), data)
    assert not np.shares_memory(np.array(A, copy=True), data)
    assert np.asarray(A, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy=False, but float64 must be copied to become float32"):
        np.asarray(A, dtype=np.float32, copy=False)
    for backend in ("dask", "reference"):
        with pytest.raises(ValueError, match="copy=False, but elements on"):
            np.asarray(tl.tensor(data, backend=backend), copy=False)


@pytest.mark.parametrize("part", ["whole", "slice", "backwards"])
def test_dlpack(part: str, wrap: Wrap) -> None:
    """Negative strides would abort the process in some importers: they are copied before."""
    A = wrap(array)
    tensor = {"whole": A, "slice": A[1:, :, ::2], "backwards": A[::-1, ::-1]}[part]
    if A.backend in ("dask", "reference"):
        with pytest.raises(ConversionError, match=r"use \.to\('numpy'\) first"):
            np.from_dlpack(tensor)
        return
    assert tensor.__dlpack_device__()[0] == 1
    import torch

    expected = {"whole": array, "slice": array[1:, :, ::2], "backwards": array[::-1, ::-1]}[part]
    np.testing.assert_array_equal(np.from_dlpack(tensor), expected)
    np.testing.assert_array_equal(torch.from_dlpack(tensor), expected)
    assert np.shares_memory(np.from_dlpack(A), A.unwrap())
