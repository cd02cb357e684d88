"""New tensors, element types, and what the namespace says about itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl
from tensorlayer import array_api as xp
from tests.tensorlayer.array_api.comparison import assert_same

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", [None, *DTYPES])
@pytest.mark.parametrize("shape", [(), 3, (2, 3), (0,), (2, 0)], ids=str)
def test_constant_tensors(shape: Any, dtype: str | None) -> None:
    kind = None if dtype is None else getattr(xp, dtype)
    assert_same(xp.zeros(shape, dtype=kind), np.zeros(shape, dtype or float))
    assert_same(xp.ones(shape, dtype=kind), np.ones(shape, dtype or float))
    assert_same(xp.full(shape, 1, dtype=kind), np.full(shape, 1, dtype))
    made = xp.empty(shape, dtype=kind)
    assert (made.shape, made.dtype) == (np.empty(shape).shape, np.dtype(dtype or float))


@pytest.mark.parametrize("value", [1, 1.5, 1j, True, np.float32(2), -3])
def test_full_has_the_type_of_its_value(value: Any) -> None:
    assert_same(xp.full((2,), value), np.full((2,), value))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(300, "int8"), (-1, "uint8"), (1j, "float64"), (float("nan"), "int64"), ("a", None), (None, None)],
)
def test_full_refuses_a_value_that_its_type_cannot_hold(value: Any, dtype: Any) -> None:
    with pytest.raises(tl.errors.DtypeError):
        xp.full((2,), value, dtype=dtype)


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask"])
@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "empty_like"])
def test_tensors_like_another(name: str, backend: str) -> None:
    x = tl.tensor(np.ones((2, 3), "float32"), backend=backend)
    made = getattr(xp, name)(x)
    assert made.backend == x.backend
    assert_same(made, getattr(np, name.replace("empty", "zeros"))(np.asarray(x)))
    assert_same(getattr(xp, name)(x, dtype=xp.int8), np.full((2, 3), "ones" in name, "int8"))
    assert_same(xp.full_like(x, 7.5), np.full((2, 3), 7.5, "float32"))


@pytest.mark.parametrize("shape", [(3,), (3, 3), (2, 4), (4, 2), (0, 0), (0, 2)], ids=str)
@pytest.mark.parametrize("k", [-4, -1, 0, 2])
def test_eye(shape: tuple[int, ...], k: int) -> None:
    assert_same(xp.eye(*shape, k=k), np.eye(*shape, k=k))
    assert_same(xp.eye(*shape, k=k, dtype=xp.int8), np.eye(*shape, k=k, dtype=np.int8))


@pytest.mark.parametrize("bounds", [(5,), (2, 7), (2, 9, 3), (5, 0, -2), (0.5, 3), (3, 1), (0,)], ids=str)
def test_arange(bounds: Any) -> None:
    assert_same(xp.arange(*bounds), np.arange(*bounds))
    assert_same(xp.arange(*bounds, dtype=xp.float32), np.arange(*bounds, dtype=np.float32))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 5])
def test_linspace(num: int, endpoint: bool) -> None:
    assert_same(xp.linspace(1, 3, num, endpoint=endpoint), np.linspace(1, 3, num, endpoint=endpoint))
    assert_same(xp.linspace(0, 1j, num, dtype=xp.complex64), np.linspace(0, 1j, num, dtype=np.complex64))


def test_new_tensors_are_held_by_the_default_backend() -> None:
    with tl.use("torch"):
        for made in (xp.zeros((2,)), xp.arange(3), xp.linspace(0, 1, 3), xp.eye(2, 3), xp.asarray([1.0]), xp.eye(2)):
            assert isinstance(made.unwrap(), torch.Tensor)


def test_devices() -> None:
    assert xp.zeros((2,), device="cpu").device == "cpu"
    assert xp.arange(2, device="cpu").device == "cpu"
    with pytest.raises(tl.errors.ConversionError, match="gpu"):
        xp.zeros((2,), device="gpu")
    with pytest.raises(tl.errors.ConversionError, match="gpu"):
        xp.arange(2, device="gpu")
    x = tl.tensor([1.0])
    assert x.to_device("cpu") is x
    with pytest.raises(tl.errors.ConversionError, match=r"'gpu'.*cpu"):
        x.to_device("gpu")
    with pytest.raises(tl.errors.ConversionError, match="stream"):
        x.to_device("cpu", stream=1)


@pytest.mark.parametrize("shape", [(-1,), (2.5,), (float("inf"),), ("a",), (2, None)], ids=str)
def test_extents_are_checked_at_once(shape: Any) -> None:
    for make in (xp.zeros, xp.ones, xp.empty, lambda s: xp.full(s, 1)):
        with pytest.raises(tl.errors.ShapeError, match="integers >= 0"):
            make(shape)


def test_asarray_shares_what_it_may() -> None:
    x = tl.tensor([1.0, 2.0])
    assert xp.asarray(x) is x
    assert xp.asarray(x, copy=False) is x
    other = xp.asarray(x, copy=True)
    x[0] = 9.0
    assert other.numpy().tolist() == [1.0, 2.0]
    assert xp.asarray(x, copy=False).numpy().tolist() == [9.0, 2.0]
    with pytest.raises(tl.errors.ConversionError, match="copy=False"):
        xp.asarray(x, dtype=xp.float32, copy=False)
    assert_same(xp.asarray(x, dtype=xp.float32), np.array([9, 2], "float32"))
    array = np.ones(3)
    assert np.shares_memory(np.asarray(xp.asarray(array)), array)
    assert not np.shares_memory(np.asarray(xp.asarray(array, copy=True)), array)
    assert_same(xp.asarray([[1, 2], [3, 4]], dtype=xp.complex64), np.array([[1, 2], [3, 4]], "complex64"))


def test_from_dlpack_shares_memory() -> None:
    theirs = torch.arange(3.0)
    x = xp.from_dlpack(theirs)
    assert (x.backend, x.unwrap().data_ptr()) == ("torch", theirs.data_ptr())
    array = np.arange(3.0)
    assert np.shares_memory(np.asarray(xp.from_dlpack(array)), array)
    assert not np.shares_memory(np.asarray(xp.from_dlpack(array, copy=True)), array)
    assert xp.from_dlpack(x) is x

    class Stranger:
        def __dlpack__(self, **options: Any) -> Any:
            return array.__dlpack__(**options)

        def __dlpack_device__(self) -> Any:
            return array.__dlpack_device__()

    assert np.shares_memory(np.asarray(xp.from_dlpack(Stranger())), array)
    with pytest.raises(tl.errors.ConversionError, match="list"):
        xp.from_dlpack([1.0])


@pytest.mark.parametrize("left", DTYPES)
def test_result_types_are_numpys(left: str) -> None:
    for right in DTYPES:
        expected = np.result_type(left, right)
        assert xp.result_type(getattr(xp, left), getattr(xp, right)) == expected
        assert xp.result_type(tl.tensor(np.ones(2, left)), getattr(xp, right)) == expected
        assert xp.result_type(tl.tensor(np.ones(2, left)), np.ones(2, right)) == expected
        assert xp.can_cast(getattr(xp, left), getattr(xp, right)) == np.can_cast(left, right)
        assert xp.can_cast(tl.tensor(np.ones(2, left)), getattr(xp, right)) == np.can_cast(left, right)
        if "bool" not in (left, right):
            assert (tl.tensor(np.ones(2, left)) - tl.tensor(np.ones(2, right))).dtype == expected


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_and_kinds(dtype: str) -> None:
    kind = getattr(xp, dtype)
    kinds = ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]
    for name in kinds:
        assert xp.isdtype(kind, name) == np.isdtype(np.dtype(dtype), name)
    assert xp.isdtype(kind, (kind, "bool"))
    if np.dtype(dtype).kind in "iu":
        for given in (kind, tl.tensor(np.ones(1, dtype))):
            limits = xp.iinfo(given)
            assert (limits.bits, limits.max, limits.min) == (
                np.iinfo(dtype).bits,
                np.iinfo(dtype).max,
                np.iinfo(dtype).min,
            )
            assert type(limits.max) is int
    elif np.dtype(dtype).kind in "fc":
        for given in (kind, tl.tensor(np.ones(1, dtype))):
            limits = xp.finfo(given)
            assert (limits.bits, limits.eps, limits.max) == (
                np.finfo(dtype).bits,
                np.finfo(dtype).eps,
                np.finfo(dtype).max,
            )
            assert (type(limits.eps), limits.dtype) == (float, np.finfo(dtype).dtype)


def test_what_the_namespace_says_about_itself() -> None:
    about = xp.__array_namespace_info__()
    assert about.default_device() in about.devices()
    assert about.default_dtypes()["real floating"] == xp.zeros(1).dtype
    assert about.default_dtypes()["integral"] == xp.arange(1).dtype
    assert set(about.dtypes()) == set(DTYPES)
    assert set(about.dtypes(kind="signed integer")) == {"int8", "int16", "int32", "int64"}
    assert set(about.dtypes(kind=("bool", "real floating"))) == {"bool", "float32", "float64"}
    assert set(about.capabilities()) == {"boolean indexing", "data-dependent shapes", "max dimensions"}
    with pytest.raises(tl.errors.ShapeError, match="index"):
        tl.tensor([1.0])[tl.tensor([True])]
