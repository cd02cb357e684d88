"""Every operation on dask arrays, against plain NumPy, over several ways of cutting the operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dask
import numpy as np
import pytest

from tensorlayer.backend import get_backend
from tensorlayer.errors import BackendError, GeneratorError, ShapeError
from tensorlayer.graph import (
    Concatenate,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.scalar import argument, call

DASK = get_backend("dask")
RNG = np.random.default_rng(7)
X, Y = argument(0), argument(1)


def execute(build: Callable[..., Node], arrays: Sequence[np.ndarray[Any, Any]], chunks: Sequence[Any]) -> Any:
    """What dask makes of ``build(*inputs)``; checks that shape and dtype are the node's."""
    inputs = [Input.of(i, a.shape, a.dtype, ("dask", "cpu")) for i, a in enumerate(arrays)]
    sink = build(*inputs)
    plan = make_plan(OpGraph([sink]), inputs, Options(backend="dask"))
    native = [DASK.from_numpy(a, chunks=c) for a, c in zip(arrays, chunks, strict=True)]
    (result,) = plan.run(*native)
    assert (result.shape, result.dtype) == (sink.shape, sink.dtype)
    found = DASK.to_numpy(result)
    assert (found.shape, found.dtype) == (sink.shape, sink.dtype)
    return found


def numbers(shape: Sequence[int], dtype: Any = float) -> np.ndarray[Any, Any]:
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return (RNG.normal(size=shape) + 1j * RNG.normal(size=shape)).astype(dtype)
    if dtype.kind in "iub":
        return RNG.integers(0, 5, shape).astype(dtype)
    return RNG.normal(size=shape).astype(dtype)


PRODUCTS = [
    "ij,jk->ik", "ij,jk->ki", "ij,kj->ik", "ij,jk->", "ij,ij->ij", "ij,ij->", "ij,ij->i", "i,j->ij", "i,j->ji",
    "bij,bjk->bik", "ijk,kjl->il", "ij,j->i", "ii->i", "ii->", "ij->ji", "ij->j", "ij->", "iij,jk->ik", "ij,->ij",
    ",->", "ijkl,klmn->ijmn", "ii,jj->ij", "ij,kl->ijkl",
]  # fmt: skip
EXTENTS = {"i": 5, "j": 6, "k": 4, "l": 3, "m": 2, "n": 3, "b": 4}


@pytest.mark.parametrize("cut", [1, 2, 3, -1])
@pytest.mark.parametrize("formula", PRODUCTS)
def test_products(formula: str, cut: int) -> None:
    operands, output = formula.split("->")
    labels = operands.split(",")
    arrays = [numbers([EXTENTS[x] for x in one]) for one in labels]

    def build(*inputs: Node) -> Node:
        return Einsum.of(inputs, [[ord(x) for x in one] for one in labels], [ord(x) for x in output])

    found = execute(build, arrays, [cut] * len(arrays))
    np.testing.assert_allclose(found, np.einsum(formula, *arrays), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "float32", "complex64", "complex128"])
def test_products_of_every_type(dtype: str) -> None:
    a, b = numbers((5, 6), dtype), numbers((6, 4), dtype)
    found = execute(lambda x, y: Einsum.of([x, y], [[0, 1], [1, 2]], [0, 2]), [a, b], [(2, 3), (4, 2)])
    wide = np.result_type(a.dtype, np.int8 if a.dtype.kind == "b" else a.dtype)
    oracle = a.astype(complex if wide.kind == "c" else float) @ b.astype(complex if wide.kind == "c" else float)
    np.testing.assert_allclose(found, oracle, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("i", "j", "k"), [(0, 3, 2), (3, 0, 2), (3, 2, 0), (0, 0, 0)])
def test_products_with_zero_extents(i: int, j: int, k: int) -> None:
    a, b = numbers((i, j)), numbers((j, k))
    found = execute(lambda x, y: Einsum.of([x, y], [[0, 1], [1, 2]], [0, 2]), [a, b], [2, 2])
    np.testing.assert_array_equal(found, a @ b)


def test_operands_cut_differently_agree() -> None:
    a, b = numbers((10, 12)), numbers((12, 9))
    found = execute(
        lambda x, y: Einsum.of([x, y], [[0, 1], [1, 2]], [0, 2]), [a, b], [((3, 7), (5, 0, 7)), ((1, 11), (4, 4, 1))]
    )
    np.testing.assert_allclose(found, a @ b, rtol=1e-12)


