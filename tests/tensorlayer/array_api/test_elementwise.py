"""Every elementwise function against NumPy's: elements, element types, shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import tensorlayer as tl
from tensorlayer import array_api as xp
from tensorlayer.scalar import FUNCTIONS
from tests.tensorlayer.array_api.comparison import assert_same

UNARY = sorted(name for name, function in FUNCTIONS.items() if function.arity == 1)
BINARY = sorted(name for name, function in FUNCTIONS.items() if function.arity == 2)
TYPES = ["bool", "int8", "int64", "uint8", "float32", "float64", "complex64", "complex128"]
#: Where torch has no such function, or rounds otherwise: complex numbers have no order.
UNORDERED = {"maximum", "minimum", "less", "less_equal", "greater", "greater_equal", "clip"}


def numbers(dtype: str, seed: int, shape: tuple[int, ...] = (2, 3)) -> np.ndarray[Any, Any]:
    """Numbers from -1 to 1 (of integers from 1 to 5), none of them 0 or 1."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind in "iu":
        return rng.integers(1, 6, shape).astype(dtype)
    if kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    values = rng.uniform(0.1, 0.9, shape) * rng.choice([-1, 1], shape)
    return (values + 1j * rng.uniform(0.1, 0.9, shape) if kind == "c" else values).astype(dtype)


def numpys(name: str, *operands: Any) -> Any:
    """What NumPy gives, or None where it defines no such operation."""
    with np.errstate(all="ignore"):
        try:
            return getattr(np, name)(*operands)
        except TypeError:
            return None


def check(name: str, wrap: Callable[[Any], tl.Tensor], *operands: Any) -> None:
    expected = numpys(name, *operands)
    tensors = [wrap(x) if isinstance(x, np.ndarray) else x for x in operands]
    if expected is None:
        with pytest.raises(TypeError, match=name):
            getattr(xp, name)(*tensors)
        return
    result = getattr(xp, name)(*tensors)
    if expected.dtype in (np.float16, np.uint16, np.uint32, np.uint64) and tensors[0].backend == "torch":
        return
    if name in UNORDERED and "c" in {x.dtype.kind for x in operands} and tensors[0].backend == "torch":
        return
    assert not result.is_computed
    assert_same(result, expected)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", UNARY)
def test_of_one_operand(name: str, dtype: str, wrap: Any) -> None:
    check(name, wrap, numbers(dtype, 1))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", BINARY)
def test_of_two_operands(name: str, dtype: str, wrap: Any) -> None:
    check(name, wrap, numbers(dtype, 1), numbers(dtype, 2))


@pytest.mark.parametrize("name", ["add", "multiply", "divide", "maximum", "less", "logaddexp"])
def test_element_types_are_mixed_as_numpy_mixes_them(name: str, wrap: Any) -> None:
    for left in ("int8", "int64", "float32", "float64"):
        for right in ("bool", "int8", "int64", "float32", "float64"):
            if name != "logaddexp" or left != "int8" or right not in ("bool", "int8"):
                check(name, wrap, numbers(left, 1), numbers(right, 2))


@pytest.mark.parametrize("name", ["exp", "sqrt", "negative", "logical_not", "isfinite"])
def test_anywhere(name: str, wrap_anywhere: Any) -> None:
    x = np.abs(numbers("float64", 3))
    assert_same(getattr(xp, name)(wrap_anywhere(x)), numpys(name, x))


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
def test_shapes_broadcast(shapes: Any) -> None:
    x, y = (np.arange(float(np.prod(shape))).reshape(shape) for shape in shapes.input_shapes)
    assert_same(xp.add(tl.tensor(x), tl.tensor(y)), x + y)
    assert xp.broadcast_shapes(*shapes.input_shapes) == shapes.result_shape


@given(shapes=mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3, min_side=0))
def test_shapes_of_three_operands_broadcast(shapes: Any) -> None:
    x, y, z = (np.arange(float(np.prod(shape))).reshape(shape) for shape in shapes.input_shapes)
    assert_same(xp.where(tl.tensor(x > 1), tl.tensor(y), tl.tensor(z)), np.where(x > 1, y, z))


