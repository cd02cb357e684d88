"""Random graphs whose inputs declare symmetries and zeros, and arrays that have them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tensorlayer.graph import Convert, Einsum, Input, Map, Node, OpGraph, Reduce, Slice
from tensorlayer.scalar import argument, call, constant
from tensorlayer.shape import Nested
from tensorlayer.sparsity import ElementSparsity, Sparsity, TileSparsity
from tensorlayer.symmetry import Symmetry

X, Y = argument(0), argument(1)
UNARY = [
    call("negative", X),
    call("abs", X),
    call("square", X),
    call("conj", X),
    call("real", X),
    call("imag", X),
    call("multiply", constant(-2), X),
    call("multiply", constant(2j), X),
    call("add", X, constant(1)),
    call("pow", X, constant(3)),
    call("pow", X, constant(2)),
    call("sin", X),
    call("cos", X),
    call("divide", X, constant(4)),
    call("subtract", X, call("conj", X)),
]
BINARY = [
    call("add", X, Y),
    call("subtract", X, Y),
    call("add", X, call("conj", Y)),
    call("subtract", X, call("conj", Y)),
    call("multiply", X, Y),
    call("multiply", X, call("conj", Y)),
    call("abs", call("subtract", X, Y)),
    call("where", call("equal", X, Y), X, call("subtract", X, Y)),
    call("multiply", call("subtract", X, Y), call("add", Y, X)),
    call("add", call("multiply", constant(0.5), X), Y),
]
SYMMETRIES = {
    1: [None],
    2: [
        None,
        Symmetry.symmetric(2),
        Symmetry.antisymmetric(2),
        Symmetry.hermitian(2, 0, 1),
        Symmetry.antihermitian(2, 0, 1),
    ],
    3: [None, Symmetry.antisymmetric(3), Symmetry.symmetric(3, (0, 2)), Symmetry.hermitian(3, 1, 2)],
    4: [None, Symmetry.symmetric(4, [(0, 1), (2, 3)]), Symmetry.antisymmetric(4, (0, 1))],
}


def zeros_of(sparsity: Sparsity, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Where a sparsity says zero, element by element."""
    return np.array([sparsity.is_zero(i) for i in itertools.product(*map(range, shape))], bool).reshape(shape)


def declared_arrays(graph: OpGraph, seed: int) -> list[Any]:
    """Whole numbers with the symmetry and the zeros that every input declares."""
    rng = np.random.default_rng(seed)
    arrays: dict[int, Any] = {}
    for node in graph.inputs:
        array = 24 * rng.integers(-3, 4, node.shape).astype(node.dtype)
        if node.dtype.kind == "c":
            array = array + 24j * rng.integers(-3, 4, node.shape)
        if node.symmetry is not None:
            array = node.symmetry.transform(array).astype(node.dtype)
        if node.sparsity is not None:
            array[zeros_of(node.sparsity, node.shape)] = 0
        arrays[node.key] = array
    return [arrays.get(key) for key in range(max(arrays, default=-1) + 1)]


Labelled = tuple[Node, tuple[int, ...]]


@st.composite
def declared_graphs(draw: st.DrawFn) -> OpGraph:
    """One to six operations on up to three inputs; labels 0 and 1 have one extent, 2 and 3 another."""
    first, second = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    extents = [first, first, second, second]
    pool = [_input(draw, key, extents) for key in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 6))):
        pool.append(draw(st.sampled_from([_einsum, _einsum, _einsum, _map, _map, _other]))(draw, pool, extents))
    return OpGraph([node for node, _ in draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2))])


def _input(draw: st.DrawFn, key: int, extents: list[int]) -> Labelled:
    labels = tuple(draw(st.sampled_from([(0, 1), (0, 2), (2, 3), (0,), (0, 1, 2), (0, 2, 3), (0, 2, 1, 3)])))
    shape = tuple(extents[x] for x in labels)
    fitting = [s for s in SYMMETRIES[len(labels)] if s is None or _fits(s, shape)]
    symmetry = draw(st.sampled_from(fitting))
    sparsity = None if symmetry is not None else draw(st.sampled_from([None, *_sparsities(draw, shape)]))
    dtype = draw(st.sampled_from(["float64", "complex128"]))
    return Input.of(key, shape, dtype, symmetry=symmetry, sparsity=sparsity), labels


def _fits(symmetry: Symmetry, shape: tuple[int, ...]) -> bool:
    return all(len({shape[m] for m in orbit}) == 1 for orbit in symmetry.mode_orbits)


def _sparsities(draw: st.DrawFn, shape: tuple[int, ...]) -> list[Sparsity]:
    tiling = Nested.from_tiling(shape, [draw(st.integers(1, 3)) for _ in shape])
    tiles = draw(st.lists(st.sampled_from(list(tiling.outer.offsets())), max_size=4, unique=True))
    elements = draw(st.lists(st.sampled_from(list(itertools.product(*map(range, shape)))), max_size=4))
    return [TileSparsity(tiling, tiles), ElementSparsity(shape, elements)]


def _einsum(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    chosen = [
        (node, _relabelled(draw, labels))
        for node, labels in draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))
    ]
    if sum(node.ndim for node, _ in chosen) > 7:
        chosen = chosen[:1]
    present = sorted({x for _, labels in chosen for x in labels})
    output = tuple(draw(st.lists(st.sampled_from(present), unique=True, max_size=4))) if present else ()
    return Einsum.of([node for node, _ in chosen], [labels for _, labels in chosen], output), tuple(
        x % 4 for x in output
    )


def _relabelled(draw: st.DrawFn, labels: tuple[int, ...]) -> tuple[int, ...]:
    """Other labels of the same extents: 0, 1, 4, 5 and 2, 3, 6, 7."""
    return tuple(draw(st.sampled_from([0, 1, 4, 5] if x < 2 else [2, 3, 6, 7])) for x in labels)


def _map(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    distinct = [entry for entry in pool if len(set(entry[1])) == len(entry[1])]
    if not distinct:
        return pool[0]
    node, labels = draw(st.sampled_from(distinct))
    if draw(st.booleans()):
        return Map.of([node], [range(node.ndim)], node.shape, draw(st.sampled_from(UNARY))), labels
    other, theirs = draw(
        st.sampled_from([(node, labels), (node, tuple({0: 1, 1: 0, 2: 3, 3: 2}[x] for x in labels)), *distinct])
    )
    output = tuple(draw(st.permutations(sorted({*labels, *theirs}))))
    axes = [[output.index(x) for x in own] for own in (labels, theirs)]
    return Map.of([node, other], axes, [extents[x] for x in output], draw(st.sampled_from(BINARY))), output


def _other(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    node, labels = draw(st.sampled_from(pool))
    kind = draw(st.sampled_from(["chip", "sum", "max", "prod", "convert"]))
    if kind == "convert":
        return Convert.of(node, ("numpy", "cpu")), labels
    axes = draw(st.lists(st.sampled_from(range(node.ndim)), unique=True, min_size=1)) if node.ndim else []
    kept = tuple(x for a, x in enumerate(labels) if a not in axes)
    if kind == "chip":
        return Slice.of(node, tuple(n - 1 if a in axes else (0, n, 1) for a, n in enumerate(node.shape))), kept
    return Reduce.of(node, "sum" if kind == "max" and node.dtype.kind == "c" else kind, axes), kept