def test_many_partial_results_are_folded() -> None:
    a, b = numbers((101,)), numbers((101,))
    found = execute(lambda x, y: Einsum.of([x, y], [[0], [0]], []), [a, b], [3, 3])
    np.testing.assert_allclose(found, a @ b, rtol=1e-12)


@pytest.mark.parametrize("cut", [1, 2, -1])
def test_maps_place_and_repeat_modes(cut: int) -> None:
    a, b = numbers((4, 3)), numbers((5,))
    body = call("add", call("exp", X), call("multiply", Y, Y))
    found = execute(lambda x, y: Map.of([x, y], [(2, 0), (1,)], (3, 5, 4), body), [a, b], [cut, cut])
    np.testing.assert_allclose(found, np.exp(a).T[:, None, :] + b[None, :, None] ** 2, rtol=1e-13)


def test_a_map_repeats_a_mode_that_no_operand_has() -> None:
    a = numbers((4,))
    found = execute(lambda x: Map.of([x], [(1,)], (3, 4), call("negative", X)), [a], [2])
    np.testing.assert_array_equal(found, np.broadcast_to(-a, (3, 4)))


FOLDS = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "any": np.any, "all": np.all}


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 2), (0, 1, 2), ()])
@pytest.mark.parametrize("kind", FOLDS)
def test_reductions(kind: str, axes: tuple[int, ...]) -> None:
    a = numbers((5, 4, 3))
    found = execute(lambda x: Reduce.of(x, kind, axes), [a], [2])
    np.testing.assert_allclose(found, FOLDS[kind](a, axis=axes), rtol=1e-12)


@pytest.mark.parametrize("kind", FOLDS)
def test_fused_loops(kind: str) -> None:
    a, b = numbers((5, 4)), numbers((4,))
    source = [(0, 1), (1,)]

    def build(x: Node, y: Node) -> Node:
        return Fused.of(Map.of([x, y], source, (5, 4), call("subtract", X, Y)), kind, (0,))

    np.testing.assert_allclose(execute(build, [a, b], [2, 3]), FOLDS[kind](a - b, axis=0), rtol=1e-12)


@pytest.mark.parametrize("kind", ["max", "min", "sum"])
def test_reductions_propagate_nan(kind: str) -> None:
    a = numbers((6, 4))
    a[4, 1] = np.nan
    np.testing.assert_array_equal(np.isnan(execute(lambda x: Reduce.of(x, kind, (0,)), [a], [2])), [0, 1, 0, 0])


def test_reductions_skip_empty_blocks() -> None:
    a = numbers((5, 3))
    found = execute(lambda x: Reduce.of(x, "max", (0,)), [a], [((0, 2, 0, 3), (3,))])
    np.testing.assert_array_equal(found, a.max(axis=0))


@pytest.mark.parametrize("kind", ["sum", "prod", "any", "all"])
def test_reductions_of_nothing(kind: str) -> None:
    a = numbers((0, 3))
    np.testing.assert_array_equal(execute(lambda x: Reduce.of(x, kind, (0,)), [a], [2]), FOLDS[kind](a, axis=0))


KEYS = [
    ((1, 6, 2), (0, 5, 1)), ((6, -1, -1), (4, 0, -2)), (3, (1, 5, 3)), (6, 0), ((2, 2, 1), (0, 5, 1)),
    ((5, 1, -3), 4), ((0, 7, 1), (2, 3, 1)),
]  # fmt: skip


def as_index(key: Any) -> tuple[Any, ...]:
    return tuple(e if isinstance(e, int) else slice(e[0], None if e[1] < 0 else e[1], e[2]) for e in key)


@pytest.mark.parametrize("cut", [1, 2, 3, -1, ((0, 3, 4), (2, 0, 3))])
@pytest.mark.parametrize("key", KEYS)
def test_slices(key: Any, cut: Any) -> None:
    a = numbers((7, 5))
    np.testing.assert_array_equal(execute(lambda x: Slice.of(x, key), [a], [cut]), a[as_index(key)])


@pytest.mark.parametrize("cut", [1, 2, 3, -1])
@pytest.mark.parametrize("key", KEYS)
def test_updates(key: Any, cut: int) -> None:
    a = numbers((7, 5), "float32")
    value = numbers(np.shape(a[as_index(key)]))
    oracle = a.astype(float)
    oracle[as_index(key)] = value
    found = execute(lambda x, y: Update.of(x, y, key), [a, value], [cut, 1])
    np.testing.assert_array_equal(found, oracle)