@pytest.mark.parametrize("scalar", [2, 2.5, True, 1 + 2j, np.float32(2.5), np.int8(3), np.float64(0.5)])
@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "float64", "complex64"])
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "equal"])
def test_numbers_promote_weakly_and_numpys_scalars_do_not(name: str, dtype: str, scalar: Any, wrap: Any) -> None:
    x = numbers(dtype, 4)
    for operands in ((x, scalar), (scalar, x)):
        expected = numpys(name, *operands)
        tensors = [wrap(o) if isinstance(o, np.ndarray) else o for o in operands]
        if expected.dtype != np.float16:
            assert_same(getattr(xp, name)(*tensors), expected)


@pytest.mark.parametrize(("minimum", "maximum"), [(None, None), (-0.3, None), (None, 0.3), (-0.3, 0.3), (0.3, -0.3)])
def test_clip_takes_either_bound(minimum: Any, maximum: Any, wrap: Any) -> None:
    x = numbers("float64", 5)
    assert_same(xp.clip(wrap(x), minimum, maximum), np.clip(x, minimum, maximum))
    assert_same(xp.clip(wrap(x), min=minimum, max=maximum), np.clip(x, minimum, maximum))


def test_where_of_tensors_and_numbers(wrap: Any) -> None:
    x = numbers("float32", 6)
    assert_same(xp.where(wrap(x > 0), wrap(x), 0), np.where(x > 0, x, np.float32(0)))
    assert_same(xp.where(wrap(x > 0), 1.0, 0.0), np.where(x > 0, 1.0, 0.0))


def test_special_values(wrap: Any) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.5, 2.5, 3.5])
    for name in ("sign", "round", "isnan", "isinf", "isfinite", "floor", "ceil", "trunc", "abs", "signbit", "exp"):
        assert_same(getattr(xp, name)(wrap(x)), numpys(name, x))
    y = np.array([1.0, np.nan, 2.0, 0.0, 3.0, np.inf, 0.0, -2.0, np.nan])
    for name in ("maximum", "minimum", "divide", "copysign", "equal", "atan2", "hypot", "remainder", "floor_divide"):
        assert_same(getattr(xp, name)(wrap(x), wrap(y)), numpys(name, x, y))


def test_a_wrong_number_of_operands_is_a_type_error() -> None:
    x = tl.tensor([1.0])
    with pytest.raises(TypeError, match=r"exp\(\)"):
        xp.exp()
    with pytest.raises(TypeError, match=r"exp\(\)"):
        xp.exp(x, x)
    with pytest.raises(TypeError, match=r"add\(\)"):
        xp.add(x)
    with pytest.raises(TypeError, match="positional-only"):
        xp.exp(x=x)


def test_errors_come_when_it_is_called() -> None:
    x, y = tl.tensor(np.ones((2, 3))), tl.tensor(np.ones((2, 4)))
    with pytest.raises(tl.errors.ShapeError, match=r"\(2, 3\).*\(2, 4\)"):
        xp.add(x, y)
    with pytest.raises(tl.errors.DtypeError, match="bitwise_and"):
        xp.bitwise_and(x, x)
    with pytest.raises(tl.errors.DtypeError, match="300"):
        xp.add(tl.tensor(np.ones(2, "uint8")), 300)
    with pytest.raises(tl.errors.ConversionError, match="tensor"):
        xp.add(x, "text")
    with pytest.raises(tl.errors.ConversionError, match="NoneType"):
        xp.add(x, None)


@pytest.mark.parametrize("count", [7, 400_000], ids=["small", "tiled"])
def test_a_complex_number_is_true_if_any_part_is_not_zero(count: int, wrap: Any) -> None:
    x = np.where(np.arange(count) % 3, 1j, 0) * (np.arange(count) % 2)
    assert_same(xp.astype(wrap(x) * 2j, xp.bool), (x * 2j).astype(bool))
    assert_same(xp.logical_not(wrap(x)), np.logical_not(x))
