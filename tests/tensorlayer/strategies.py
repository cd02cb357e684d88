"""Hypothesis strategies: random graphs over random inputs, of every dense operation and element type."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tensorlayer.errors import TensorlayerError
from tensorlayer.graph import Concatenate, Delta, Einsum, Fill, Input, Map, Node, OpGraph, Reduce, Reshape, Slice
from tensorlayer.scalar import argument, call, constant

DTYPES = ("float64", "complex128", "float32", "int64", "int8", "uint8", "bool")
Labelled = tuple[Node, tuple[int, ...]]
X, Y = argument(0), argument(1)
UNARY = [
    call("negative", X),
    call("abs", X),
    call("square", X),
    call("multiply", constant(2), X),
    call("multiply", X, constant(0.5)),
    call("multiply", constant(1), X),
    call("divide", X, constant(1)),
    call("divide", X, constant(4.0)),
    call("multiply", constant(2j), X),
    call("add", X, constant(1)),
    call("multiply", call("greater", X, constant(0)), constant(1)),
    call("negative", call("negative", X)),
    ("astype", X, "float64"),
]
BINARY = [
    call("add", X, Y),
    call("multiply", X, Y),
    call("multiply", Y, X),
    call("subtract", X, Y),
    call("maximum", X, Y),
    call("add", call("multiply", constant(0.5), X), Y),
]


def arrays_for(graph: OpGraph, seed: int, *, nan: bool = False) -> list[np.ndarray[Any, Any]]:
    """Small whole numbers, so that the order of summation changes nothing; some NaN if asked."""
    rng = np.random.default_rng(seed)
    arrays: dict[int, Any] = {}
    for node in graph.inputs:
        array = rng.integers(0 if node.dtype.kind in "bu" else -3, 4, node.shape).astype(node.dtype)
        if node.dtype.kind == "c":
            array = np.asarray(array + 1j * rng.integers(-3, 4, node.shape), node.dtype)
        if nan and node.dtype.kind in "fc":
            array[rng.random(node.shape) < 0.1] = np.nan
        arrays[node.key] = array
    return [arrays.get(key) for key in range(max(arrays, default=-1) + 1)]


@st.composite
def graphs(draw: st.DrawFn, *, deltas: bool = True, dtypes: tuple[str, ...] = DTYPES) -> OpGraph:
    """A graph of one to eight operations over up to four inputs; one to three results."""
    extents = draw(st.lists(st.sampled_from([0, 1, 2, 2, 3, 3]), min_size=4, max_size=4))
    pool: list[Labelled] = [_input(draw, i, extents, dtypes) for i in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, 8))):
        try:
            pool.append(
                draw(st.sampled_from([_einsum, _einsum, _map, _map, _reduce, _move, _leaf]))(draw, pool, extents)
            )
        except TensorlayerError:  # this element type has no such operation
            continue
    if not deltas:
        pool = [entry for entry in pool if not _has_delta(entry[0])]
    sinks = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))
    return OpGraph([node for node, _ in sinks])


def _has_delta(node: Node) -> bool:
    return isinstance(node, Delta) or any(map(_has_delta, node.inputs))


def _input(draw: st.DrawFn, key: int, extents: list[int], dtypes: tuple[str, ...]) -> Labelled:
    labels = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    return Input.of(key, tuple(extents[x] for x in labels), draw(st.sampled_from(dtypes))), labels


def _einsum(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
    present = sorted({x for _, labels in chosen for x in labels})
    output = tuple(draw(st.lists(st.sampled_from(present), unique=True))) if present else ()
    return Einsum.of([node for node, _ in chosen], [labels for _, labels in chosen], output), output


def _map(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    body = draw(st.sampled_from(UNARY + BINARY))
    distinct = [(node, labels) for node, labels in pool if len(set(labels)) == len(labels)]
    if not distinct:
        return pool[0]
    operands = [draw(st.sampled_from(distinct)) for _ in range(1 + (body in BINARY))]
    output = tuple(draw(st.permutations(sorted({x for _, labels in operands for x in labels}))))
    axes = [[output.index(x) for x in labels] for _, labels in operands]
    return Map.of([node for node, _ in operands], axes, [extents[x] for x in output], body), output


def _reduce(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    node, labels = draw(st.sampled_from(pool))
    axes = draw(st.lists(st.sampled_from(range(node.ndim)), unique=True)) if node.ndim else []
    kind = draw(st.sampled_from(["sum", "prod", "max", "min", "any", "all"]))
    return Reduce.of(node, kind, axes), tuple(x for a, x in enumerate(labels) if a not in axes)


def _move(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    node, labels = draw(st.sampled_from(pool))
    kind = draw(st.sampled_from(["all", "halves", "reshape", "reverse"]))
    if kind == "reshape":
        return Reshape.of(Reshape.of(node, (node.size,)), node.shape), labels
    if kind == "halves" and node.ndim:
        axis = draw(st.integers(0, node.ndim - 1))
        middle = node.shape[axis] // 2
        return Concatenate.of([_part(node, axis, 0, middle), _part(node, axis, middle, node.shape[axis])], axis), labels
    if kind == "reverse" and node.ndim:
        backward = tuple((n - 1, -1, -1) for n in node.shape)
        return Slice.of(node, backward), labels
    return Slice.of(node, tuple((0, n, 1) for n in node.shape)), labels


def _part(node: Node, axis: int, start: int, stop: int) -> Node:
    return Slice.of(node, tuple((start, stop, 1) if a == axis else (0, n, 1) for a, n in enumerate(node.shape)))


def _leaf(draw: st.DrawFn, pool: list[Labelled], extents: list[int]) -> Labelled:
    label, dtype = draw(st.integers(0, 3)), draw(st.sampled_from(["float64", "int64"]))
    if draw(st.booleans()):
        return Fill.of((extents[label],), draw(st.sampled_from([0, 1, 3])), dtype), (label,)
    other = draw(st.sampled_from([x for x in range(4) if extents[x] == extents[label]]))
    return Delta.of(extents[label], dtype), (label, other)
