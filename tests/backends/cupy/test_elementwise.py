"""Kernels run by this machine, against plain NumPy: any strides, types, axes, special values, and any grid."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backends.cupy.loop import CompiledLoop
from backends.cupy.source import kernel_source, numbers
from backends.cupy.traversal import NARROW, BlockShape, plan_traversal
from tensorlayer.codegen import CPP, loop_of
from tensorlayer.graph import Einsum, Fused, Input, Map, Reduce
from tensorlayer.scalar import argument, call, constant
from tensorlayer.testing.cases.samples import special
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator
from tests.backends.random_loops import LOOPS, assert_same, inputs_of, loops, numpy_value

X, Y = argument(0), argument(1)
DTYPES = ("float64", "float32", "float16", "complex128", "int32", "uint8", "bool")


def never(*arrays):
    raise AssertionError("the plain functions were asked")


def aligned(array):
    """The same elements from an address that vectors may begin at."""
    room = np.empty(array.nbytes + 64, "uint8")
    start = -room.ctypes.data % 64
    result = room[start : start + array.nbytes].view(array.dtype)
    result[:] = array
    return result


def run(backend, node, *arrays):
    """What the generated kernel gives; where there is one, nothing else may compute it."""
    kernel = backend.kernel(node)
    if isinstance(kernel, CompiledLoop) and all(array.dtype.isnative and array.flags.aligned for array in arrays):
        kernel = CompiledLoop(loop_of(node, CPP), never, backend.processor, node.dtype)
    return kernel(*arrays)


@settings(LOOPS, max_examples=40)
@given(case=loops(DTYPES))
def test_map_is_what_numpy_gives(case, narrow: EmulatedBackend) -> None:
    arrays, axes, shape, body = case
    assume(body[0] not in ("x", "c"))  # which are views
    native = [array.astype(array.dtype.newbyteorder("=")) for array in arrays]
    node = Map.of(inputs_of(*native), axes, shape, body)
    with np.errstate(all="ignore"):
        assert_same(run(narrow, node, *arrays), numpy_value(body, native, axes, shape), [one.dtype for one in native])


@settings(LOOPS, max_examples=40)
@given(case=loops(DTYPES), data=st.data())
def test_fused_is_what_numpy_gives(case, data, narrow: EmulatedBackend) -> None:
    arrays, axes, shape, body = case
    native = [array.astype(array.dtype.newbyteorder("=")) for array in arrays]
    source = Map.of(inputs_of(*native), axes, shape, body)
    kinds = ["sum", "any", "all"] + ["max", "min"] * (source.dtype.kind != "c")
    reduced = [axis for axis in range(len(shape)) if data.draw(st.booleans())]
    node = Fused.of(source, data.draw(st.sampled_from(kinds)), reduced)
    with np.errstate(all="ignore"):
        expected = getattr(np, node.kind)(numpy_value(body, native, axes, shape), axis=node.reduced)
        assert_same(run(narrow, node, *arrays), np.asarray(expected), [one.dtype for one in native])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "complex64", "bool"])
@pytest.mark.parametrize("shape", [(64,), (63,), (12, 16), (5, 3, 8)])
def test_vectors(shape, dtype, emulator: Emulator) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 2, shape).astype(dtype) for _ in range(2))
    row = a[..., :1].reshape(shape[:-1])
    axes = [tuple(range(len(shape)))] * 2 + [tuple(range(len(shape) - 1))]
    body = call("add", call("multiply", X, Y), argument(2))
    result = run(EmulatedBackend(emulator), Map.of(inputs_of(a, b, row), axes, shape, body), a, b, row)
    np.testing.assert_array_equal(result, a * b + row[..., None])


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_vectors_are_read_only_where_they_are_aligned(offset, emulator: Emulator) -> None:
    a = aligned(np.arange(40, dtype="float32"))[offset : offset + 32]
    result = run(EmulatedBackend(emulator), Map.of(inputs_of(a), [(0,)], a.shape, call("negative", X)), a)
    np.testing.assert_array_equal(result, -a)
    assert [f"pack<float, {n}>" in emulator.latest for n in (2, 4)] == [offset == 2, offset == 0]


def test_one_operand_that_is_not_aligned_is_enough(emulator: Emulator) -> None:
    a, b = aligned(np.arange(33, dtype="float32"))[1:], aligned(np.arange(32, dtype="float32"))
    result = run(EmulatedBackend(emulator), Map.of(inputs_of(a, b), [(0,)] * 2, a.shape, call("add", X, Y)), a, b)
    np.testing.assert_array_equal(result, a + b)
    assert "pack<" not in emulator.latest


@pytest.mark.parametrize("shape", [(33, 70), (70, 33), (32, 32), (2, 40, 17), (17, 2, 40)])
@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_transposed_operands_pass_through_tiles(shape, dtype, emulator: Emulator) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape[::-1]).astype(dtype)
    order = tuple(range(len(shape)))
    node = Map.of(inputs_of(a, b), [order, order[::-1]], shape, call("subtract", X, Y))
    np.testing.assert_array_equal(run(EmulatedBackend(emulator), node, a, b), a - b.T)
    # An axis of extent two is not worth it.
    assert ("tile1[TILE][TILE + 1]" in emulator.latest) is (shape[0] > 2)


@pytest.mark.parametrize("name", ["maximum", "minimum", "floor_divide", "remainder", "copysign", "atan2", "hypot"])
def test_special_values_have_numpys_signs(name, emulator: Emulator) -> None:
    values = np.append(special("float64"), [5e-324, -5e-324])
    a, b = (grid.ravel() for grid in np.meshgrid(values, values))
    node = Map.of(inputs_of(a, b), [(0,), (0,)], a.shape, call(name, X, Y))
    with np.errstate(all="ignore"):
        result, expected = run(EmulatedBackend(emulator), node, a, b), getattr(np, name)(a, b)
    np.testing.assert_allclose(result, expected, rtol=1e-15)
    if name not in ("maximum", "minimum"):  # of two zeros either will do
        number = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(result[number]), np.signbit(expected[number]))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int64"])
def test_whole_numbers_wrap(dtype, emulator: Emulator) -> None:
    lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
    a = np.array([highest, lowest, 100, -1, 0], dtype)
    minus = np.full_like(a, -1)
    for body in (
        call("add", X, X),
        call("multiply", X, X),
        call("negative", X),
        call("abs", X),
        call("floor_divide", X, Y),
        call("add", X, constant(int(lowest))),
    ):
        node = Map.of(inputs_of(a, minus), [(0,), (0,)], a.shape, body)
        with np.errstate(all="ignore"):
            expected = numpy_value(body, [a, minus], [(0,), (0,)], a.shape)
        np.testing.assert_array_equal(run(EmulatedBackend(emulator), node, a, minus), expected)


def cast(backend, array, dtype):
    return run(backend, Map.of(inputs_of(array), [(0,)], array.shape, ("astype", X, dtype)), array)


def test_half_precision_is_rounded_once(emulator: Emulator) -> None:
    """Every half, its neighbours, and what lies next to the middle of two, from single and double precision."""
    backend = EmulatedBackend(emulator)
    halves = np.arange(1 << 16, dtype="uint16").view("float16")
    np.testing.assert_array_equal(cast(backend, halves, "float32"), halves.astype("float32"))
    finite = np.sort(halves[np.isfinite(halves)].astype("float64"))
    middles = (finite[1:] + finite[:-1]) / 2
    beside = [np.nextafter(middles, limit) for limit in (np.inf, -np.inf)]
    with np.errstate(all="ignore"):
        wide = np.concatenate([halves, middles, *beside, [1e9, 65519]])
        single = np.concatenate([wide, np.nextafter(middles.astype("float32"), np.float32(np.inf))]).astype("float32")
        for values in (wide, single):
            np.testing.assert_array_equal(cast(backend, values, "float16"), values.astype("float16"))


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_sums_do_not_depend_on_the_grid(axes, emulator: Emulator) -> None:
    values = np.random.default_rng(1).standard_normal((211, 317)).astype("float32")
    node = Fused.of(Map.of(inputs_of(values, values), [(0, 1)] * 2, values.shape, call("multiply", X, Y)), "sum", axes)
    results = []
    for blocks in (1, 2, 7, 1000):
        other = Emulator(emulator.folder, blocks=blocks)
        results.append(run(EmulatedBackend(other), node, values, values))
    assert len({np.asarray(result).tobytes() for result in results}) == 1
    np.testing.assert_allclose(results[0], (values.astype("float64") ** 2).sum(axes), rtol=1e-6)


def test_sums_are_as_accurate_as_pairwise_ones(emulator: Emulator) -> None:
    values = np.full(400_000, 0.1, "float32")
    total = run(EmulatedBackend(emulator), Reduce.of(inputs_of(values)[0], "sum", (0,)), values)
    assert float(total) == pytest.approx(400_000 * float(np.float32(0.1)), rel=1e-6)


def test_what_cancels_is_zero(emulator: Emulator) -> None:
    """No product is added without being rounded first: x y - y x is 0."""
    a = np.random.default_rng(3).standard_normal(64) * (1 + 1j)
    node = Map.of(inputs_of(a), [(0,)], a.shape, call("imag", call("multiply", X, call("conj", X))))
    np.testing.assert_array_equal(run(EmulatedBackend(emulator), node, a), 0)


@pytest.mark.parametrize("text", ["ij->i", "ij->j", "ij->", "ij,ij->ij", "ij,ji->ij", "ij,ij->j"])
@pytest.mark.parametrize("dtype", ["float64", "int8", "bool"])
def test_products_over_common_labels_are_loops(text, dtype, emulator: Emulator) -> None:
    terms, output = text.split("->")
    rng = np.random.default_rng(7)
    arrays = [rng.integers(0, 3, (5, 5)).astype(dtype) for _ in terms.split(",")]
    node = Einsum.of(inputs_of(*arrays), [tuple(map(ord, one)) for one in terms.split(",")], tuple(map(ord, output)))
    kernel = EmulatedBackend(emulator).kernel(node)
    assert isinstance(kernel, CompiledLoop)
    result = kernel(*arrays)
    assert result.dtype == node.dtype
    np.testing.assert_array_equal(result, np.einsum(text, *(array.astype(node.dtype) for array in arrays)))


def test_what_cublas_does_better_is_left_to_it(emulator: Emulator) -> None:
    a, b = inputs_of(np.ones((3, 3)), np.ones((3, 3)))
    for labels, output in ((((0, 1), (1, 2)), (0, 2)), (((0, 1), (0, 2)), (0, 1, 2))):
        assert not isinstance(EmulatedBackend(emulator).kernel(Einsum.of([a, b], labels, output)), CompiledLoop)


def test_what_cannot_be_compiled_is_computed_by_plain_functions_with_one_warning(tmp_path, monkeypatch) -> None:
    emulator = Emulator(tmp_path)

    def fail(*_):
        raise NotImplementedError("no such instruction")

    monkeypatch.setattr(emulator, "prepare", fail)
    a = np.arange(3.0)
    kernel = EmulatedBackend(emulator).kernel(Map.of(inputs_of(a), [(0,)], a.shape, call("exp", X)))
    with pytest.warns(RuntimeWarning, match="no such instruction"):
        first = kernel(a)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(kernel(a), first)
    np.testing.assert_allclose(first, np.exp(a))


# -- sizes beyond what this machine holds ---------------------------------------------------------------------


def long_loop(extent, dtype="int8"):
    return loop_of(Map.of([Input.of(0, (extent,), dtype)], [(0,)], (extent,), call("negative", X)), CPP)


def test_indices_take_64_bits_where_they_must() -> None:
    for extent, wide in ((NARROW // 2, False), (2**31 + 16, True), (2**40, True)):
        loop = long_loop(extent)
        plan = plan_traversal(loop, [(1,)], [16])
        assert plan.wide is wide
        assert ("typedef long long index_t" in kernel_source(loop, plan)) is wide
        assert numbers(loop, plan)[0] * plan.width == extent
    few = long_loop(1000)
    assert plan_traversal(few, [(2**22,)], [1]).wide  # the elements are few, and far apart
    assert plan_traversal(few, [(-(2**22),)], [1]).wide


def test_wide_indices_compute_the_same(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.setattr("backends.cupy.traversal.NARROW", 10)
    backend = EmulatedBackend(emulator)
    a = np.random.default_rng(5).standard_normal((40, 33))
    node = Map.of(inputs_of(a, a.T), [(0, 1), (1, 0)], a.shape, call("add", X, Y))
    np.testing.assert_array_equal(run(backend, node, a[::-1], a.T), a[::-1] + a)
    assert "long long index_t" in emulator.latest
    np.testing.assert_allclose(run(backend, Reduce.of(inputs_of(a)[0], "sum", (0,)), a), a.sum(0), rtol=1e-13)
    assert "long long index_t" in emulator.latest


def test_shapes_of_blocks_are_powers_of_two() -> None:
    shape = BlockShape()
    assert all(n & (n - 1) == 0 for n in shape)
    assert shape.threads % shape.tile == 0