@pytest.mark.parametrize("cut", [1, 2, 5, -1])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((12, 5), (60,)), ((60,), (12, 5)), ((6, 4), (8, 3)), ((2, 3, 4), (6, 4)), ((1, 6, 1), (6,)), ((6,), (2, 1, 3)),
        ((), (1, 1)), ((1,), ()), ((0, 3), (5, 0)), ((4, 6, 5), (24, 5, 1)), ((3, 8, 2), (3, 2, 8)),
    ],
)  # fmt: skip
def test_reshapes(old: tuple[int, ...], new: tuple[int, ...], cut: int) -> None:
    a = numbers(old)
    np.testing.assert_array_equal(execute(lambda x: Reshape.of(x, new), [a], [cut]), a.reshape(new))


def test_a_reshape_keeps_blocks() -> None:
    array = DASK.from_numpy(numbers((100, 20)), chunks=(10, 20))
    node = Reshape.of(Input.of(0, (100, 20), float), (2000,))
    assert DASK.kernel(node)(array).numblocks == (10,)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("middle", [0, 3])
def test_concatenations(axis: int, middle: int) -> None:
    shapes = [[4, 4], [4, 4], [4, 4]]
    shapes[1][axis] = middle
    arrays = [numbers(shapes[0], int), numbers(shapes[1]), numbers(shapes[2], "float32")]
    found = execute(lambda *parts: Concatenate.of(parts, axis), arrays, [2, 3, -1])
    np.testing.assert_array_equal(found, np.concatenate(arrays, axis=axis))


def test_leaves_are_cut_by_default() -> None:
    extent = 4201  # 141 MB of float64: more than one block
    fill = DASK.kernel(Fill.of((extent, extent), 2.5, float))()
    delta = DASK.kernel(Delta.of(extent, float))()
    assert fill.npartitions > 1
    assert delta.npartitions > 1
    part = [slice(2090, 2110)] * 2
    np.testing.assert_array_equal(delta[tuple(part)].compute(scheduler="sync"), np.eye(20))
    np.testing.assert_array_equal(fill[tuple(part)].compute(scheduler="sync"), np.full((20, 20), 2.5))


class Squares:
    """A generator that records the regions it is asked for."""

    def __init__(self) -> None:
        self.regions: list[Any] = []

    def generate(self, region: Any) -> np.ndarray[Any, Any]:
        self.regions.append(region)
        i, j = np.meshgrid(*(np.arange(*bounds) for bounds in region), indexing="ij")
        return i * 10000.0 + j


def test_a_generator_is_called_by_block() -> None:
    squares = Squares()
    region = ((0, 9000, 2), (5, 4505, 1))
    array = DASK.kernel(Generate.of(squares, region, float))()
    assert squares.regions == []
    assert array[2900, 2000].compute(scheduler="sync") == 2900 * 2 * 10000.0 + 2005
    assert len(squares.regions) == 1
    assert squares.regions[0] != region


class Broken:
    def generate(self, region: Any) -> Any:
        raise RuntimeError("no such integral")


def test_a_generator_that_raises_is_named() -> None:
    with pytest.raises(GeneratorError, match="no such integral"):
        execute(lambda: Generate.of(Broken(), ((0, 4, 1),), float), [], [])


def spd(*shape: int) -> np.ndarray[Any, Any]:
    a = numbers(shape)
    return a @ np.swapaxes(a, -1, -2) + 10 * np.eye(shape[-1])


@pytest.mark.parametrize("stack", [(), (3,), (0,)])
def test_decompositions_with_one_result(stack: tuple[int, ...]) -> None:
    a, b = spd(*stack, 4, 4), numbers((*stack, 4, 2))
    one = {"cholesky": np.linalg.cholesky, "inv": np.linalg.inv, "det": np.linalg.det}
    for name, oracle in one.items():
        np.testing.assert_allclose(execute(lambda x, n=name: Linalg.of(n, [x]), [a], [2]), oracle(a), rtol=1e-10)
    found = execute(lambda x, y: Linalg.of("solve", [x, y]), [a, b], [3, 2])
    np.testing.assert_allclose(found, np.linalg.solve(a, b), rtol=1e-10)
    found = execute(lambda x: Linalg.of("matrix_power", [x], 3), [a], [2])
    np.testing.assert_allclose(found, a @ a @ a, rtol=1e-10)


def test_solve_with_a_vector() -> None:
    a, b = spd(4, 4), numbers((4,))
    found = execute(lambda x, y: Linalg.of("solve", [x, y]), [a, b], [3, 2])
    np.testing.assert_allclose(found, np.linalg.solve(a, b), rtol=1e-10)


@pytest.mark.parametrize("name", ["qr", "svd", "eigh", "eig"])
@pytest.mark.parametrize("stack", [(), (3,)])
def test_decompositions_with_several_results(name: str, stack: tuple[int, ...]) -> None:
    a = spd(*stack, 4, 4)
    count = 3 if name == "svd" else 2
    source = Input.of(0, a.shape, a.dtype, ("dask", "cpu"))
    sinks = [Result.of(Linalg.of(name, [source]), i) for i in range(count)]
    plan = make_plan(OpGraph(sinks), [source], Options(backend="dask"))
    parts = [DASK.to_numpy(part) for part in plan.run(DASK.from_numpy(a, chunks=2))]
    assert [part.shape for part in parts] == [sink.shape for sink in sinks]
    if name == "qr":
        rebuilt = parts[0] @ parts[1]
    elif name == "svd":
        rebuilt = parts[0] * parts[1][..., None, :] @ parts[2]
    else:
        rebuilt = parts[1] * parts[0][..., None, :] @ np.linalg.inv(parts[1])
    np.testing.assert_allclose(rebuilt, a, rtol=1e-10, atol=1e-12)


def test_a_decomposition_that_fails_says_so() -> None:
    with pytest.raises(BackendError, match="cholesky"):
        execute(lambda x: Linalg.of("cholesky", [x]), [-np.eye(3)], [2])


def test_blocks_are_computed_by_the_inner_backend() -> None:
    a, b = numbers((6, 6)), numbers((6, 6))
    with dask.config.set({"tensorlayer.inner": "torch"}):
        found = execute(lambda x, y: Einsum.of([x, y], [[0, 1], [1, 2]], [0, 2]), [a, b], [3, 3])
        reversed_ = execute(lambda x: Slice.of(x, ((5, -1, -1), 2)), [a], [4])
    np.testing.assert_allclose(found, a @ b, rtol=1e-12)
    np.testing.assert_array_equal(reversed_, a[::-1, 2])


def test_several_results_share_work() -> None:
    squares = Squares()
    shared = Generate.of(squares, ((0, 3, 1), (0, 3, 1)), float)
    doubled = Map.of([shared], [(0, 1)], (3, 3), call("add", X, X))
    plan = make_plan(OpGraph([Reduce.of(doubled, "sum", (0,)), doubled]), [], Options(backend="dask"))
    total, whole = (DASK.to_numpy(result) for result in plan.run())
    np.testing.assert_array_equal(total, whole.sum(axis=0))
    assert len(squares.regions) == 1


def test_unknown_chunks_are_refused() -> None:
    import dask.array as da

    array = da.from_array(np.arange(6), chunks=3)
    with pytest.raises(ShapeError, match="compute_chunk_sizes"):
        DASK.shape_of(array[array > 2])


@pytest.mark.parametrize("chunks", [((3, 2), 4), 0, (4,), "many"])
def test_chunks_that_do_not_fit_are_refused(chunks: Any) -> None:
    with pytest.raises(ShapeError, match="does not cut shape"):
        DASK.from_numpy(np.ones((4, 4)), chunks=chunks)


def test_foreign_dask_graphs_are_read() -> None:
    import dask.array as da

    array = da.random.default_rng(1).random((8, 8), chunks=3) + da.ones((8, 8), chunks=2)
    node = Reduce.of(Input.of(0, (8, 8), float), "sum", (0, 1))
    found = DASK.to_numpy(DASK.kernel(node)(array))
    np.testing.assert_allclose(found, array.compute(scheduler="sync").sum(), rtol=1e-12)


def test_blocks_that_nobody_reads_are_not_computed() -> None:
    squares = Squares()
    with dask.config.set({"array.chunk-size": "128 B"}):
        whole = DASK.kernel(Generate.of(squares, ((0, 8, 1), (0, 8, 1)), float))()
    corner = DASK.kernel(Slice.of(Input.of(0, (8, 8), float), (0, (6, 8, 1))))(whole)
    assert whole.numblocks == (2, 2)
    np.testing.assert_array_equal(DASK.to_numpy(corner), [6, 7])
    assert squares.regions == [((0, 4, 1), (4, 8, 1))]
